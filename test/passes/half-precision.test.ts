import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../../compiler/ir/graph.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { linearProbeGraph } from '../../compiler/model/linear-probe.ts';
import { pretrainingGraph } from '../../compiler/model/masked-autoencoder.ts';
import { peakActivationBytes } from '../../compiler/passes/cost.ts';
import { gradientStep } from '../../compiler/passes/gradient-step.ts';
import { halfPrecision } from '../../compiler/passes/half-precision.ts';
import { optimizeStep } from '../../compiler/passes/optimize-step.ts';
import { withRounding } from '../support/rounded-graph.ts';
import { type Numbers, openGraph } from '../support/run-graph.ts';
import { modelSpec, OFFICIAL } from '../support/specs.ts';
import { BATCH, numbersFor, probe, variants } from '../support/trained-variants.ts';

const WEIGHT = 0.5;
const step = (graph: Graph, recompute: 'none' | 'blocks' = 'none') => gradientStep(graph, { recompute });
const norm = (values: Iterable<number>) => Math.hypot(...values);
const one = (values: Numbers | undefined) => values?.[0] ?? Number.NaN;

/** The L2 norm of what differs. */
function distance(a: Numbers | undefined, b: Numbers): number {
  return norm(Array.from(b, (value, index) => value - (a?.[index] ?? Number.NaN)));
}

async function run(graph: Graph, numbers: Readonly<Record<string, Numbers>>) {
  return (await openGraph(graph, BATCH, withRounding))(numbers);
}

const pretraining = modelSpec({ encoder: [16, 2, 2], decoder: [8, 1, 2] });
const steps: readonly (readonly [string, ModelSpec, Graph])[] = [
  ...variants.map(([name, spec, graphOf]) => [name, spec, step(graphOf(spec))] as const),
  ['pretraining that recomputes blocks', pretraining, step(pretrainingGraph(pretraining), 'blocks')],
  ['linear probing', modelSpec(), step(linearProbeGraph(modelSpec(), probe))],
];

