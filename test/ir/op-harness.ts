import { GraphBuilder } from '../../compiler/ir/builder.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { Op } from '../../compiler/ir/op.ts';
import { Random } from '../../runtime/random.ts';
import { elementCount, type Numbers } from '../support/run-graph.ts';
import { BATCH, type OpSample } from './op-samples.ts';

export interface OpGraphs {
  readonly forward: Graph;
  /** Also yields `gradient.N` of each differentiated input, for the output gradient `output-gradient`. */
  readonly backward: Graph | undefined;
}

/** The graph of one op on inputs `input.N`, and the same with the gradient that the op records of itself. */
export function opGraphs(op: Op, { inputs, attributes = {} }: OpSample): OpGraphs {
  const builder = new GraphBuilder(op.name, { kind: 'Test', documentation: '' });
  const values = inputs.map(({ type }, index) => builder.input(`input.${index}`, 'images', type));
  const outputs = builder.add(op, values, attributes);
  const [first] = outputs;
  if (!first) throw new Error(`${op.name} has no output`);
  builder.output('output', 'features', first);
  const forward = builder.finish();
  if (!op.differentiable) return { forward, backward: undefined };
  const seed = builder.input('output-gradient', 'images', first);
  const gradients = op.gradient({
    builder,
    inputs: values,
    outputs,
    attributes,
    outputGradients: [seed, ...outputs.slice(1).map(() => undefined)],
    needs: (index) => inputs[index]?.differentiate === true,
  });
  inputs.forEach(({ differentiate }, index) => {
    if (!differentiate) return;
    const gradient = gradients[index];
    if (!gradient) throw new Error(`${op.name} has no gradient of input ${index}`);
    builder.output(`gradient.${index}`, 'gradient', gradient);
  });
  return { forward, backward: builder.finish() };
}

/** Seeded numbers for the inputs of a sample, and for the gradient of its output. */
export function sampleNumbers(op: Op, sample: OpSample, outputElements: number): Record<string, Numbers> {
  const random = Random.from('op-sample', op.name);
  const spread = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const entries = sample.inputs.map(({ type, numbers }, index): [string, Numbers] => {
    if (type.type === 'int32') return [`input.${index}`, Int32Array.from(numbers ?? [])];
    const count = elementCount(type.shape, BATCH);
    return [`input.${index}`, numbers ? Float32Array.from(numbers) : spread(count)];
  });
  return { ...Object.fromEntries(entries), 'output-gradient': spread(outputElements) };
}
