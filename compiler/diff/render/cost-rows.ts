import { formatBytes, formatCount } from '../../emit/report/quantities.ts';
import type { ModelCost } from '../cost/model-cost.ts';
import { relativeChange } from '../numbers.ts';
import type { ModuleDifference, OldAndNew } from '../report.ts';

interface Quantity {
  readonly name: string;
  readonly read: (cost: ModelCost) => number;
  readonly show: (value: number) => string;
}

/** 19562266624 → "19.56 GFLOPs". */
const flops = (count: number) => `${formatCount(count)}${count < 1000 ? ' ' : ''}FLOPs`;

/** The numbers that models are compared by, in the order of all tables. */
export const quantities: readonly Quantity[] = [
  { name: 'parameters', read: ({ parameters }) => parameters.total, show: formatCount },
  { name: '  encoder', read: ({ parameters }) => parameters.encoder, show: formatCount },
  { name: '  decoder', read: ({ parameters }) => parameters.decoder, show: formatCount },
  { name: 'forward, masked', read: (cost) => cost.forwardFlops, show: flops },
  { name: 'encoder in use', read: (cost) => cost.encoderFlops, show: flops },
  { name: 'training step', read: (cost) => cost.trainingFlops, show: flops },
  { name: 'activations in training', read: (cost) => cost.activationBytes, show: formatBytes },
  { name: 'parameters in training', read: (cost) => cost.fixedBytes, show: formatBytes },
  { name: 'ONNX weights, encoder', read: ({ onnxBytes }) => onnxBytes.encoder, show: formatBytes },
  { name: 'ONNX weights, all', read: ({ onnxBytes }) => onnxBytes.model, show: formatBytes },
];

/** What the numbers are of, for the foot of a table. */
export const costFootnote =
  'FLOPs and activations are of one picture; the training step is forward and backward.';

/** Rows of name, old, new and relative change. */
export function costRows(old: ModelCost, now: ModelCost): string[][] {
  return quantities.map(({ name, read, show }) => [
    name,
    show(read(old)),
    show(read(now)),
    relativeChange(read(old), read(now)),
  ]);
}

export const moduleColumns = ['module', 'parameters', '', 'training FLOPs', '', 'activations', ''];

/** Rows of the modules down to the given depth, for `moduleColumns`; the whole model is left out. */
export function moduleRows(modules: readonly ModuleDifference[], deepest: number): string[][] {
  return modules
    .filter(({ path }) => path !== '' && depthOf(path) <= deepest)
    .map((module) => [
      `${'  '.repeat(depthOf(module.path) - 1)}${moduleName(module)}`,
      ...oldAndNew(module.parameters, formatCount),
      ...oldAndNew(module.trainingFlops, formatCount),
      ...oldAndNew(module.savedBytes, formatBytes),
    ]);
}

function oldAndNew({ old, new: now }: OldAndNew, show: (value: number) => string): [string, string] {
  return [old === now ? show(old) : `${show(old)} → ${show(now)}`, relativeChange(old, now)];
}

/** "encoder.blocks.*" lies two deep: the list and its elements are one. */
export function depthOf(path: string): number {
  return path.split('.').filter((part) => part !== '*').length;
}

/** "blocks ×12 → ×24" of "encoder.blocks.*". */
function moduleName({ path, count }: ModuleDifference): string {
  const name = path.replace(/\.\*$/, '').split('.').at(-1) ?? path;
  if (!path.endsWith('.*')) return name;
  return count.old === count.new ? `${name} ×${count.new}` : `${name} ×${count.old} → ×${count.new}`;
}
