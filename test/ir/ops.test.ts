import { describe, expect, it } from 'vitest';
import type { Op } from '../../compiler/ir/op.ts';
import { OPS } from '../../compiler/ir/ops/registry.ts';
import { elementCount, type Numbers, openGraph } from '../support/run-graph.ts';
import { opGraphs, sampleNumbers } from './op-harness.ts';
import { BATCH, FORWARD_SAMPLES, type OpSample, SAMPLES } from './op-samples.ts';

const STEP = 2 ** -7;

/** Sum over the output of output * seed, in double precision. */
function weightedSum(output: Numbers | undefined, seed: Numbers | undefined): number {
  return Array.from(output ?? []).reduce((sum, value, index) => sum + value * (seed?.[index] ?? 0), 0);
}

async function finiteDifferences(op: Op, sample: OpSample) {
  const { forward, backward } = opGraphs(op, sample);
  const output = forward.outputs[0];
  if (!output || !backward) throw new Error(`${op.name} is not differentiable`);
  const numbers = sampleNumbers(op, sample, elementCount(output.value.shape, BATCH));
  const run = await openGraph(forward, BATCH);
  const gradients = await (await openGraph(backward, BATCH))(numbers);
  const seed = numbers['output-gradient'];
  const deviations: { input: number; deviation: number; largest: number }[] = [];
  for (const [input, { differentiate }] of sample.inputs.entries()) {
    const name = `input.${input}`;
    const values = numbers[name];
    if (!differentiate || !values) continue;
    const analytic = gradients[`gradient.${input}`] ?? [];
    let deviation = 0;
    let largest = 0;
    for (let element = 0; element < values.length; element++) {
      const at = async (offset: number) => {
        const moved = values.slice();
        moved[element] = (moved[element] ?? 0) + offset;
        return weightedSum((await run({ ...numbers, [name]: moved })).output, seed);
      };
      const numeric = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
      deviation = Math.max(deviation, Math.abs(numeric - (analytic[element] ?? Number.NaN)));
      largest = Math.max(largest, Math.abs(numeric));
    }
    deviations.push({ input, deviation, largest });
  }
  return deviations;
}

describe('every op', () => {
  const covered = OPS.filter(({ differentiable }) => differentiable);

  it('is named once', () => {
    expect(new Set(OPS.map(({ name }) => name)).size).toBe(OPS.length);
  });

  it('that is differentiable has a sample for this test', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(covered.map(({ name }) => name).sort());
  });

  it('without a gradient is exercised by the gradient of another one, or by a test of its own', () => {
    const used = new Set<string>();
    for (const op of covered) {
      for (const sample of SAMPLES[op.name] ?? []) {
        for (const node of opGraphs(op, sample).backward?.nodes ?? []) used.add(node.op.name);
      }
    }
    const own = [
      ...Object.keys(FORWARD_SAMPLES),
      ...['random-masking', 'adamw', 'adamw-factors', 'after', 'cast', 'total', 'unscale'],
    ];
    expect(
      OPS.map(({ name }) => name)
        .filter((name) => !used.has(name))
        .sort(),
    ).toEqual(own.sort());
  });

  for (const op of covered) {
    (SAMPLES[op.name] ?? []).forEach((sample, number) => {
      it(`has the gradient of its finite differences: ${op.name} ${number + 1}`, async () => {
        for (const { input, deviation, largest } of await finiteDifferences(op, sample)) {
          expect(largest, `input ${input} matters`).toBeGreaterThan(1e-3);
          expect(deviation / largest, `input ${input}`).toBeLessThan(2e-3);
        }
      });
    });
  }

  it('counts the FLOPs of matrix products and of nothing else', () => {
    const counted = OPS.filter((op) => {
      const sample = SAMPLES[op.name]?.[0];
      if (!sample) return false;
      const types = sample.inputs.map(({ type }) => type);
      const attributes = sample.attributes ?? {};
      return op.flops(types, op.infer(types, attributes), attributes) > 0;
    });
    expect(counted.map(({ name }) => name).sort()).toEqual(['attention', 'linear']);
  });
});
