import { displayWidth } from '../../language/display.ts';
import { type ChangeClass, changeClasses } from '../../language/schema/change-class.ts';
import { counted, listOf } from '../../language/words.ts';
import type { Change, DiffReport, ModelDiff, OnnxDiff, PlaceInFile } from '../report.ts';
import { sameBits } from '../weights/compare-numbers.ts';
import { alignColumns, WIDTH, wrap } from './columns.ts';
import { costFootnote, costRows, moduleColumns, moduleRows } from './cost-rows.ts';
import {
  allKept,
  fateCounts,
  onnxFateCounts,
  onnxWeightRows,
  type WeightRow,
  weightRows,
} from './weight-rows.ts';

/** How the parts of the text are coloured. */
export interface DiffPalette {
  readonly classes: Readonly<Record<ChangeClass, (text: string) => string>>;
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

const plain = (text: string) => text;

export const plainDiffPalette: DiffPalette = {
  classes: { weights: plain, io: plain, numerics: plain, recipe: plain, cosmetic: plain },
  heading: plain,
  faint: plain,
};

/** Columns of the class before a change. */
const MARGIN = 10;

/** The report for people, in 100 columns. */
export function renderText(report: DiffReport, palette: DiffPalette = plainDiffPalette): string {
  const { heading } = palette;
  const differing = report.models.filter(({ status }) => status !== 'same');
  const same = report.models.length - differing.length;
  const blocks = differing.map((model) => renderModel(model, palette));
  if (report.onnx !== undefined) blocks.push(...renderOnnx(report.onnx, palette));
  const unchanged = same > 0 && differing.length > 0 ? [`${counted(same, 'model', 'models')} the same`] : [];
  return [
    wrap(`${report.old.label} → ${report.new.label}`, WIDTH).map(heading).join('\n'),
    ...blocks,
    [...unchanged, verdict(report, palette)].join('\n'),
  ].join('\n\n');
}

/** "9 changes: 3 weights, 1 io, 5 recipe", or that there are none. */
export function verdict(
  { counts, models, onnx }: DiffReport,
  palette: DiffPalette = plainDiffPalette,
): string {
  const present = changeClasses.filter((grade) => counts[grade] > 0);
  const total = present.reduce((sum, grade) => sum + counts[grade], 0);
  if (total === 0) return sameVerdict(models, onnx);
  const parts = present.map((grade) => palette.classes[grade](`${counts[grade]} ${grade}`));
  return `${counted(total, 'change', 'changes')}: ${listOf(parts)}`;
}

function sameVerdict(models: DiffReport['models'], onnx: OnnxDiff | undefined): string {
  const files = onnx?.exportedFrom ? 'ONNX file and checkpoint' : 'ONNX files';
  const what = onnx === undefined ? counted(models.length, 'model', 'models') : files;
  const bits = models.length === 1 ? sameBits(models[0]?.weights ?? []) : undefined;
  return `the same: ${what}, nothing differs${bits === undefined ? '' : `; of its tensors ${bits}`}`;
}

/** Whether a file was compiled from a spec or exported from a checkpoint, what differs, and the tables of what is in the files. */
function renderOnnx(onnx: OnnxDiff, palette: DiffPalette): string[] {
  const { changes, operators, weights } = onnx;
  const { heading, faint } = palette;
  const answer = answerOf(onnx);
  const differing = operators.filter((row) => row.old !== row.new);
  const table = alignColumns(
    [
      ['operators', 'old', 'new'],
      ...differing.map(({ type, old, new: now }) => [type, String(old), String(now)]),
    ],
    ['left', 'right', 'right'],
  );
  const [head = '', ...rows] = table;
  return [
    ...(answer === undefined ? [] : [wrap(answer, WIDTH).map(heading).join('\n')]),
    ...(changes.length === 0 ? [] : [changes.map((change) => renderChange(change, palette)).join('\n')]),
    ...(differing.length === 0 ? [] : [[heading(head), ...rows].join('\n')]),
    ...(weights.length === 0
      ? []
      : [
          [
            `${heading('weights')}  ${onnxFateCounts(weights)} ${faint(`(${comparedBy(onnx)})`)}`,
            ...weightLines(onnxWeightRows(weights), palette),
          ].join('\n'),
        ]),
  ];
}

/** Whether a file was exported from a checkpoint, or compiled from a spec; undefined where neither is asked. */
export function answerOf({ exportedFrom, compiledFrom }: OnnxDiff): string | undefined {
  return (exportedFrom ?? compiledFrom)?.answer;
}

/** How weights of ONNX files were compared. */
export function comparedBy({ exportedFrom }: OnnxDiff): string {
  return exportedFrom === null ? 'by shape, and by the SHA-256 of the numbers' : 'number by number';
}

function renderModel(model: ModelDiff, palette: DiffPalette): string {
  const { old, new: now, status, changes } = model;
  const names =
    old !== null && now !== null && old.name !== now.name ? `${old.name} → ${now.name}` : (now ?? old)?.name;
  const head = `${names}${status === 'changed' ? '' : ` (${status})`}`;
  const listed = changes.map((change) => renderChange(change, palette)).join('\n');
  if (old === null || now === null) return [palette.heading(head), listed].join('\n');
  return [
    [palette.heading(head), listed].join('\n'),
    ...renderWeights(model, palette),
    ...renderCosts(model, palette),
  ].join('\n\n');
}

function renderChange({ class: grade, rule, message, at }: Change, palette: DiffPalette): string {
  const places = [at.old, at.new].map((place) => (place === null ? 'default' : describePlace(place)));
  const where = at.old === null && at.new === null ? '' : `  ${places.join(' → ')}`;
  const fits = MARGIN + rule.length + where.length <= WIDTH;
  const indent = ' '.repeat(MARGIN);
  return [
    `${palette.classes[grade](grade.padEnd(MARGIN))}${rule}${fits ? palette.faint(where) : ''}`,
    ...wrap(message, WIDTH - MARGIN).map((line) => indent + line),
  ].join('\n');
}

/** "main:spec/vit-base.mae:8". */
export function describePlace({ file, revision, line }: PlaceInFile): string {
  return `${revision === undefined ? '' : `${revision}:`}${file}:${line}`;
}

function renderWeights({ weights }: ModelDiff, palette: DiffPalette): string[] {
  const summary = allKept(weights) ?? fateCounts(weights);
  const head = `${palette.heading('weights')}  ${summary}`;
  return [[head, ...weightLines(weightRows(weights), palette)].join('\n')];
}

/** Rows of a table of weights, with what there is to say of them behind them or below. */
function weightLines(weightRows: readonly WeightRow[], { faint }: DiffPalette): string[] {
  const rows = weightRows.map(({ fate, names, shapes, note }) => {
    const [name = '', ...rest] = wrap(names, 46);
    return { cells: ['', fate, name, shapes], rest, note };
  });
  const lines = alignColumns(
    rows.map(({ cells }) => cells),
    ['left', 'left', 'left', 'left'],
  );
  return lines.flatMap((line, index) => {
    const { note = '', rest = [] } = rows[index] ?? {};
    const noted = note === '' ? line : `${line}  ${note}`;
    const fits = noted.length <= WIDTH;
    const further = [...rest, ...(fits || note === '' ? [] : [note])].map((part) => `      ${part}`);
    return [fits ? noted : line, ...further.map(faint)];
  });
}

/** How deep the table of modules goes: the encoder, what it is made of. */
const DEEPEST = 2;

function renderCosts({ old, new: now, modules }: ModelDiff, { heading, faint }: DiffPalette): string[] {
  if (old === null || now === null) return [];
  const costs = costRows(old.cost, now.cost);
  const changed = costs.filter(([, , , change]) => change !== '=');
  if (changed.length === 0) return [`${heading('cost')}     the same`];
  const table = alignColumns([['cost', 'old', 'new', ''], ...costs], ['left', 'right', 'right', 'right']);
  const detail = moduleTable(modules);
  const block = ([first = '', ...rest]: readonly string[]) => [heading(first), ...rest].join('\n');
  return [`${block(table)}\n${faint(costFootnote)}`, block(detail)];
}

/** As many columns as fit: parameters, then FLOPs, then activations, each with its relative change. */
function moduleTable(modules: ModelDiff['modules']): string[] {
  const rows = [moduleColumns, ...moduleRows(modules, DEEPEST)];
  const tableOf = (columns: number) =>
    alignColumns(
      rows.map((row) => row.slice(0, columns)),
      moduleColumns.slice(0, columns).map((_, column) => (column === 0 ? 'left' : 'right')),
    );
  const fitting = [moduleColumns.length, 5].map(tableOf);
  return fitting.find((lines) => lines.every((line) => displayWidth(line) <= WIDTH)) ?? tableOf(3);
}
