import type {
  AdamWSettings,
  LarsSettings,
  OptimizerKind,
  OptimizerSettingsByKind,
  SgdSettings,
} from '../../engine.ts';
import { isAdapted, type OptimizedParameter, type ParameterStep } from '../../optimizer/step-settings.ts';
import { sumOfSquares } from './programs.ts';
import type { ProgramWriter, TensorProgram } from './tensor-program.ts';

export type StepTensor = 'value' | 'gradient' | 'first' | 'second';
export type NextTensor = 'value' | 'first' | 'second';
export type StepProgram = TensorProgram<StepTensor, NextTensor>;

/** An optimizer as programs: which one steps a parameter, and the numbers of a step. */
export interface ProgramOptimizer<Settings> {
  readonly program: (settings: Settings, parameter: OptimizedParameter) => StepProgram;
  readonly numbers: (settings: Settings, step: ParameterStep) => number[];
}

/** AdamW (Loshchilov and Hutter 2019) in the order of operations of `torch.optim.AdamW`. */
const adamw: ProgramOptimizer<AdamWSettings> = {
  program: ({ betas: [beta1, beta2], epsilon }) => ({
    name: `adamw ${beta1} ${beta2} ${epsilon}`,
    inputs: ['value', 'gradient', 'first', 'second'],
    outputs: ['value', 'first', 'second'],
    numbers: 3,
    location: 'gpu-buffer',
    write(writer, tensors, [size = '', correction = '', kept = '']) {
      const { value, gradient } = tensors;
      const first = blend(writer, tensors.first, gradient, beta1);
      const second = blend(writer, tensors.second, writer.emit('Mul', [gradient, gradient]), beta2);
      const root = writer.emit('Mul', [writer.emit('Sqrt', [second]), correction]);
      const divisor = writer.emit('Add', [root, writer.number(epsilon)]);
      const change = writer.emit('Div', [writer.emit('Mul', [first, size]), divisor]);
      const next = writer.emit('Sub', [writer.emit('Mul', [value, kept]), change]);
      return { value: next, first, second };
    },
  }),
  numbers: ({ betas: [beta1, beta2], weightDecay }, { rate, step, parameter }) => [
    rate / (1 - beta1 ** step),
    1 / Math.sqrt(1 - beta2 ** step),
    1 - rate * (parameter.decay ? weightDecay : 0),
  ],
};

/** Layer-wise adaptive rate scaling as the official util/lars.py has it; other parameters go as with momentum alone. */
const lars: ProgramOptimizer<LarsSettings> = {
  program: ({ momentum, trust, weightDecay }, parameter) =>
    isAdapted(parameter)
      ? momentumProgram(`lars ${momentum} ${trust} ${weightDecay}`, momentum, (writer, { value, gradient }) =>
          adapted(writer, value, decayed(writer, value, gradient, writer.number(weightDecay)), trust),
        )
      : momentumProgram(`lars-plain ${momentum}`, momentum, (_, { gradient }) => gradient),
  numbers: (_, { rate }) => [rate],
};

/** Gradient descent with momentum as `torch.optim.SGD`. */
const sgd: ProgramOptimizer<SgdSettings> = {
  program({ momentum, nesterov, weightDecay }, { decay }) {
    const used = decay ? weightDecay : 0;
    return momentumProgram(
      `sgd ${momentum} ${nesterov} ${used}`,
      momentum,
      (writer, { value, gradient }) =>
        used === 0 ? gradient : decayed(writer, value, gradient, writer.number(used)),
      nesterov,
    );
  },
  numbers: (_, { rate }) => [rate],
};

/** The momentum buffer takes up a change; the value follows the buffer. */
function momentumProgram(
  name: string,
  momentum: number,
  changeOf: (writer: ProgramWriter, tensors: Readonly<Record<StepTensor, string>>) => string,
  nesterov = false,
): StepProgram {
  return {
    name,
    inputs: ['value', 'gradient', 'first'],
    outputs: ['value', 'first'],
    numbers: 1,
    location: 'gpu-buffer',
    write(writer, tensors, [rate = '']) {
      const change = changeOf(writer, tensors);
      const keep = (tensor: string) => writer.emit('Mul', [tensor, writer.number(momentum)]);
      const first = writer.emit('Add', [keep(tensors.first), change]);
      const direction = nesterov ? writer.emit('Add', [change, keep(first)]) : first;
      const value = writer.emit('Sub', [tensors.value, writer.emit('Mul', [direction, rate])]);
      return { value, first };
    },
  };
}

/** A change scaled to `trust` times the value's norm, where neither norm is zero. */
function adapted(writer: ProgramWriter, value: string, change: string, trust: number): string {
  const valueNorm = writer.emit('Sqrt', [sumOfSquares(writer, value)]);
  const changeNorm = writer.emit('Sqrt', [sumOfSquares(writer, change)]);
  const zero = writer.number(0);
  const one = writer.number(1);
  const ratio = writer.emit('Div', [writer.emit('Mul', [valueNorm, writer.number(trust)]), changeNorm]);
  const orOne = (norm: string, otherwise: string) =>
    writer.emit('Where', [writer.emit('Greater', [norm, zero]), otherwise, one]);
  return writer.emit('Mul', [change, orOne(valueNorm, orOne(changeNorm, ratio))]);
}

function decayed(writer: ProgramWriter, value: string, gradient: string, decay: string): string {
  return writer.emit('Add', [gradient, writer.emit('Mul', [value, decay])]);
}

function blend(writer: ProgramWriter, old: string, fresh: string, beta: number): string {
  const kept = writer.emit('Mul', [old, writer.number(beta)]);
  return writer.emit('Add', [kept, writer.emit('Mul', [fresh, writer.number(1 - beta)])]);
}

/** How each kind of optimizer steps on the graphics device. */
export const PROGRAM_OPTIMIZERS: {
  readonly [Kind in OptimizerKind]: ProgramOptimizer<OptimizerSettingsByKind[Kind]>;
} = { adamw, lars, sgd };
