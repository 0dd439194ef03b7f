import { counted } from '../../language/words.ts';
import type { Change, DiffReport, ModelDiff, OnnxDiff } from '../report.ts';
import { sameBits } from '../weights/compare-numbers.ts';
import { costFootnote, costRows, moduleColumns, moduleRows } from './cost-rows.ts';
import { answerOf, comparedBy, describePlace, verdict } from './text.ts';
import {
  allKept,
  fateCounts,
  onnxFateCounts,
  onnxWeightRows,
  type WeightRow,
  weightRows,
} from './weight-rows.ts';

/** The report to paste in a pull request: changes first, tables folded away. */
export function renderMarkdown(report: DiffReport): string {
  const { old, new: now, models } = report;
  const differing = models.filter(({ status }) => status !== 'same');
  const same = models.length - differing.length;
  return [
    `### ${code(old.label)} → ${code(now.label)}`,
    `**${verdict(report)}**`,
    ...differing.flatMap(renderModel),
    ...(report.onnx === undefined ? [] : renderOnnx(report.onnx)),
    ...(same > 0 && differing.length > 0 ? [`${counted(same, 'model', 'models')} the same.`] : []),
  ].join('\n\n');
}

function renderModel(model: ModelDiff): string[] {
  const { old, new: now, status, changes, weights, modules } = model;
  const renamed = old !== null && now !== null && old.name !== now.name;
  const names = renamed ? `${code(old.name)} → ${code(now.name)}` : code((now ?? old)?.name ?? '');
  const head = `#### ${names}${status === 'changed' ? '' : ` (${status})`}`;
  const table = changeTable(changes);
  if (old === null || now === null) return [head, table];
  const rows = weightRows(weights);
  const bits = sameBits(weights);
  return [
    head,
    table,
    rows.length === 0
      ? `All ${weights.length} tensors are kept${bits === undefined ? '' : `; ${bits}`}.`
      : folded(`Weights: ${allKept(weights) ?? fateCounts(weights)}`, weightTable(rows)),
    folded(
      'Cost',
      [
        markdownTable(['', 'old', 'new', ''], costRows(old.cost, now.cost).map(escaped)),
        markdownTable(moduleColumns, moduleRows(modules, 2).map(escaped)),
        costFootnote,
      ].join('\n\n'),
    ),
  ];
}

function changeTable(changes: readonly Change[]): string {
  return markdownTable(
    ['class', 'rule', 'what it does', 'where'],
    changes.map((change) => [change.class, code(change.rule), literal(change.message), placesOf(change)]),
  );
}

function renderOnnx(onnx: OnnxDiff): string[] {
  const { changes, operators, weights } = onnx;
  const answer = answerOf(onnx);
  const rows = onnxWeightRows(weights);
  const summary = `Weights, ${comparedBy(onnx)}: ${onnxFateCounts(weights)}`;
  const differing = operators.filter((row) => row.old !== row.new);
  return [
    ...(answer === undefined ? [] : [literal(answer)]),
    ...(changes.length === 0 ? [] : [changeTable(changes)]),
    ...(differing.length === 0
      ? []
      : [
          folded(
            'Operators',
            markdownTable(
              ['', 'old', 'new'],
              differing.map(({ type, old, new: now }) => [type, String(old), String(now)]),
            ),
          ),
        ]),
    ...(weights.length === 0 ? [] : [rows.length === 0 ? `${summary}.` : folded(summary, weightTable(rows))]),
  ];
}

function weightTable(weights: readonly WeightRow[]): string {
  const rows = weights.map(({ fate, names, shapes, note }) => [fate, code(names), shapes, literal(note)]);
  return markdownTable(['fate', 'tensors', 'shape', ''], rows);
}

function folded(summary: string, content: string): string {
  return `<details><summary>${literal(summary)}</summary>\n\n${content}\n\n</details>`;
}

function placesOf({ at }: Change): string {
  const places = [at.old, at.new];
  if (places.every((place) => place === null)) return '';
  return places.map((place) => (place === null ? 'default' : code(describePlace(place)))).join(' → ');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function escaped(cells: readonly string[]): string[] {
  return cells.map((cell) => literal(cell.replace(/^ +/, (blanks) => '&nbsp;'.repeat(blanks.length))));
}

/** Text that stands for itself in a cell of a table. */
function literal(text: string): string {
  return text.replace(/[\\|*_<>`[\]]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));
}

function code(text: string): string {
  return `\`${text.replaceAll('`', 'ˋ').replaceAll('|', '\\|')}\``;
}
