import type { NamedTensor, OptimizerUpdate } from '../../../runtime/engine/engine.ts';
import { Random } from '../../../runtime/random.ts';
import { storeParameter } from './stores.ts';

export const PARAMETERS = [
  storeParameter('table', [1, 3, 2], false, false),
  storeParameter('weight', [3, 5], true),
  storeParameter('bias', [7], false),
];
export const ADAMW: OptimizerUpdate = {
  kind: 'adamw',
  learningRate: 0.1,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
};
export const SGD: OptimizerUpdate = {
  kind: 'sgd',
  learningRate: 0.1,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0.05,
};
export const LARS: OptimizerUpdate = {
  kind: 'lars',
  learningRate: 0.1,
  momentum: 0.9,
  trust: 0.1,
  weightDecay: 0.05,
};
export const UPDATES = [ADAMW, SGD, LARS];

export function randomTensors(key: string, parameters = PARAMETERS): NamedTensor[] {
  return parameters.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    return { name, shape, data: Random.from(key, name).fillNormal(data) };
  });
}

export const trainable = PARAMETERS.filter((parameter) => parameter.trainable);
export const gradientsOf = (key: string) => new Map(randomTensors(key).map(({ name, data }) => [name, data]));
/** As they are now: an engine may convert tensors only when they are asked for. */
export const copies = (tensors: readonly NamedTensor[]) =>
  tensors.map(({ name, shape, data }) => ({ name, shape, data }));
export const byName = (tensors: readonly NamedTensor[]) =>
  new Map(tensors.map(({ name, data }) => [name, data]));
