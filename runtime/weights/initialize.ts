import type { NamedTensor } from '../engine/engine.ts';
import type { CompiledParameter, Initializer } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { sinCosTable } from './sincos.ts';

type InitializerKinds = { [Kind in Initializer['kind']]: Extract<Initializer, { kind: Kind }> };

interface InitializerRule<Settings> {
  /** Whether the values are drawn at random, rather than follow from the settings and the shape. */
  readonly draws: boolean;
  /** The values of a tensor of this shape, written to `values`. */
  readonly fill: (values: Float32Array, settings: Settings, shape: readonly number[], random: Random) => void;
}

/** timm's and PyTorch's `trunc_normal_` cut at these values, whatever the deviation. */
const TRUNCATION = 2;

/** How each kind of initial value is made. */
const INITIALIZERS: { readonly [Kind in keyof InitializerKinds]: InitializerRule<InitializerKinds[Kind]> } = {
  zeros: { draws: false, fill: (values) => values.fill(0) },
  ones: { draws: false, fill: (values) => values.fill(1) },
  constant: { draws: false, fill: (values, { value }) => values.fill(value) },
  normal: { draws: true, fill: (values, { deviation }, _, random) => random.fillNormal(values, deviation) },
  'truncated-normal': {
    draws: true,
    fill: (values, { deviation }, _, random) => {
      const bound = TRUNCATION / deviation;
      for (let i = 0; i < values.length; i++) values[i] = random.truncatedNormal(bound) * deviation;
    },
  },
  // Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. 16.
  'xavier-uniform': {
    draws: true,
    fill: (values, { fanIn, fanOut }, _, random) => {
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      for (let i = 0; i < values.length; i++) values[i] = random.uniform(-limit, limit);
    },
  },
  'sincos-2d': {
    draws: false,
    fill: (values, { height, width, prefix }, shape) =>
      values.set(sinCosTable({ height, width, prefix, channels: shape.at(-1) ?? 0 })),
  },
};

/** Whether an initializer draws random numbers. */
export function drawsNumbers(initializer: Initializer): boolean {
  return INITIALIZERS[initializer.kind].draws;
}

/**
 * A parameter's initial value, in the official layout. It depends on the parameter's name and the seed, and
 * on nothing else: adding a parameter to a model changes no other.
 */
export function initialTensor(parameter: CompiledParameter, seed: number): NamedTensor {
  const { name, shape, initializer } = parameter;
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  fill(initializer.kind, data, initializer, shape, Random.from('initialize', seed, name));
  return { name, shape, data };
}

/** The initial value of every parameter of a model, frozen ones too, in the order of its spec. */
export function* initialParameters(
  spec: { readonly parameters: readonly CompiledParameter[] },
  seed: number,
): Generator<NamedTensor, void> {
  for (const parameter of spec.parameters) yield initialTensor(parameter, seed);
}

function fill<Kind extends keyof InitializerKinds>(
  kind: Kind,
  values: Float32Array,
  settings: InitializerKinds[Kind],
  shape: readonly number[],
  random: Random,
): void {
  INITIALIZERS[kind].fill(values, settings, shape, random);
}
