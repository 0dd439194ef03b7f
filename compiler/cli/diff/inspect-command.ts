import { Option } from '@commander-js/extra-typings';
import { Examiner } from '../../diff/diff-models.ts';
import { comparisonRows, renderComparison } from '../../diff/render/compare.ts';
import { renderInspection } from '../../diff/render/inspect.ts';
import { markdownTable } from '../../diff/render/markdown.ts';
import type { ModelFacts } from '../../diff/report.ts';
import { COMPILER_VERSION } from '../../version.ts';
import { type Colors, colorsFor } from '../colors.ts';
import type { CommandIo } from '../command-io.ts';
import { newCommand } from '../new-command.ts';
import { readSide } from '../sides/read-side.ts';
import { DIFF_EXIT } from './exit-codes.ts';
import { reportUnreadable } from './report-unreadable.ts';

const SIDES = `
A model is named by a .mae file, a folder of them, a generated folder or its spec.json, a checkpoint
(.safetensors), or any of these but checkpoints in git as REVISION:PATH. file.mae#NAME is one of several.

Exit codes: 0 fine, 2 the command line is wrong or a model cannot be read.`;

type Render = (models: readonly ModelFacts[], colors: Colors) => string;

const asJson: Render = (models) =>
  JSON.stringify({ version: 1, compiler: COMPILER_VERSION, models }, undefined, 2);

const asColumns: Render = (models) =>
  markdownTable(
    ['', ...models.map(({ name }) => name)],
    comparisonRows(models).map((row) => row.map((cell) => cell.trim())),
  );

const inspectFormats = {
  text: (models, { bold, dim }) => models.map((facts) => renderInspection(facts, bold, dim)).join('\n\n'),
  json: asJson,
} as const satisfies Readonly<Record<string, Render>>;

const compareFormats = {
  text: (models, { bold, dim }) => renderComparison(models, bold, dim),
  json: asJson,
  markdown: asColumns,
} as const satisfies Readonly<Record<string, Render>>;

const namesOf = <Name extends string>(formats: Readonly<Record<Name, Render>>) =>
  Object.keys(formats) as Name[];

/** `mae inspect`: one model as a tree of modules, with shapes, parameters and FLOPs. */
export function inspectCommand(io: CommandIo, end: (exitCode: number) => void) {
  return newCommand('inspect', io)
    .summary('show a model as a tree of modules with shapes, parameters and FLOPs')
    .description('Shows a model as a tree of modules with shapes, parameters and FLOPs.')
    .usage('MODEL [options]')
    .argument('<model>', 'what to inspect; of a folder, all models')
    .addOption(
      new Option('--format <format>', 'how it is printed')
        .choices(namesOf(inspectFormats))
        .default('text' as const),
    )
    .addHelpText('after', `\nExample: mae inspect spec/vit-base.mae\n${SIDES}`)
    .action(async (model, { format }) => end(await show([model], inspectFormats[format], io)));
}

/** `mae compare`: several models side by side. */
export function compareCommand(io: CommandIo, end: (exitCode: number) => void) {
  return newCommand('compare', io)
    .summary('show what several models cost, side by side')
    .description('Shows what several models cost, side by side; percentages are against the first.')
    .usage('MODEL... [options]')
    .argument('<models...>', 'what to compare; of a folder, all models')
    .addOption(
      new Option('--format <format>', 'how it is printed')
        .choices(namesOf(compareFormats))
        .default('text' as const),
    )
    .addHelpText(
      'after',
      `\nExample: mae compare spec/vit-base.mae spec/vit-large.mae spec/vit-huge.mae\n${SIDES}`,
    )
    .action(async (models, { format }) => end(await show(models, compareFormats[format], io)));
}

async function show(labels: readonly string[], render: Render, io: CommandIo): Promise<number> {
  try {
    const examiner = new Examiner();
    const sides = await Promise.all(labels.map((label) => readSide(label)));
    const models = sides.flatMap((side) => side.models.map((model) => examiner.examine(side, model).facts));
    io.stdout.write(`${render(models, colorsFor(io.stdout))}\n`);
    return DIFF_EXIT.fine;
  } catch (error) {
    reportUnreadable(error, io);
    return DIFF_EXIT.unreadable;
  }
}
