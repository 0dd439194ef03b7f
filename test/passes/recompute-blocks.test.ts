import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import type { Graph, Node } from '../../compiler/ir/graph.ts';
import { afterOp } from '../../compiler/ir/ops/after.ts';
import { float32, perExample } from '../../compiler/ir/shape.ts';
import { linearProbeGraph } from '../../compiler/model/linear-probe.ts';
import { pretrainingGraph } from '../../compiler/model/masked-autoencoder.ts';
import { graphFlops, isInside, moduleCosts, peakActivationBytes } from '../../compiler/passes/cost.ts';
import { gradientStep } from '../../compiler/passes/gradient-step.ts';
import { halfPrecision } from '../../compiler/passes/half-precision.ts';
import { optimizeStep } from '../../compiler/passes/optimize-step.ts';
import { recomputeBlocks } from '../../compiler/passes/recompute-blocks.ts';
import { simplify } from '../../compiler/passes/simplify.ts';
import { nodesRun, openGraph } from '../support/run-graph.ts';
import { modelSpec, OFFICIAL } from '../support/specs.ts';
import { BATCH, numbersFor, probe, variants } from '../support/trained-variants.ts';

const step = (graph: Graph, recompute: 'none' | 'blocks') => gradientStep(graph, { recompute });
describe('recompute-blocks', () => {
  it.each(variants)('changes no gradient of %s', async (_, spec, graphOf) => {
    const plain = step(graphOf(spec), 'none');
    const recomputing = step(graphOf(spec), 'blocks');
    expect(recomputing.nodes.length).toBeGreaterThan(plain.nodes.length);
    const numbers = numbersFor(spec, plain);
    const expected = await (await openGraph(plain, BATCH))(numbers);
    const results = await (await openGraph(recomputing, BATCH))(numbers);
    expect(Object.keys(results)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) expect(results[name], name).toEqual(values);
    expect(Math.max(...Object.values(expected).map((values) => Math.abs(values[0] ?? 0)))).toBeGreaterThan(0);
  });

  it('keeps nothing of a block but its result, and survives another simplification', () => {
    const graph = step(pretrainingGraph(modelSpec(OFFICIAL.base)), 'blocks');
    const inBlock = ({ scope }: Node) => /^(encoder|decoder)\.blocks\.\d+/.exec(scope.path)?.[0];
    const results = new Set(
      graph.nodes.flatMap(({ scope }) =>
        scope.kind === 'Block' ? [...scope.outputs.values()].map(({ id }) => id) : [],
      ),
    );
    const inner = new Set(
      graph.nodes
        .filter((node) => node.phase === 'forward' && inBlock(node) !== undefined)
        .flatMap(({ outputs }) => outputs.map(({ id }) => id))
        .filter((id) => !results.has(id)),
    );
    const kept = graph.nodes
      .filter(({ phase, inputs }) => phase === 'backward' && inputs.some(({ id }) => inner.has(id)))
      .map(({ op }) => op.name);
    expect(inner.size).toBeGreaterThan(200);
    expect(kept).toEqual([]);
    expect(simplify(graph).nodes).toHaveLength(graph.nodes.length);
    const saved = moduleCosts(graph).find(({ path }) => path === 'encoder.blocks.3');
    expect(saved?.savedBytes).toBe(50 * 768 * 4);
  });

  it('repeats the forward pass of each block, but for the last product of its MLP', () => {
    const forward = pretrainingGraph(modelSpec(OFFICIAL.base));
    const again = graphFlops(
      forward,
      ({ scope: { path } }) => /\.blocks\.\d+/.test(path) && !path.endsWith('.mlp.fc2'),
    );
    expect(graphFlops(step(forward, 'blocks')) - graphFlops(step(forward, 'none'))).toBe(again);
    expect(graphFlops(forward, ({ scope }) => isInside(scope.path, 'encoder.blocks.0'))).toBeGreaterThan(0);
  });

  it('adds to the peak only the input of a further block', () => {
    const peak = (depth: number, recompute: 'none' | 'blocks') =>
      peakActivationBytes(
        step(pretrainingGraph(modelSpec({ ...OFFICIAL.base, encoder: [768, depth, 12] })), recompute),
      );
    // 50 tokens of 768 channels.
    expect(peak(12, 'blocks') - peak(11, 'blocks')).toBe(50 * 768 * 4);
    expect(peak(12, 'none') - peak(11, 'none')).toBeGreaterThan(15 * 50 * 768 * 4);
    expect(peak(12, 'none') / peak(12, 'blocks')).toBeGreaterThan(7);
  });

  it('leaves alone what no gradient goes through', () => {
    const graph = step(linearProbeGraph(modelSpec(), probe), 'none');
    expect(recomputeBlocks(graph).nodes).toEqual(graph.nodes);
  });
});

