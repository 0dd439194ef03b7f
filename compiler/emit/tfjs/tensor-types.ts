import { present } from '../../ir/assert.ts';
import type { Dimension, TensorType } from '../../ir/shape.ts';
import type { Imports } from './imports.ts';

/** How the numbers of a shape are written: a literal, or a type parameter. */
export interface SideTexts {
  side(axis: number, length: number): string;
  /** Rows per picture. */
  tokens(count: number): string;
}

interface NamedShape {
  readonly type: TensorType['type'];
  /** Each axis: "tokens" (so many per picture), "batch" (one per picture) or "side". */
  readonly axes: string;
  readonly name: string;
}

/** The runtime's tensor types. `batch` is also written as tokens where a shape has no other use for it. */
const NAMED_SHAPES: readonly NamedShape[] = [
  { type: 'float32', axes: '', name: 'Scalar' },
  { type: 'float32', axes: 'side', name: 'Vector' },
  { type: 'float32', axes: 'side side', name: 'Matrix' },
  { type: 'float32', axes: 'tokens side', name: 'Rows' },
  { type: 'float32', axes: 'batch side side', name: 'Batch' },
  { type: 'float32', axes: 'batch side side side', name: 'Images' },
  { type: 'int32', axes: 'tokens', name: 'RowNumbers' },
];

/** `Rows<50, 768>`, with what has to be imported for it. */
export function typeText({ type, shape }: TensorType, texts: SideTexts, imports: Imports): string {
  const many = shape.length > 2;
  const axes = shape.map((side) => (typeof side === 'number' ? 'side' : many ? 'batch' : 'tokens')).join(' ');
  const named = NAMED_SHAPES.find((candidate) => candidate.type === type && candidate.axes === axes);
  const { name } = present(named, `tensor type of ${type} [${axes}]`);
  const numbers = shape.flatMap((side, axis) => {
    if (typeof side === 'number') return [texts.side(axis, side)];
    return many ? [] : [texts.tokens(side.perExample)];
  });
  imports.type(name);
  return numbers.length === 0 ? name : `${name}<${numbers.join(', ')}>`;
}

/** `[batch*50, 768]`, for comments. */
export function shapeText(shape: readonly Dimension[], texts: SideTexts): string {
  const sides = shape.map((side, axis) => {
    if (typeof side === 'number') return texts.side(axis, side);
    const tokens = texts.tokens(side.perExample);
    if (tokens === '1') return 'batch';
    return tokens.includes(' ') ? `batch*(${tokens})` : `batch*${tokens}`;
  });
  return `[${sides.join(', ')}]`;
}
