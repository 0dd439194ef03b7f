import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import {
  type CompiledClassifierRecipe,
  type CompiledRecipe,
  compiledSpecSchema,
} from '../model/compiled-spec.ts';
import type { ClassifierTraining, Training } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { CLASSIFIER_HELP, classifyHelp, requireStart, withClassifyOptions } from './classify-options.ts';
import { processIo } from './command-io.ts';
import { quoted } from './continue-command.ts';
import { EXIT } from './exit-codes.ts';
import { pretrainHelp } from './pretrain-help.ts';
import { runClassify } from './run-classify.ts';
import { newCommand, runCommandLine } from './run-command-line.ts';
import { runPretrain } from './run-pretrain.ts';
import { withTrainingOptions } from './training-options.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** What a generated trainer gives. */
export interface GeneratedTrainer<Recipe> {
  /** Folder of the compiled model, where its spec.json is. */
  readonly directory: URL;
  /** In place of the recipe in spec.json. */
  readonly recipe?: DeepReadonly<Recipe>;
  /** Arguments of the command line, without the program. */
  readonly argv: readonly string[];
}

/**
 * The whole of a generated trainer: reads the command line, pretrains, and sets the exit code of the process. Errors are printed, not
 * thrown.
 */
export async function runPretraining(trainer: GeneratedTrainer<CompiledRecipe>): Promise<void> {
  const { io, folder, start, argv } = open('pretrain', trainer);
  let exitCode: number = EXIT.fine;
  const command = withTrainingOptions(newCommand(start, io))
    .description('Pretrains the masked autoencoder of this folder on pictures.')
    .usage('--data <path> [options]')
    .addHelpText('after', pretrainHelp(start))
    .action(async (values) => {
      const recipe = checkedRecipe(trainer.recipe, recipes.pretrain);
      exitCode = await runPretrain({ directory: folder, ...recipe, values, start, argv, io });
    });
  process.exitCode = await runCommandLine(command, argv, io, () => exitCode);
}

/** As `runPretraining`, of fine-tuning. */
export function runFinetuning(trainer: GeneratedTrainer<CompiledClassifierRecipe>): Promise<void> {
  return runClassifying('finetune', trainer);
}

/** As `runPretraining`, of linear probing. */
export function runLinearProbing(trainer: GeneratedTrainer<CompiledClassifierRecipe>): Promise<void> {
  return runClassifying('linear-probe', trainer);
}

async function runClassifying(
  training: ClassifierTraining,
  trainer: GeneratedTrainer<CompiledClassifierRecipe>,
): Promise<void> {
  const { io, folder, start, argv } = open(training, trainer);
  let exitCode: number = EXIT.fine;
  const command = withClassifyOptions(newCommand(start, io))
    .description(CLASSIFIER_HELP[training].description)
    .usage('--data <path> (--from <weights> | --scratch) [options]')
    .addHelpText('after', classifyHelp(start))
    .action(async (values, command) => {
      requireStart(values, command);
      const recipe = checkedRecipe(trainer.recipe, recipes.finetune.unwrap());
      exitCode = await runClassify({ directory: folder, training, ...recipe, values, start, argv, io });
    });
  process.exitCode = await runCommandLine(command, argv, io, () => exitCode);
}

const recipes = compiledSpecSchema.shape.recipes.shape;

function open(
  training: Training,
  { directory, argv }: Pick<GeneratedTrainer<unknown>, 'directory' | 'argv'>,
) {
  const folder = fileURLToPath(directory);
  const path = join(relative(process.cwd(), folder), `${training}.js`).split(sep).join('/');
  return { io: processIo(), folder, start: `node ${quoted(path)}`, argv };
}

/** The trainer is there to be edited: a slip in its recipe is the user's, and is told as such. */
function checkedRecipe<Recipe>(recipe: unknown, schema: z.ZodType<Recipe>): { recipe?: Recipe } {
  if (recipe === undefined) return {};
  const parsed = schema.safeParse(recipe);
  if (parsed.success) return { recipe: parsed.data };
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UserError(
    `the recipe of the trainer is wrong in ${wrong.join('; ')}`,
    'compare it with spec.json',
  );
}
