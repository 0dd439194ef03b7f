import { type ModelSpec, patchGrid } from '../../language/model-spec.ts';
import type { Network, Tensor, TensorChange, TensorFate } from '../report.ts';
import { renamedTensors } from './renamed-tensors.ts';

type Pair = { readonly old: ModelSpec; readonly new: ModelSpec };
type Fate = Pick<TensorChange, 'fate' | 'note'>;

/** What becomes of each tensor of a network; every one of both sides is in exactly one row. */
export function matchTensors(
  network: Network,
  old: readonly Tensor[],
  now: readonly Tensor[],
  specs: Pair,
): TensorChange[] {
  const oldNames = new Set(old.map(({ name }) => name));
  const byName = new Map(now.map((tensor) => [tensor.name, tensor]));
  const renamed = renamedTensors(
    old.filter(({ name }) => !byName.has(name)),
    now.filter(({ name }) => !oldNames.has(name)),
  );
  const renames = new Set(renamed.values());
  const rows = old.map((tensor): TensorChange => {
    const same = byName.get(tensor.name);
    if (same !== undefined) return { network, old: tensor, new: same, ...fateOf(tensor, same, specs) };
    const other = renamed.get(tensor);
    if (other !== undefined) return { network, old: tensor, new: other, fate: 'renamed', note: '' };
    return { network, old: tensor, new: null, fate: 'dropped', note: '' };
  });
  const added = now.filter((tensor) => !oldNames.has(tensor.name) && !renames.has(tensor));
  return [
    ...rows,
    ...added.map((tensor): TensorChange => ({ network, old: null, new: tensor, fate: 'new', note: '' })),
  ];
}

const kept: Fate = { fate: 'kept', note: '' };

function fateOf(old: Tensor, now: Tensor, specs: Pair): Fate {
  const special = specialFates[old.name];
  if (special !== undefined) return special(old, now, specs);
  const axes = differingAxes(old, now);
  if (axes === undefined) return { fate: 'replaced', note: 'another number of axes' };
  const [axis] = axes;
  if (axis === undefined) return kept;
  const meaning = axes.length === 1 ? countedAxes(specs)[old.name]?.[axis] : undefined;
  if (meaning === undefined) return { fate: 'replaced', note: '' };
  return { fate: sliceOrExtension(old, now, axis), note: `in ${meaning}` };
}

/** The axes in which two shapes differ; undefined where they have not as many. */
function differingAxes(old: Tensor, now: Tensor): number[] | undefined {
  if (old.shape.length !== now.shape.length) return undefined;
  return old.shape.flatMap((side, axis) => (side === now.shape[axis] ? [] : [axis]));
}

function sliceOrExtension(old: Tensor, now: Tensor, axis: number): TensorFate {
  return (now.shape[axis] ?? 0) < (old.shape[axis] ?? 0) ? 'sliced' : 'extended';
}

type AxisNames = Readonly<Record<number, string>>;

/** Axes along which a tensor is a list of independent things, by name; the others are widths. */
function countedAxes({ old, new: now }: Pair): Readonly<Record<string, AxisNames>> {
  const samePatch = old.patch.height === now.patch.height && old.patch.width === now.patch.width;
  return {
    cls_token: { 1: 'class tokens' },
    reg_token: { 1: 'registers' },
    'head.weight': { 0: 'classes' },
    'head.bias': { 0: 'classes' },
    'head.1.weight': { 0: 'classes' },
    'head.1.bias': { 0: 'classes' },
    'patch_embed.proj.weight': { 1: 'channels' },
    ...(samePatch
      ? { 'decoder_pred.weight': { 0: 'channels' }, 'decoder_pred.bias': { 0: 'channels' } }
      : {}),
  };
}

type SpecialFate = (old: Tensor, now: Tensor, specs: Pair) => Fate;

/** Tensors whose shape does not tell all. */
const specialFates: Readonly<Record<string, SpecialFate>> = {
  pos_embed: (old, now, specs) => positionFate('encoder', old, now, specs),
  decoder_pos_embed: (old, now, specs) => positionFate('decoder', old, now, specs),
  mask_token: (old, now, { old: before, new: after }) =>
    before.mask.tokensInEncoder !== after.mask.tokensInEncoder
      ? { fate: 'replaced', note: `of the ${after.mask.tokensInEncoder ? 'encoder' : 'decoder'} now` }
      : { fate: differingAxes(old, now)?.length === 0 ? 'kept' : 'replaced', note: '' },
};

/** A table [1, prefix + patches, width] of another grid can be interpolated, whether or not it has as many rows. */
function positionFate(stack: 'encoder' | 'decoder', old: Tensor, now: Tensor, specs: Pair): Fate {
  if (old.shape[2] !== now.shape[2]) return { fate: 'replaced', note: '' };
  const [before, after] = [patchGrid(specs.old), patchGrid(specs.new)];
  if (before.height !== after.height || before.width !== after.width) {
    const grids = `${before.height} x ${before.width} → ${after.height} x ${after.width} patches`;
    const fixed = specs.new[stack].positions === 'sincos-2d' ? ', or computed anew' : '';
    return { fate: 'interpolable', note: `${grids}${fixed}` };
  }
  if (old.shape[1] === now.shape[1]) return kept;
  return { fate: sliceOrExtension(old, now, 1), note: 'in tokens before the patches' };
}
