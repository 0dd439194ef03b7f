import type { CompiledModel, CompiledParameter } from '../../model/compiled-spec.ts';
import { patchGrid } from '../transfer/plan-positions.ts';
import { type Carry, copyOverlap, placePositions } from './carry.ts';

/**
 * What becomes of a parameter of the new model:
 * `kept`: the old tensor as it is, its optimizer state too;
 * `interpolated`: positions of another grid or with other tokens before the patches;
 * `sliced`, `extended`: what both have, the rest of an extended one drawn anew;
 * `computed`: a fixed table of positions, for the new grid;
 * `drawn`: drawn anew, since there is no old tensor of its shape.
 */
export type MigrationFate = 'kept' | 'interpolated' | 'sliced' | 'extended' | 'computed' | 'drawn';

export interface MigratedTensor {
  readonly parameter: CompiledParameter;
  readonly fate: MigrationFate;
  /** Makes the new numbers of the old ones and of the initial ones; undefined where the old ones are not used. */
  readonly carry?: Carry;
}

export interface MigrationPlan {
  /** One for each parameter of the new model, in its order. */
  readonly planned: readonly MigratedTensor[];
  /** Names of old tensors that the new model has no counterpart of. */
  readonly dropped: readonly string[];
}

/** What is known of the checkpoint. */
export interface MigrationSource {
  readonly model: CompiledModel;
  /** Shapes of the weights by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** What is planned for. */
export interface MigrationTarget {
  readonly model: CompiledModel;
  readonly parameters: readonly CompiledParameter[];
}

/** Plans what of a checkpoint goes into each parameter of another model. Reads no tensors. */
export function planMigration(source: MigrationSource, target: MigrationTarget): MigrationPlan {
  const planned = target.parameters.map((parameter) => planTensor(parameter, source, target));
  const names = new Set(target.parameters.map(({ name }) => name));
  return { planned, dropped: [...source.shapes.keys()].filter((name) => !names.has(name)) };
}

function planTensor(
  parameter: CompiledParameter,
  source: MigrationSource,
  target: MigrationTarget,
): MigratedTensor {
  const { name, shape, initializer } = parameter;
  const old = source.shapes.get(name);
  const drawn = { parameter, fate: initializer.kind === 'sincos-2d' ? 'computed' : 'drawn' } as const;
  if (old === undefined || isAnother(name, source, target)) return drawn;
  if (name === 'pos_embed' || name === 'decoder_pos_embed') {
    return planTable(parameter, old, source, target) ?? drawn;
  }
  const lists = name.startsWith('decoder_pred.')
    ? pixelLists(old, shape, source.model, target.model)
    : undefined;
  const [before, after] = lists ?? [old, shape];
  const axes = differingAxes(before, after);
  if (axes?.length === 0) return { parameter, fate: 'kept', carry: (data) => data };
  const [axis = -1] = axes ?? [];
  if (axes?.length !== 1 || (lists ? 1 : COUNTED_AXES[name]) !== axis) return drawn;
  const fate = (after[axis] ?? 0) < (before[axis] ?? 0) ? 'sliced' : 'extended';
  return { parameter, fate, carry: (data, initial) => copyOverlap(data, before, initial, after) };
}

/** The axis along which a tensor is a list of independent things: tokens, channels, classes. */
const COUNTED_AXES: Readonly<Record<string, number>> = {
  cls_token: 1,
  reg_token: 1,
  'patch_embed.proj.weight': 1,
  'head.weight': 0,
  'head.bias': 0,
  'head.1.weight': 0,
  'head.1.bias': 0,
};

/**
 * The shapes of two tensors of the prediction [pixels * channels, …] with pixels and channels as axes of their own; undefined where
 * the patches are not the same.
 */
function pixelLists(
  old: readonly number[],
  now: readonly number[],
  { image: before, patch }: CompiledModel,
  { image: after, patch: patchNow }: CompiledModel,
): [number[], number[]] | undefined {
  if (patch.height !== patchNow.height || patch.width !== patchNow.width) return undefined;
  const pixels = patch.height * patch.width;
  return [
    [pixels, before.channels, ...old.slice(1)],
    [pixels, after.channels, ...now.slice(1)],
  ];
}

/** Whether a name stands for something else in the two models: the mask token of the encoder, or of the decoder. */
function isAnother(name: string, { model: old }: MigrationSource, { model: now }: MigrationTarget): boolean {
  return name === 'mask_token' && old.mask.tokensInEncoder !== now.mask.tokensInEncoder;
}

/** The axes in which two shapes differ; undefined where they have not as many. */
function differingAxes(old: readonly number[], now: readonly number[]): number[] | undefined {
  if (old.length !== now.length) return undefined;
  return old.flatMap((side, axis) => (side === now[axis] ? [] : [axis]));
}

/** A table of positions [1, prefix + patches, width]; undefined where it is to be made anew. */
function planTable(
  parameter: CompiledParameter,
  old: readonly number[],
  source: MigrationSource,
  target: MigrationTarget,
): MigratedTensor | undefined {
  const { shape, initializer } = parameter;
  const [from, to] = [patchGrid(source.model), patchGrid(target.model)];
  const same = from.height === to.height && from.width === to.width;
  if (same && differingAxes(old, shape)?.length === 0) {
    return { parameter, fate: 'kept', carry: (data) => data };
  }
  if (initializer.kind === 'sincos-2d' || old.length !== 3 || old[2] !== shape[2]) return undefined;
  const prefixes = {
    from: (old[1] ?? 0) - from.height * from.width,
    to: (shape[1] ?? 0) - to.height * to.width,
  };
  if (prefixes.from < 0) return undefined;
  const tables = { from: { grid: from, prefix: prefixes.from }, to: { grid: to, prefix: prefixes.to } };
  return { parameter, fate: 'interpolated', carry: (data) => placePositions(data, tables.from, tables.to) };
}
