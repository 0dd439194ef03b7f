import { readFile, stat, writeFile } from 'node:fs/promises';
import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { embedWeights } from '../../runtime/cli/embed-weights.ts';
import type { Precision } from '../../runtime/export/precision.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { UserError } from '../../runtime/user-error.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';

const { onnx } = onnxProto;
const at = temporaryFolder();

const valueInfo = (name: string, shape: readonly number[]) =>
  onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });

/** y = x V + b and z = x W^T without a bias; V is stored as [inputs, outputs], W as [outputs, inputs]. */
async function writeGraph(path: string): Promise<void> {
  const transB = { name: 'transB', type: onnx.AttributeProto.AttributeType.INT, i: 1 };
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'linear',
      node: [
        { opType: 'Gemm', input: ['x', 'v', 'b'], output: ['y'] },
        { opType: 'Gemm', input: ['x', 'w'], output: ['z'], attribute: [transB] },
      ],
      input: [valueInfo('x', [2, 3]), valueInfo('v', [3, 2]), valueInfo('w', [2, 3]), valueInfo('b', [2])],
      output: [valueInfo('y', [2, 2]), valueInfo('z', [2, 2])],
    },
  });
  await writeFile(path, onnx.ModelProto.encode(model).finish());
}

const common = { initializer: { kind: 'zeros' as const }, trainable: true, decay: false };
const parameters: CompiledParameter[] = [
  { ...common, name: 'v', shape: [2, 3], permutation: [1, 0], storedShape: [3, 2] },
  { ...common, name: 'w', shape: [2, 3], permutation: [0, 1], storedShape: [2, 3] },
  { ...common, name: 'b', shape: [2], permutation: [0], storedShape: [2] },
];

/** Rows of one output each, in the official layout; V and W are the same. */
interface Linear {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
}

async function exported(precision: Precision, { weight, bias }: Linear, more = {}) {
  await writeGraph(at('graph.onnx'));
  const tensor = (name: string, data: readonly number[], shape: readonly number[]) => ({
    name,
    shape,
    data: Float32Array.from(data),
  });
  const weights = [tensor('v', weight, [2, 3]), tensor('w', weight, [2, 3]), tensor('b', bias, [2])];
  const out = at(`${precision}.onnx`);
  return embedWeights({
    graph: at('graph.onnx'),
    parameters,
    weights,
    metadata: {},
    out,
    precision,
    ...more,
  });
}

async function run(path: string, x: readonly number[]) {
  const session = await InferenceSession.create(path);
  expect(session.inputNames).toEqual(['x']);
  const { y, z } = await session.run({ x: new Tensor('float32', Float32Array.from(x), [2, 3]) });
  await session.release();
  return { y: Array.from(y?.data ?? [], Number), z: Array.from(z?.data ?? [], Number) };
}

/** What int8 holds exactly: whole multiples of the largest over 127; and 0 to 255 going in. */
const whole: Linear = { weight: [127, 2, -3, 254, -20, 40], bias: [0.5, -0.5] };
const x = [255, 10, 100, 0, 3, 7];
/** Rows of x times rows of the weight. */
const products = [32385 + 20 - 300, 64770 - 200 + 4000, 6 - 21, -60 + 280];

describe('weights in int8', () => {
  test('multiply exactly what is whole', async () => {
    const { files, weightBytes } = await exported('int8', whole);
    expect(await run(files[0] ?? '', x)).toEqual({
      y: products.map((product, i) => product + (i % 2 === 0 ? 0.5 : -0.5)),
      z: products,
    });
    // Of each matrix six bytes and two scales, and the bias.
    expect(weightBytes).toBe(2 * (6 + 8) + 8);
    const { graph } = onnx.ModelProto.decode(await readFile(files[0] ?? ''));
    expect(graph?.node?.filter(({ opType }) => opType === 'DynamicQuantizeLinear')).toHaveLength(1);
    expect(graph?.node?.filter(({ opType }) => opType === 'Gemm')).toEqual([]);
  });

  // By the definition of DynamicQuantizeLinear: the step going in is (1.5 + 1) / 255, that of the weight 0.1 / 127.
  test('are off by no more than their steps say', async () => {
    const small: Linear = { weight: [0.1, 0.033, -0.07, 0.1, -0.1, 0.05], bias: [0, 0] };
    const values = [-1, 0.3, 1.5, 0.7, 0.2, -0.4];
    const { files } = await exported('int8', small);
    const { z } = await run(files[0] ?? '', values);
    const [inStep, weightStep] = [2.5 / 255, 0.1 / 127];
    let farthest = 0;
    for (const [i, result] of z.entries()) {
      const row = values.slice(3 * (i >> 1), 3 * (i >> 1) + 3);
      const column = small.weight.slice(3 * (i & 1), 3 * (i & 1) + 3);
      const exact = row.reduce((sum, value, k) => sum + value * (column[k] ?? 0), 0);
      // Rounding the zero point moves the ends by half a step more.
      const bound = row.reduce(
        (sum, value, k) =>
          sum + Math.abs(column[k] ?? 0) * inStep + (Math.abs(value) + inStep) * (weightStep / 2),
        1e-7,
      );
      expect(Math.abs(result - exact)).toBeLessThan(bound);
      farthest = Math.max(farthest, Math.abs(result - exact));
    }
    expect(farthest).toBeGreaterThan(1e-6);
  });

  test('can lie in a file of their own', async () => {
    const { files } = await exported('int8', whole, { largestEmbedded: 8, out: at('split.onnx') });
    expect(files).toEqual([at('split.onnx'), at('split.onnx.data')]);
    expect((await run(at('split.onnx'), x)).z).toEqual(products);
    expect((await stat(at('split.onnx.data'))).size).toBe(5 * 4096);
  });
});

describe('weights in float16', () => {
  // Of 11 significant bits: 1/3 is 1365/4096, 2049 lies between 2048 and 2050 and goes to the even one.
  const third = 1365 / 4096;
  const given: Linear = { weight: [1 / 3, 2049, -1, 0.5, 2 ** -24, 65504], bias: [1 / 3, 0] };

  test('are the nearest there are, and multiply in float32', async () => {
    const { files, weightBytes } = await exported('float16', given);
    const { y, z } = await run(files[0] ?? '', [3, 0, 0, 0, 1, 0]);
    expect(z).toEqual([3 * third, 1.5, 2048, 2 ** -24]);
    expect(y[0]).toBeCloseTo(3 * third + 1 / 3, 6);
    expect(y[0]).not.toBeCloseTo(4 * third, 6);
    expect((await run(files[0] ?? '', [0, 0, 1, 0, 0, 2])).z).toEqual([-1, 65504, -2, 131008]);
    expect(weightBytes).toBe(2 * 12 + 8);
  });

  test.each([70000, -65505, Number.NaN])('do not hold %d', async (value) => {
    await writeFile(at('float16.onnx'), 'earlier');
    const weight = [0, 0, value, 0, 0, 0];
    const error: unknown = await exported('float16', { weight, bias: [0, 0] }).catch((reason) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty('message', `v holds ${value}, and float16 ends at 65504`);
    expect(await readFile(at('float16.onnx'), 'utf8')).toBe('earlier');
  });
});
