import type {
  AdamWSettings,
  LarsSettings,
  OptimizerKind,
  OptimizerSettingsByKind,
  SgdSettings,
} from '../../../runtime/engine/engine.ts';
import type { ParameterStep } from '../../../runtime/engine/optimizer/step-settings.ts';

/** A parameter with its moments. */
export interface Float64State {
  readonly value: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export function float64State(value: ArrayLike<number>): Float64State {
  return {
    value: Float64Array.from(value),
    first: new Float64Array(value.length),
    second: new Float64Array(value.length),
  };
}

type Float64Optimizer<Settings> = (
  state: Float64State,
  gradient: ArrayLike<number>,
  settings: Settings,
  step: ParameterStep,
) => void;

/** AdamW as PyTorch's documentation states it. */
const adamw: Float64Optimizer<AdamWSettings> = ({ value, first, second }, gradient, settings, taken) => {
  const [beta1, beta2] = settings.betas;
  const { rate, step, parameter } = taken;
  value.forEach((x, i) => {
    const g = gradient[i] ?? Number.NaN;
    const m = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (second[i] ?? 0) + (1 - beta2) * g * g;
    const unbiased = Math.sqrt(v / (1 - beta2 ** step)) + settings.epsilon;
    const decayed = parameter.decay ? x * (1 - rate * settings.weightDecay) : x;
    value[i] = decayed - (rate * (m / (1 - beta1 ** step))) / unbiased;
    first[i] = m;
    second[i] = v;
  });
};

/** SGD as PyTorch's documentation states it: the first momentum buffer is the first gradient. */
const sgd: Float64Optimizer<SgdSettings> = ({ value, first }, gradient, settings, taken) => {
  const { momentum, nesterov, weightDecay } = settings;
  const { rate, step, parameter } = taken;
  value.forEach((x, i) => {
    const g = (gradient[i] ?? Number.NaN) + (parameter.decay ? weightDecay * x : 0);
    const buffer = step === 1 ? g : momentum * (first[i] ?? 0) + g;
    first[i] = buffer;
    value[i] = x - rate * (nesterov ? g + momentum * buffer : buffer);
  });
};

/** LARS as the official util/lars.py does it. */
const lars: Float64Optimizer<LarsSettings> = ({ value, first }, gradient, settings, taken) => {
  const { momentum, trust, weightDecay } = settings;
  const many = taken.parameter.shape.length > 1;
  const change = value.map((x, i) => (gradient[i] ?? Number.NaN) + (many ? weightDecay * x : 0));
  const norm = (numbers: Float64Array) => Math.hypot(...numbers);
  const ratio = many && norm(value) > 0 && norm(change) > 0 ? (trust * norm(value)) / norm(change) : 1;
  value.forEach((x, i) => {
    const buffer = momentum * (first[i] ?? 0) + ratio * (change[i] ?? 0);
    first[i] = buffer;
    value[i] = x - taken.rate * buffer;
  });
};

/** Steps in float64, in place, written out from the formulas. */
export const FLOAT64_OPTIMIZERS: {
  readonly [Kind in OptimizerKind]: Float64Optimizer<OptimizerSettingsByKind[Kind]>;
} = { adamw, lars, sgd };
