/** The sizes of a model and its step that are varied, one at a time. */
export interface Sizes {
  /** Blocks of the encoder. */
  readonly depth: number;
  /** Of the encoder. */
  readonly width: number;
  /** Patches of a picture; a square number. */
  readonly tokens: number;
  /** Pictures of a step. */
  readonly batch: number;
}

export type Axis = keyof Sizes;

export const BASE: Sizes = { depth: 6, width: 192, tokens: 64, batch: 16 };

export const AXES: Readonly<Record<Axis, readonly number[]>> = {
  depth: [3, 6, 12, 24],
  width: [96, 192, 384, 768],
  tokens: [16, 64, 256, 1024],
  batch: [4, 16, 64, 128],
};

const PATCH = 8;
/** The same for every width, so that only the width differs. */
const HEADS = 3;

/** All points to be measured: the base once, and each axis away from it. */
export function allPoints(axes: Readonly<Record<Axis, readonly number[]>>): readonly Sizes[] {
  const points = new Map([[nameOf(BASE), BASE]]);
  for (const axis of AXIS_NAMES) {
    for (const value of axes[axis]) {
      const sizes = { ...BASE, [axis]: value };
      points.set(nameOf(sizes), sizes);
    }
  }
  return [...points.values()];
}

export const AXIS_NAMES: readonly Axis[] = ['depth', 'width', 'tokens', 'batch'];

export function nameOf({ depth, width, tokens, batch }: Sizes): string {
  return `depth-${depth}-width-${width}-tokens-${tokens}-batch-${batch}`;
}

/** The spec of a point: a small masked autoencoder with a light decoder. */
export function specText(sizes: Sizes): string {
  const { depth, width, tokens, batch } = sizes;
  const side = PATCH * Math.sqrt(tokens);
  return `model ${nameOf(sizes)} {
  image   ${side}x${side}x3
  patch   ${PATCH}
  encoder { width ${width}, depth ${depth}, heads ${HEADS} }
  decoder { width 96, depth 2, heads ${HEADS} }
  mask    random 75%
  loss    mse { on masked, target normalized-pixels }

  pretrain {
    epochs    10
    warmup    1
    batch     ${batch}
    optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95, weight-decay 0.05 }
    schedule  cosine
    augment   { crop 20%..100%, flip }
  }
}
`;
}
