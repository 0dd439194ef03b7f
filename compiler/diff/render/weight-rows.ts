import { counted } from '../../language/words.ts';
import {
  type NumberDifference,
  type OnnxWeightChange,
  onnxFates,
  type Tensor,
  type TensorChange,
  tensorFates,
} from '../report.ts';
import { sameBits } from '../weights/compare-numbers.ts';
import { describeLargest, joinDifferences } from '../weights/numbers.ts';

/** What a table of weights lists: a tensor of two models, or of ONNX files. */
interface Listed {
  readonly network?: string;
  readonly fate: string;
  readonly old: Tensor | null;
  readonly new: Tensor | null;
  readonly note?: string;
  readonly numbers?: NumberDifference;
}

/** Tensors that share what is to be said of them, in one line. */
export interface WeightRow {
  readonly fate: string;
  /** "blocks.0–11.attn.qkv.weight", "decoder_blocks.4–7". */
  readonly names: string;
  readonly tensors: number;
  /** "[2304, 768] → [3072, 1024]"; empty for several shapes. */
  readonly shapes: string;
  readonly note: string;
}

/** How many tensors have each fate: "12 kept, 238 replaced, 144 new"; and of two checkpoints how many have the same numbers. */
export function fateCounts(weights: readonly TensorChange[]): string {
  const counts = tensorFates
    .map((fate) => ({ fate, count: weights.filter((row) => row.fate === fate).length }))
    .filter(({ count }) => count > 0);
  const bits = sameBits(weights);
  return `${counts.map(({ fate, count }) => `${count} ${fate}`).join(', ')}${bits === undefined ? '' : `; ${bits}`}`;
}

/** The same where all are kept: "all 150 kept; 149 of 150 have the same bits"; undefined where not. */
export function allKept(weights: readonly TensorChange[]): string | undefined {
  if (weights.some(({ fate }) => fate !== 'kept')) return undefined;
  return `all ${fateCounts(weights)}`;
}

/** The same of the weights in ONNX files: "150 kept, 2 changed". */
export function onnxFateCounts(weights: readonly OnnxWeightChange[]): string {
  return onnxFates
    .map((fate) => ({ fate, count: weights.filter((row) => row.fate === fate).length }))
    .filter(({ count }) => count > 0)
    .map(({ fate, count }) => `${count} ${fate}`)
    .join(', ');
}

/** Weights of ONNX files that are not kept; without those that one file has as inputs, which are most of them if any. */
export function onnxWeightRows(weights: readonly OnnxWeightChange[]): WeightRow[] {
  const listed = weights.filter(({ fate }) => fate !== 'embedded' && fate !== 'taken-out');
  return weightRows(
    listed.map(({ name, renamed = name, fate, old, new: now, numbers }) => ({
      fate,
      old: old && { name, shape: old.shape },
      new: now && { name: renamed, shape: now.shape },
      ...(numbers === undefined ? {} : { numbers }),
    })),
  );
}

/** All rows but those of tensors that are kept with their numbers: the same tensor of all blocks in one, and whole blocks that come or go in one. */
export function weightRows(weights: readonly Listed[]): WeightRow[] {
  const partial = partialBlocks(weights);
  const groups = new Map<string, Listed[]>();
  for (const row of weights) {
    if (row.fate === 'kept' && !differs(row)) continue;
    const key = groupKey(row, partial);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(rowOf);
}

/** The blocks that both sides have something of. */
function partialBlocks(weights: readonly Listed[]): ReadonlySet<string> {
  return new Set(weights.filter(({ old, new: now }) => old !== null && now !== null).map(blockOf));
}

function groupKey(row: Listed, partial: ReadonlySet<string>): string {
  const { network = '', fate, note = '' } = row;
  const name = nameOf(row);
  const isWhole = blockNumber(name) !== undefined && !partial.has(blockOf(row));
  const pattern = isWhole ? name.replace(/\.\d+\..*$/, '.*') : name.replace(/\.\d+\./, '.*.');
  return [network, fate, pattern, isWhole ? '' : shapesOf(row), note, differs(row)].join('\n');
}

/** "pretrain blocks.3" of a tensor in a block. */
function blockOf(row: Listed): string {
  return `${row.network ?? ''} ${/^.*?blocks\.\d+(?=\.)/.exec(nameOf(row))?.[0] ?? ''}`;
}

function rowOf(rows: readonly Listed[]): WeightRow {
  const [first] = rows;
  if (first === undefined) throw new Error('a group of tensors cannot be empty');
  const names = rows.map(nameOf);
  const shapes = new Set(rows.map(shapesOf));
  const sameLocalName = new Set(names.map((name) => name.replace(/\.\d+\./, '.'))).size === 1;
  const numbers = [...new Set(names.flatMap((name) => blockNumber(name) ?? []))];
  const range = runs(numbers);
  const list = /^(.*?)\.\d+\./.exec(names[0] ?? '')?.[1] ?? '';
  const own = sameLocalName ? (names[0] ?? '').replace(/\.\d+\./, `.${range}.`) : `${list}.${range}`;
  const renamed =
    first.fate === 'renamed' && first.new ? ` → ${first.new.name.replace(/\.\d+\./, `.${range}.`)}` : '';
  return {
    fate: first.fate,
    names: `${numbers.length === 0 ? names[0] : own}${renamed}`,
    tensors: rows.length,
    shapes: shapes.size === 1 ? shapesOf(first) : counted(rows.length, 'tensor', 'tensors'),
    note: noteOf(rows),
  };
}

/** What there is to say of them, and how their numbers differ. */
function noteOf(rows: readonly Listed[]): string {
  const numbers = rows.flatMap((row) => row.numbers ?? []);
  const note = rows[0]?.note ?? '';
  const joined = joinDifferences(numbers);
  if (joined.differing === 0) return note;
  const difference = `${joined.differing} of ${joined.of} numbers differ, ${describeLargest(joined)}`;
  return note === '' ? difference : `${note}; ${difference}`;
}

function differs({ numbers }: Listed): boolean {
  return numbers !== undefined && numbers.differing > 0;
}

function nameOf({ old, new: now }: Listed): string {
  return (old ?? now)?.name ?? '';
}

/** The number of the block that a tensor is of. */
function blockNumber(name: string): number | undefined {
  const found = /blocks\.(\d+)\./.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** 0, 1, 2, 5 → "0–2,5". */
function runs(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const found: [number, number][] = [];
  for (const number of sorted) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(',');
}

function shapesOf({ old, new: now }: Listed): string {
  const show = (tensor: Tensor) => `[${tensor.shape.join(', ')}]`;
  if (old === null || now === null) return [old, now].flatMap((each) => (each ? [show(each)] : [])).join('');
  return show(old) === show(now) ? show(now) : `${show(old)} → ${show(now)}`;
}
