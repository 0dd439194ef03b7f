import type { Attributes } from '../../compiler/ir/op.ts';
import { float32, int32, perExample, type TensorType } from '../../compiler/ir/shape.ts';

/** Numbers for one input: a seeded spread of normal-like values unless the sample says otherwise. */
export interface SampleInput {
  readonly type: TensorType;
  readonly numbers?: readonly number[];
  /** Whether the gradient with respect to it is checked. */
  readonly differentiate?: boolean;
}

export interface OpSample {
  readonly inputs: readonly SampleInput[];
  readonly attributes?: Attributes;
  /** The grid of patches that a generated method knows where pictures may have several sizes. */
  readonly grid?: { readonly rows: number; readonly columns: number; readonly patches: number };
}

export const BATCH = 2;

const trained = (...shape: Parameters<typeof float32>): SampleInput => ({
  type: float32(...shape),
  differentiate: true,
});
const given = (...shape: Parameters<typeof float32>): SampleInput => ({ type: float32(...shape) });
const rows = (numbers: readonly number[]): SampleInput => ({
  type: int32(perExample(numbers.length / BATCH)),
  numbers,
});
const each = perExample;

/** At least one case for every differentiable op; a batch of two. */
export const SAMPLES: Readonly<Record<string, readonly OpSample[]>> = {
  add: [{ inputs: [trained(each(3), 4), trained(each(3), 4)] }],
  'add-per-token': [{ inputs: [trained(each(3), 4), trained(3, 4)] }],
  attention: [
    { inputs: [trained(each(5), 24)], attributes: { heads: 2 } },
    { inputs: [trained(each(1), 12)], attributes: { heads: 1 } },
  ],
  'batch-norm': [{ inputs: [trained(each(3), 4)], attributes: { epsilon: 1e-3 } }],
  'drop-path': [{ inputs: [trained(each(3), 4), { type: float32(each(1), 1), numbers: [0, 1.25] }] }],
  dropout: [
    {
      inputs: [
        trained(each(1), 4),
        { type: float32(each(1), 4), numbers: [0, 1.25, 1.25, 0, 1.25, 0, 1.25, 1.25] },
      ],
    },
  ],
  'erf-gate': [{ inputs: [trained(each(3), 4)] }],
  gelu: [{ inputs: [trained(each(3), 4)] }],
  'gather-positions': [{ inputs: [trained(4, 3), rows([2, 0, 3, 1]), rows([1, 4, 0, 4, 4, 3, 4, 2])] }],
  'gather-rows': [
    {
      inputs: [trained(each(4), 3), rows([2, 0, 7, 5]), rows([1, 4, 0, 4, 4, 3, 4, 2])],
      attributes: { zeroRow: false },
    },
  ],
  'layer-norm': [{ inputs: [trained(each(3), 8), trained(8), trained(8)], attributes: { epsilon: 1e-6 } }],
  linear: [
    {
      inputs: [trained(each(3), 4), trained(4, 5), trained(5)],
      attributes: { layout: 'in-out', alpha: 1, beta: 1 },
    },
    {
      inputs: [trained(each(3), 4), trained(5, 4), trained(5)],
      attributes: { layout: 'out-in', alpha: 1, beta: 1 },
    },
    { inputs: [trained(each(3), 4), trained(5, 4)], attributes: { layout: 'out-in', alpha: 0.5, beta: 1 } },
    {
      inputs: [trained(each(3), 4), trained(4, 5), trained(5)],
      attributes: { layout: 'in-out', alpha: 0.7, beta: 0.3 },
    },
  ],
  'masked-mean-error': ['squared', 'absolute'].map((kind) => ({
    inputs: [
      trained(each(3), 4),
      given(each(3), 4),
      { type: float32(each(1), 3), numbers: [1, 0, 1, 0, 1, 1] },
    ],
    attributes: { kind },
  })),
  'mean-error': ['squared', 'absolute'].map((kind) => ({
    inputs: [trained(each(3), 4), given(each(3), 4)],
    attributes: { kind },
  })),
  'mean-tokens': [{ inputs: [trained(each(3), 4)] }],
  multiply: [{ inputs: [trained(each(3), 4), trained(each(3), 4)] }],
  'prepend-tokens': [
    { inputs: [trained(1, 4), trained(each(3), 4)] },
    { inputs: [trained(2, 4), trained(each(3), 4)] },
  ],
  'restore-tokens': [
    {
      // Two encoder tokens a picture, four decoder tokens; the mask token stands in the other two.
      inputs: [
        trained(each(2), 3),
        trained(1, 3),
        rows([0, 4, 1, 4, 4, 3, 4, 2]),
        rows([0, 2, 7, 5]),
        rows([1, 3, 4, 6]),
      ],
    },
  ],
  'query-key-norm': [
    {
      inputs: [trained(each(2), 18), trained(3), trained(3), trained(3), trained(3)],
      attributes: { heads: 2, epsilon: 1e-6 },
    },
  ],
  'scale-columns': [{ inputs: [trained(each(3), 4), trained(4)] }],
  'slice-tokens': [
    { inputs: [trained(each(5), 3)], attributes: { start: 1, count: 3 } },
    { inputs: [trained(5, 3)], attributes: { start: 2, count: 2 } },
  ],
  'softmax-cross-entropy': [
    {
      inputs: [trained(each(1), 4), { type: float32(each(1), 4), numbers: [0.1, 0.2, 0.3, 0.4, 0, 1, 0, 0] }],
    },
    {
      // Weighted pictures: the rows do not sum to 1.
      inputs: [trained(each(1), 3), { type: float32(each(1), 3), numbers: [0.5, 0.1, 0.1, 0, 1.5, 1] }],
    },
  ],
};

