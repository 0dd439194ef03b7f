import { classifierGraph } from '../../model/classifier.ts';
import { linearProbeGraph } from '../../model/linear-probe.ts';
import { maskedAutoencoderGraph } from '../../model/masked-autoencoder.ts';
import type { SideModel } from '../side.ts';
import type { Values } from './numbers.ts';

/** How an ONNX file stores a tensor of a checkpoint, which is in PyTorch's layout. */
export interface StoredLayout {
  /** The official axes in stored order. */
  readonly permutation: readonly number[];
  /** What the permuted axes are merged into. */
  readonly storedShape: readonly number[];
}

/** The layout of every parameter of what a checkpoint was trained as. */
export function storedLayouts({ spec, knows: [training] }: SideModel): ReadonlyMap<string, StoredLayout> {
  const { finetune, linearProbe } = spec;
  const graph =
    training === 'finetune' && finetune
      ? classifierGraph(spec, finetune, 'inference')
      : training === 'linear-probe' && linearProbe
        ? linearProbeGraph(spec, linearProbe, 'inference')
        : maskedAutoencoderGraph(spec);
  return new Map(
    graph.parameters.map(({ name, permutation, value }) => [
      name,
      { permutation, storedShape: value.shape.map(Number) },
    ]),
  );
}

/**
 * The layouts in which a tensor of `shape` may be stored as one of `storedShape`, the likeliest first: that of the compiled graph,
 * as it is, and a matrix transposed.
 */
export function possibleLayouts(
  shape: readonly number[],
  storedShape: readonly number[],
  compiled: StoredLayout | undefined,
): StoredLayout[] {
  const axes = shape.map((_, axis) => axis);
  const plain = [
    { permutation: axes, storedShape: shape },
    ...(shape.length === 2 ? [{ permutation: [1, 0], storedShape: [...shape].reverse() }] : []),
  ];
  const all = compiled === undefined ? plain : [compiled, ...plain];
  return all.filter((layout) => layout.storedShape.join() === storedShape.join());
}

/** The numbers of a row-major tensor with its axes in stored order. */
export function inStoredOrder(
  official: Values,
  shape: readonly number[],
  { permutation }: Pick<StoredLayout, 'permutation'>,
): Values {
  if (permutation.every((axis, place) => axis === place)) return official;
  const axes = permutation.map((axis) => ({
    side: shape[axis] ?? 1,
    stride: shape.slice(axis + 1).reduce((product, side) => product * side, 1),
    at: 0,
  }));
  const stored = official.slice();
  let from = 0;
  for (let to = 0; to < stored.length; to++) {
    stored[to] = official[from] ?? 0;
    // To the next position, as an odometer counts.
    for (let place = axes.length - 1; place >= 0; place--) {
      const axis = axes[place];
      if (axis === undefined) break;
      from += axis.stride;
      if (++axis.at < axis.side) break;
      from -= axis.side * axis.stride;
      axis.at = 0;
    }
  }
  return stored;
}