describe('half-precision', () => {
  it.each(steps)('yields the loss and the gradients of %s, all in float32', async (_, spec, plain) => {
    const half = halfPrecision(plain);
    const numbers = numbersFor(spec, half);
    const expected = await run(plain, numbers);
    const results = await run(half, numbers);
    expect(Object.keys(results)).toEqual([...Object.keys(expected), 'gradient-total']);
    expect(half.outputs.every(({ value }) => value.type === 'float32')).toBe(true);
    expect(half.parameters).toEqual(plain.parameters);
    expect(Math.abs(one(results.loss) / one(expected.loss) - 1)).toBeLessThan(4e-3);
    const largest = Math.max(...Object.values(expected).map(norm));
    for (const [name, values] of Object.entries(expected)) {
      // Seen: 2.5e-3 at most. The bias of normed keys changes nothing: its gradient is what rounding leaves of a zero.
      expect(distance(results[name], values), name).toBeLessThan(
        4e-3 * Math.max(norm(values), largest / 100),
      );
    }
    // It does compute in float16: float32 would differ by some 1e-7.
    const differs = Object.entries(expected).map(
      ([name, values]) => distance(results[name], values) / norm(values),
    );
    expect(Math.max(...differs)).toBeGreaterThan(1e-5);
    const gradients = Object.entries(results).filter(([name]) => name.startsWith('gradient:'));
    const sum = gradients.flatMap(([, values]) => [...values]).reduce((all, value) => all + value, 0);
    const sizes = gradients.reduce((all, [, values]) => all + norm(values), 0);
    expect(Math.abs(one(results['gradient-total']) - sum)).toBeLessThan(1e-5 * sizes);
  });

  it('tells of a scale that float16 has no room for, and leaves the loss alone', async () => {
    const half = halfPrecision(step(pretrainingGraph(pretraining)));
    const numbers = numbersFor(pretraining, half);
    const results = await run(half, { ...numbers, 'loss-scale': Float32Array.of(2 ** 40) });
    expect(Number.isFinite(one(results['gradient-total']))).toBe(false);
    expect(results.loss).toEqual((await run(half, numbers)).loss);
  });

  it('keeps small gradients that float16 alone would lose', async () => {
    const plain = step(pretrainingGraph(pretraining));
    const half = halfPrecision(plain);
    const numbers = { ...numbersFor(pretraining, half), 'loss-weight': Float32Array.of(WEIGHT * 2 ** -24) };
    const name = 'gradient:blocks.0.mlp.fc1.weight';
    const expected = (await run(plain, numbers))[name] ?? new Float32Array();
    const deviation = async (scale: number) => {
      const results = await run(half, { ...numbers, 'loss-scale': Float32Array.of(scale) });
      return distance(results[name], expected) / norm(expected);
    };
    expect(await deviation(1)).toBeGreaterThan(0.1);
    expect(await deviation(2 ** 24)).toBeLessThan(4e-3);
  });

  it('casts each parameter once, and only those that matrix products read', () => {
    const half = halfPrecision(step(pretrainingGraph(pretraining), 'blocks'));
    const casts = half.nodes.filter(({ op }) => op.name === 'cast').flatMap(({ inputs }) => inputs);
    expect(new Set(casts.map(({ id }) => id)).size).toBe(casts.length);
    const isCast = new Set(casts.map(({ id }) => id));
    const named = half.parameters.filter(({ value }) => isCast.has(value.id)).map(({ name }) => name);
    const products =
      /(attn\.(qkv|proj)|mlp\.fc[12]|patch_embed\.proj|decoder_embed|decoder_pred)\.(weight|bias)$/;
    expect(named).toEqual(half.parameters.map(({ name }) => name).filter((name) => products.test(name)));
  });

  it('computes matrix products in float16 and all else that adds up many numbers in float32', () => {
    const half = halfPrecision(step(pretrainingGraph(modelSpec(OFFICIAL.base))));
    const inHalf = (node: Node) => node.outputs[0]?.type === 'float16';
    const names = (nodes: readonly Node[]) => [...new Set(nodes.map(({ op }) => op.name))].sort();
    expect(names(half.nodes.filter(inHalf))).toEqual([
      'attention',
      'attention-gradient',
      'cast',
      // Moves rows of what a matrix product made, and adds none up.
      'gather-rows',
      'linear',
      'matmul',
    ]);
    const wide = names(half.nodes.filter((node) => !inHalf(node)));
    expect(wide).not.toContain('linear');
    expect(wide).toEqual(expect.arrayContaining(['layer-norm', 'erf-gate', 'mean-error', 'sum-rows', 'add']));
  });

  it('keeps fewer bytes of activations', () => {
    const plain = step(pretrainingGraph(modelSpec(OFFICIAL.base)));
    const share = peakActivationBytes(halfPrecision(plain)) / peakActivationBytes(plain);
    expect(share).toBeLessThan(0.9);
  });

  it('lets AdamW take the step of the unscaled gradients', async () => {
    const half = halfPrecision(step(pretrainingGraph(pretraining)));
    const constants = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.05 } as const;
    const whole = optimizeStep(half, constants);
    const numbers = numbersFor(pretraining, whole);
    const zeros = Object.entries(numbers).map(
      ([name, values]) => [name, name.includes('-moment:') ? values.map(() => 0) : values] as const,
    );
    const results = await run(whole, {
      ...Object.fromEntries(zeros),
      'learning-rate': Float32Array.of(1e-3),
      'bias-corrections': Float32Array.of(0.1, 0.05),
    });
    const gradients = await run(half, numbers);
    const name = 'blocks.1.attn.proj.weight';
    // The first moment of zeros is a tenth of the gradient.
    const moment = Float32Array.from(gradients[`gradient:${name}`] ?? [], (value) => 0.1 * value);
    expect(distance(results[`next-first-moment:${name}`], moment)).toBeLessThan(1e-6 * norm(moment));
    expect(norm(moment)).toBeGreaterThan(0);
    expect(one(results['gradient-total'])).toBeCloseTo(one(gradients['gradient-total']), 4);
  });
});
