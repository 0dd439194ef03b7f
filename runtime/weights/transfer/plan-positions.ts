import type { CompiledModel, CompiledParameter } from '../../model/compiled-spec.ts';
import type { SourceTensor } from '../weight-source.ts';
import { type Grid, interpolatePositions, type PositionTable } from './interpolate-positions.ts';

/** What to do about positions of another grid: resize the file's, or compute sine-cosine ones. */
export const POSITION_RULES = ['interpolate', 'recompute'] as const;
export type PositionRule = (typeof POSITION_RULES)[number];

/** How a table of positions is made; or, as a text, why it cannot be. */
export type PositionPlan =
  | { readonly action: 'taken' }
  | { readonly action: 'computed'; readonly grid: Grid }
  | {
      readonly action: 'interpolated';
      readonly from: Grid;
      readonly to: Grid;
      readonly read: () => Promise<Float32Array>;
    }
  | string;

export interface PositionRequest {
  readonly parameter: CompiledParameter;
  readonly source: SourceTensor | undefined;
  /** Of the model that the positions are for. */
  readonly grid: Grid;
  /** Of the file's patches; found from the number of rows if it is not known. */
  readonly sourceGrid: Grid | undefined;
  readonly rule: PositionRule;
}

/** Plans one table of positions [1, prefix + patches, width]. */
export function planPositions(request: PositionRequest): PositionPlan {
  const { parameter, source, grid, sourceGrid, rule } = request;
  const { name, shape, initializer } = parameter;
  const computed = initializer.kind === 'sincos-2d' ? { action: 'computed' as const, grid } : undefined;
  if (rule === 'recompute') {
    return computed ?? `${name} is learned: it cannot be computed again`;
  }
  if (source === undefined) return computed ?? `${name} is missing`;
  const [, rows = 0, width = 0] = shape;
  const [batch = 0, sourceRows = 0, sourceWidth = 0, ...rest] = source.shape;
  if (batch !== 1 || sourceWidth !== width || rest.length > 0) {
    return `${name} has shape [${source.shape.join(', ')}] instead of [${shape.join(', ')}]`;
  }
  const to = { grid, prefix: rows - patches(grid) };
  const from = tableOf(sourceRows, sourceGrid, to);
  if (from === undefined) {
    return `${name} has ${sourceRows} rows, which are those of no square grid: its rows and columns of patches must be given`;
  }
  if (sourceRows === rows && sameGrid(from.grid, grid)) return { action: 'taken' };
  if (from.prefix > to.prefix) {
    return `${name} has positions of ${from.prefix} tokens before its patches, where the model has ${to.prefix}`;
  }
  return {
    action: 'interpolated',
    from: from.grid,
    to: grid,
    read: async () => interpolatePositions(await source.read(), from, to),
  };
}

/**
 * What the rows of a file's table are. Without a known grid: the model's, if they are as many; else a square one, with as many
 * rows before it as the model has, or one, or none.
 */
function tableOf(rows: number, known: Grid | undefined, wanted: PositionTable): PositionTable | undefined {
  if (known !== undefined) {
    const prefix = rows - patches(known);
    return prefix < 0 ? undefined : { grid: known, prefix };
  }
  for (let prefix = wanted.prefix; prefix >= 0; prefix--) {
    if (rows - prefix === patches(wanted.grid)) return { grid: wanted.grid, prefix };
  }
  for (const prefix of [wanted.prefix, 1, 0]) {
    const side = Math.sqrt(rows - prefix);
    if (Number.isInteger(side) && side > 0) return { grid: { height: side, width: side }, prefix };
  }
  return undefined;
}

/** Of a model: its rows and columns of patches; a picture that they do not fill is padded. */
export function patchGrid({ image, patch }: Pick<CompiledModel, 'image' | 'patch'>): Grid {
  return { height: Math.ceil(image.height / patch.height), width: Math.ceil(image.width / patch.width) };
}

function patches({ height, width }: Grid): number {
  return height * width;
}

function sameGrid(a: Grid, b: Grid): boolean {
  return a.height === b.height && a.width === b.width;
}
