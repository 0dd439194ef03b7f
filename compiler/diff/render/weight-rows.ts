import { counted } from '../../language/words.ts';
import {
  type OnnxWeightChange,
  type Tensor,
  type TensorChange,
  type TensorFate,
  tensorFates,
} from '../report.ts';

/** Tensors that share what is to be said of them, in one line. */
export interface WeightRow {
  readonly fate: TensorFate;
  /** "blocks.0–11.attn.qkv.weight", "decoder_blocks.4–7". */
  readonly names: string;
  readonly tensors: number;
  /** "[2304, 768] → [3072, 1024]"; empty for several shapes. */
  readonly shapes: string;
  readonly note: string;
}

/** How many tensors have each fate: "12 kept, 238 replaced and 144 new". */
export function fateCounts(weights: readonly TensorChange[]): string {
  const counts = tensorFates
    .map((fate) => ({ fate, count: weights.filter((row) => row.fate === fate).length }))
    .filter(({ count }) => count > 0);
  return counts.map(({ fate, count }) => `${count} ${fate}`).join(', ');
}

/** The same of the weights in ONNX files: "150 kept, 2 changed". */
export function onnxFateCounts(weights: readonly OnnxWeightChange[]): string {
  const fates = [...new Set(weights.map(({ fate }) => fate))];
  return fates.map((fate) => `${weights.filter((row) => row.fate === fate).length} ${fate}`).join(', ');
}

/** All rows but those of kept tensors: the same tensor of all blocks in one, and whole blocks that come or go in one. */
export function weightRows(weights: readonly TensorChange[]): WeightRow[] {
  const partial = partialBlocks(weights);
  const groups = new Map<string, TensorChange[]>();
  for (const row of weights) {
    if (row.fate === 'kept') continue;
    const key = groupKey(row, partial);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(rowOf);
}

/** The blocks that both sides have something of. */
function partialBlocks(weights: readonly TensorChange[]): ReadonlySet<string> {
  return new Set(weights.filter(({ old, new: now }) => old !== null && now !== null).map(blockOf));
}

function groupKey(row: TensorChange, partial: ReadonlySet<string>): string {
  const { network, fate, note } = row;
  const name = nameOf(row);
  const isWhole = blockNumber(name) !== undefined && !partial.has(blockOf(row));
  const pattern = isWhole ? name.replace(/\.\d+\..*$/, '.*') : name.replace(/\.\d+\./, '.*.');
  return [network, fate, pattern, isWhole ? '' : shapesOf(row), note].join('\n');
}

/** "pretrain blocks.3" of a tensor in a block. */
function blockOf(row: TensorChange): string {
  return `${row.network} ${/^.*?blocks\.\d+(?=\.)/.exec(nameOf(row))?.[0] ?? ''}`;
}

function rowOf(rows: readonly TensorChange[]): WeightRow {
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
    note: first.note,
  };
}

function nameOf({ old, new: now }: TensorChange): string {
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

function shapesOf({ old, new: now }: TensorChange): string {
  const show = (tensor: Tensor) => `[${tensor.shape.join(', ')}]`;
  if (old === null || now === null) return [old, now].flatMap((each) => (each ? [show(each)] : [])).join('');
  return show(old) === show(now) ? show(now) : `${show(old)} → ${show(now)}`;
}