/** Ops without a gradient, with what to feed them for the agreement of the engines. */
export const FORWARD_SAMPLES: Readonly<Record<string, readonly OpSample[]>> = {
  'normalize-patches': [{ inputs: [given(each(3), 8)], attributes: { epsilon: 1e-6 } }],
  'pad-images': [{ inputs: [given(each(1), 2, 3, 5)], attributes: { height: 4, width: 8 } }],
  'pad-to-multiple': [
    { inputs: [given(each(1), 2, 3, 5)], attributes: { height: 2, width: 4 } },
    { inputs: [given(each(1), 2, 4, 8)], attributes: { height: 2, width: 4 } },
  ],
  patchify: [
    { inputs: [given(each(1), 3, 4, 6)], attributes: { height: 2, width: 3 } },
    {
      inputs: [given(each(1), 3, 6, 6)],
      attributes: { height: 2, width: 3 },
      grid: { rows: 3, columns: 2, patches: 6 },
    },
  ],
  'resize-positions': [
    {
      inputs: [given(6, 4), given(each(1), 1, 10, 8)],
      attributes: { rows: 2, columns: 3, height: 2, width: 2 },
      grid: { rows: 5, columns: 4, patches: 20 },
    },
    {
      inputs: [given(35, 4), given(each(1), 1, 3, 4)],
      attributes: { rows: 7, columns: 5, height: 1, width: 2 },
      grid: { rows: 3, columns: 2, patches: 6 },
    },
    {
      inputs: [given(6, 4), given(each(1), 1, 4, 6)],
      attributes: { rows: 2, columns: 3, height: 2, width: 2 },
      grid: { rows: 2, columns: 3, patches: 6 },
    },
  ],
  'running-mean': [{ inputs: [given(4), given(each(1), 4)], attributes: { momentum: 0.1 } }],
  'running-variance': [{ inputs: [given(4), given(each(1), 4)], attributes: { momentum: 0.1 } }],
  'split-batch': [{ inputs: [given(each(3), 4)] }],
  'standardize-columns': [
    {
      inputs: [given(each(3), 4), given(4), { type: float32(4), numbers: [0.5, 1, 2, 4] }],
      attributes: { epsilon: 1e-6 },
    },
  ],
};
