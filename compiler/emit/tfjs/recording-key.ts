import { present } from '../../ir/assert.ts';
import type { Node, Value } from '../../ir/graph.ts';
import type { TensorType } from '../../ir/shape.ts';
import type { Module, Recording } from './modules.ts';
import { followsPicture } from './picture-grid.ts';

/** How a side of a shape is written into a key; sides that differ between the instances of one class are left out. */
export type SideKey = (side: number) => string;

/**
 * A text that is equal for two recordings if and only if they compute the same in the same way. How many tokens there are does not
 * matter, nor how large pictures are where that is `free`; the other sides of the inputs and outputs matter as `sideKey` says.
 */
export function recordingKey(
  recording: Recording,
  sideKey: SideKey,
  moduleKey: (module: Module) => string,
  free: boolean,
): string {
  const names = new Map<number, string>();
  const nameOf = ({ id }: Value) => present(names.get(id), `value ${id}`);
  const define = (values: Iterable<Value>) => {
    for (const { id } of values) if (!names.has(id)) names.set(id, `v${names.size}`);
  };
  for (const { localName, value } of recording.parameters) names.set(value.id, `this.${localName}`);
  const inputs = Array.from(recording.inputs, ([name, value]) => {
    define([value]);
    return [name, typeKey(value, sideKey, free), nameOf(value)];
  });
  const steps = recording.steps.map((step) => {
    if ('node' in step) {
      const text = nodeKey(step.node, nameOf, free);
      define(step.node.outputs);
      return text;
    }
    const { call } = step;
    const given = Array.from(call.recording.inputs, ([name, value]) => `${name}: ${nameOf(value)}`);
    define(call.recording.outputs.values());
    return `${moduleKey(call.module)}.${call.recording.scope.method}(${given.join(', ')})`;
  });
  const outputs = Array.from(recording.outputs, ([name, value]) => [
    name,
    typeKey(value, sideKey, free),
    nameOf(value),
  ]);
  return JSON.stringify([inputs, steps, outputs]);
}

function nodeKey(node: Node, nameOf: (value: Value) => string, free: boolean): string {
  return node.op.tfjs({
    inputs: node.inputs.map(nameOf),
    inputTypes: node.inputs,
    outputTypes: node.outputs,
    attributes: node.attributes,
    rowsPerPicture: (of) => `rows of ${of}`,
    grid: free ? 'grid' : undefined,
    use: (name) => name,
  });
}

function typeKey({ type, shape }: TensorType, sideKey: SideKey, free: boolean): string {
  const sides = shape.map((side, axis) => {
    if (typeof side !== 'number') return 'tokens';
    return free && followsPicture(shape, axis) ? 'any' : sideKey(side);
  });
  return `${type}[${sides.join(',')}]`;
}