describe('what ONNX Runtime makes of a step that recomputes blocks', () => {
  const spec = modelSpec({ encoder: [16, 4, 2], decoder: [8, 3, 2] });
  const gradients = step(pretrainingGraph(spec), 'blocks');
  // In the order of the backward pass.
  const blocks = [
    ...[2, 1, 0].map((index) => ({ path: `decoder.blocks.${index}`, official: `decoder_blocks.${index}` })),
    ...[3, 2, 1, 0].map((index) => ({ path: `encoder.blocks.${index}`, official: `blocks.${index}` })),
  ];

  it.each([
    ['float32', gradients],
    ['float16', halfPrecision(gradients)],
  ] as const)(
    'computes a block again when the gradients of the one behind it are all there, and not before, in %s',
    async (_, graph) => {
      const ran = await nodesRun(graph, BATCH, numbersFor(spec, graph));
      const places = (test: (name: string) => boolean) => ran.flatMap((name, at) => (test(name) ? [at] : []));
      for (const [index, { path }] of blocks.entries()) {
        const again = places((name) => name.startsWith(`${path}.`) && name.includes('attention.backward'));
        expect(again.length, path).toBeGreaterThan(5);
        const behind = blocks[index - 1];
        if (behind === undefined) continue;
        const last = Math.max(
          ...places(
            (name) => name.startsWith(`${behind.path}.`) || name.startsWith(`gradient:${behind.official}.`),
          ),
        );
        expect(Math.min(...again), path).toBeGreaterThan(last);
      }
    },
  );

  it.each([
    ['float32', gradients],
    ['float16', halfPrecision(gradients)],
  ] as const)(
    'updates the parameters of a block before it goes on to the next one, in %s',
    async (_, graph) => {
      const constants = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.05 } as const;
      const whole = optimizeStep(graph, constants);
      const ran = await nodesRun(whole, BATCH, numbersFor(spec, whole));
      const updated = blocks.map(({ official }) => ran.indexOf(`next:${official}.attn.qkv.weight`));
      const again = blocks.map(({ path }) =>
        ran.findIndex((name) => name.startsWith(`${path}.attn/attention.backward`)),
      );
      for (const [index, at] of updated.entries()) {
        expect(at).toBeGreaterThan(again[index] ?? Number.NaN);
        expect(at).toBeLessThan(again[index + 1] ?? Number.POSITIVE_INFINITY);
      }
    },
  );
});

it.each([2, 1])(
  'after yields what it is given, whatever it waits for (of %d rows a picture)',
  async (rows) => {
    const builder = new GraphBuilder('test', { kind: 'Test', documentation: '' });
    const x = builder.input('x', 'features', float32(perExample(2), 3));
    const until = builder.input('until', 'features', float32(perExample(rows), 3));
    builder.output('same', 'features', builder.one(afterOp, [x, until]));
    const numbers = Float32Array.from({ length: BATCH * 6 }, (_, index) => index / 7);
    const unread = new Float32Array(BATCH * rows * 3).fill(Number.NaN);
    const run = await openGraph(builder.finish(), BATCH);
    expect((await run({ x: numbers, until: unread })).same).toEqual(numbers);
  },
);
