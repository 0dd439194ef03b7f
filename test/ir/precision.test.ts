import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { cast } from '../../compiler/ir/ops/cast.ts';
import { geluOp } from '../../compiler/ir/ops/gelu.ts';
import { linearOp } from '../../compiler/ir/ops/linear.ts';
import { OPS } from '../../compiler/ir/ops/registry.ts';
import { computingType, type Precision } from '../../compiler/ir/precision.ts';
import { float32, perExample } from '../../compiler/ir/shape.ts';
import { HalfRecording } from '../../compiler/passes/half-precision.ts';
import { withRounding } from '../support/rounded-graph.ts';
import { elementCount, openGraph } from '../support/run-graph.ts';
import { opGraphs, sampleNumbers } from './op-harness.ts';
import { BATCH, SAMPLES } from './op-samples.ts';

/** What of the ops is not `full`: the lists of torch.autocast, and what only moves or combines numbers. */
const DECLARED: Readonly<Record<Exclude<Precision, 'full'>, readonly string[]>> = {
  half: ['attention', 'attention-gradient', 'linear', 'matmul'],
  inherited: [
    'add',
    'after',
    'concat-columns',
    'dropout',
    'gather-positions',
    'gather-rows',
    'group-columns',
    'multiply',
    'pad-tokens',
    'restore-tokens',
    'scale-columns',
    'slice-columns',
    'slice-tokens',
    'ungroup-columns',
  ],
  conversion: ['cast'],
};

/** The same graph on the float16 of its inputs: whatever may compute in float16 does. */
function inHalf(graph: Graph): Graph {
  const builder = GraphBuilder.extend({ ...graph, nodes: [], outputs: [] }, graph.name);
  const recording = new HalfRecording(builder);
  for (const { value } of graph.inputs) {
    if (value.type === 'float32') recording.replace(value, cast(builder, value, 'float16'));
  }
  for (const node of graph.nodes) recording.record(node);
  for (const { name, role, value } of graph.outputs) builder.output(name, role, recording.wide(value));
  return builder.finish();
}

describe('the precision of every op', () => {
  it('is float32 but for those that are known to do without', () => {
    for (const [precision, names] of Object.entries(DECLARED)) {
      const found = OPS.filter((op) => op.precision === precision).map(({ name }) => name);
      expect(found.sort(), precision).toEqual(names);
    }
  });

  it('is asserted when it is recorded', () => {
    const builder = new GraphBuilder('test', { kind: 'Test', documentation: '' });
    const wide = builder.input('x', 'images', float32(perExample(1), 2));
    const half = cast(builder, wide, 'float16');
    const attributes = { layout: 'in-out', alpha: 1, beta: 1 };
    const weight = builder.input('weight', 'images', float32(2, 3));
    expect(() => builder.one(linearOp, [half, weight], attributes)).toThrow('not both');
    expect(() => builder.one(geluOp, [half])).toThrow('gelu computes in float32 only');
    expect(builder.one(linearOp, [half, cast(builder, weight, 'float16')], attributes).type).toBe('float16');
    expect(() => cast(builder, half, 'float16')).toThrow('a cast of float16 to float16');
  });

  it('follows the widest input where it is inherited', () => {
    const [wide, half, index] = (['float32', 'float16', 'int32'] as const).map((type) => ({
      type,
      shape: [2],
    }));
    if (!wide || !half || !index) throw new Error('three types');
    expect(computingType('inherited', [half, index])).toBe('float16');
    expect(computingType('inherited', [half, wide])).toBe('float32');
    expect(computingType('half', [wide])).toBe('float16');
    expect(computingType('full', [half])).toBe('float32');
  });

  for (const op of OPS.filter(({ differentiable }) => differentiable)) {
    (SAMPLES[op.name] ?? []).forEach((sample, number) => {
      it(`leaves numbers and gradients as they are, within float16: ${op.name} ${number + 1}`, async () => {
        const { forward, backward = forward } = opGraphs(op, sample);
        const elements = elementCount(forward.outputs[0]?.value.shape ?? [], BATCH);
        const numbers = sampleNumbers(op, sample, elements);
        const half = inHalf(backward);
        if (op.precision !== 'full') {
          expect(half.nodes.find((node) => node.op === op)?.outputs[0]?.type).toBe('float16');
        }
        const expected = await (await openGraph(backward, BATCH))(numbers);
        const results = await (await openGraph(half, BATCH, withRounding))(numbers);
        for (const [name, values] of Object.entries(expected)) {
          const size = Math.max(...values.map(Math.abs));
          const deviations = values.map((value, index) => value - (results[name]?.[index] ?? Number.NaN));
          expect(Math.max(...deviations.map(Math.abs)), name).toBeLessThan(4e-3 * size);
        }
      });
    });
  }
});
