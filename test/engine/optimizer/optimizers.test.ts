import { describe, expect, test } from 'vitest';
import type {
  OptimizerKind,
  OptimizerSettings,
  OptimizerSettingsByKind,
} from '../../../runtime/engine/engine.ts';
import { OPTIMIZER_KINDS, OPTIMIZER_TRAITS } from '../../../runtime/engine/optimizer/kinds.ts';
import { ParameterArena } from '../../../runtime/engine/optimizer/parameter-arena.ts';
import { ARENA_OPTIMIZERS } from '../../../runtime/engine/optimizer/registry.ts';
import { type ParameterStep, parameterStep } from '../../../runtime/engine/optimizer/step-settings.ts';
import { takeStep } from '../../../runtime/engine/optimizer/take-step.ts';
import { TENSOR_OPTIMIZERS } from '../../../runtime/engine/tfjs/optimizers/registry.ts';
import { Random } from '../../../runtime/random.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { LENGTHS, parametersOf } from './arenas.ts';
import { FLOAT64_OPTIMIZERS, type Float64State, float64State } from './float64-optimizers.ts';

const SETTINGS: Readonly<Record<string, OptimizerSettings>> = {
  AdamW: { kind: 'adamw', betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.05 },
  'AdamW without decay': { kind: 'adamw', betas: [0.9, 0.999], epsilon: 1e-6, weightDecay: 0 },
  SGD: { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0.05 },
  'SGD without momentum': { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
  'SGD with Nesterov’s momentum': { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.05 },
  LARS: { kind: 'lars', momentum: 0.9, trust: 0.001, weightDecay: 0 },
  'LARS with decay': { kind: 'lars', momentum: 0.9, trust: 0.02, weightDecay: 0.5 },
};

function expectStep<Kind extends OptimizerKind>(
  kind: Kind,
  state: Float64State,
  gradient: Float32Array,
  settings: OptimizerSettingsByKind[Kind],
  step: ParameterStep,
): void {
  FLOAT64_OPTIMIZERS[kind](state, gradient, settings, step);
}

test('every kind of optimizer is there for every engine', () => {
  expect(OPTIMIZER_KINDS).toEqual(['adamw', 'lars', 'sgd']);
  for (const table of [OPTIMIZER_TRAITS, ARENA_OPTIMIZERS, TENSOR_OPTIMIZERS]) {
    expect(Object.keys(table).sort()).toEqual([...OPTIMIZER_KINDS]);
  }
});

describe.each([
  { memories: 'one memory', shardBytes: undefined },
  { memories: 'a memory for almost every parameter', shardBytes: 4096 },
])('in $memories, ten steps of any length follow a float64 loop:', ({ shardBytes }) => {
  test.each(Object.entries(SETTINGS))('%s', (key, settings) => {
    const parameters = parametersOf(LENGTHS);
    const arena = new ParameterArena(parameters, shardBytes);
    const random = Random.from('optimizers', key);
    const states = parameters.map((parameter) => {
      return { parameter, state: float64State(random.fillNormal(arena.value(parameter.name))) };
    });
    const rateScales = new Map([
      ['p4', 0.5],
      ['p16', 0.25],
      ['p1003', 3],
    ]);
    const update = { ...settings, learningRate: 1e-2, rateScales };
    for (let step = 1; step <= 10; step++) {
      // AdamW and LARS do not care for the scale of a gradient.
      const deviation = settings.kind === 'sgd' ? 1 : 10 ** random.uniform(-6, 2);
      for (const { name } of parameters) random.fillNormal(arena.gradient(name), deviation);
      takeStep(arena, parameters, update, step);
      for (const { parameter, state } of states) {
        const gradient = arena.gradient(parameter.name);
        expectStep(update.kind, state, gradient, update, parameterStep(update, parameter, step));
      }
    }
    for (const { parameter, state } of states) {
      const { name } = parameter;
      // Ten steps of float32 rounding (6e-8 each) on values and updates of about 1 and 0.01.
      expect(relativeDeviation(arena.value(name), state.value), name).toBeLessThan(8e-7);
      expect(relativeDeviation(arena.firstMoment(name), state.first), name).toBeLessThan(2e-6);
      expect(relativeDeviation(arena.secondMoment(name), state.second), name).toBeLessThan(2e-6);
    }
  });
});

test('steps count from 1, and parameters without numbers have none to take', () => {
  const empty = { name: 'none', elements: 0, trainable: true, decay: true, shape: [0, 3] };
  const arena = new ParameterArena([empty]);
  for (const settings of Object.values(SETTINGS)) {
    const update = { ...settings, learningRate: 1 };
    expect(() => takeStep(arena, [empty], update, 0)).toThrow('steps count from 1, not from 0');
    takeStep(arena, [empty], update, 1);
  }
  expect(arena.value('none')).toEqual(new Float32Array(0));
});
