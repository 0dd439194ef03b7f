import { access } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { loadSpec } from '../model/load-spec.ts';
import { UserError } from '../user-error.ts';
import { saveCheckpoint } from '../weights/checkpoint.ts';
import {
  findCheckpoint,
  migrateCheckpoint,
  planFor,
  targetFor,
} from '../weights/migrate/migrate-checkpoint.ts';
import type { MigrationFate, MigrationPlan } from '../weights/migrate/plan-migration.ts';
import type { CommandIo } from './command-io.ts';
import { newCommand } from './run-command-line.ts';

const HELP = `
Examples:
  mae migrate runs/a/checkpoint.safetensors --to generated/vit-new --dry-run
  mae migrate runs/a/checkpoint.safetensors --to generated/vit-new --out runs/b/checkpoint.safetensors

Tensors of the same name and shape are kept, with their optimizer state; learned positions of another grid
are interpolated; learned tokens, input channels and classes are sliced or extended; the rest is drawn anew. Running means (EMA) become what
their parameters become.
Of a classifier, fine-tuned or probed, the new model must have the same sort. The old checkpoint stays as it is. mae diff shows what differs between the two models.`;

/** How the command names what becomes of tensors, in the order in which it lists them. */
const FATES: Readonly<Record<MigrationFate, string>> = {
  kept: 'kept',
  interpolated: 'interpolated',
  sliced: 'sliced',
  extended: 'extended',
  computed: 'computed anew',
  drawn: 'drawn anew',
};

/** `mae migrate`: a checkpoint of one model as a checkpoint of another. */
export function migrateCommand(io: CommandIo) {
  return newCommand('migrate', io)
    .summary('carry a checkpoint over into a changed model')
    .description('Carries a checkpoint over into a changed model, with what fits of its optimizer state.')
    .usage('<checkpoint> --to <model> [options]')
    .argument('<checkpoint>', 'a checkpoint that mae pretrain, finetune or linear-probe wrote')
    .requiredOption('--to <model>', 'folder of the new compiled model, such as generated/vit-new (required)')
    .option('--out <file>', 'the file to write (default: beside the checkpoint, with the name of the model)')
    .option('--dry-run', 'tell what would become of the tensors; write nothing')
    .addHelpText('after', HELP)
    .action(async (checkpoint, { to, out, dryRun }) => {
      const spec = await loadSpec(to);
      const found = await findCheckpoint(checkpoint);
      const target = targetFor(found, spec);
      const plan = planFor(found, target);
      io.stdout.write(describePlan(plan, found.averaged));
      if (dryRun === true) return;
      const file = out ?? besideOf(checkpoint, spec.model.name);
      await refuseExisting(file);
      await saveCheckpoint(file, await migrateCheckpoint(found, plan, target));
      io.stdout.write(`${'wrote'.padEnd(COLUMN)}${file}\n`);
    });
}

/** A line for each fate: how many tensors, and which where they are no more than a few kinds; and one for running means. */
function describePlan({ planned, dropped }: MigrationPlan, averaged: boolean): string {
  const lines = Object.entries(FATES).flatMap(([fate, label]) => {
    const names = planned.filter((tensor) => tensor.fate === fate).map(({ parameter }) => parameter.name);
    return names.length === 0 ? [] : [line(label, names)];
  });
  return [
    ...lines,
    ...(dropped.length > 0 ? [line('dropped', dropped)] : []),
    ...(averaged ? [`${'running means'.padEnd(COLUMN)}go along with the parameters (EMA)\n`] : []),
  ].join('');
}

const LISTED = 6;
/** Where the text begins behind a label. */
const COLUMN = 16;

function line(label: string, names: readonly string[]): string {
  const kinds = [...new Set(names.map((name) => name.replace(/\.\d+\./, '.*.')))];
  const more = kinds.length > LISTED ? ', …' : '';
  const count = `${names.length} ${names.length === 1 ? 'tensor' : 'tensors'}`;
  return `${label.padEnd(COLUMN)}${count}: ${kinds.slice(0, LISTED).join(', ')}${more}\n`;
}

function besideOf(checkpoint: string, model: string): string {
  const extension = extname(checkpoint);
  return join(dirname(checkpoint), `${basename(checkpoint, extension)}-${model}${extension}`);
}

/** Nothing that someone has trained is overwritten. */
async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new UserError(`${path} exists already`, 'choose another file with --out');
}
