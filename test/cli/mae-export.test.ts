import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { embedWeights } from '../../runtime/cli/embed-weights.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { UserError } from '../../runtime/user-error.ts';

const { onnx } = onnxProto;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-export-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const FLOAT = 1;
const valueInfo = (name: string, shape: readonly (number | string)[]) =>
  onnx.ValueInfoProto.create({
    name,
    type: {
      tensorType: {
        elemType: FLOAT,
        shape: {
          dim: shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side })),
        },
      },
    },
  });

/** y = x W^T + b as a compiled graph has it: both parameters are inputs, and W is stored transposed. */
async function writeLinearGraph(path: string): Promise<void> {
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'test',
    metadataProps: [{ key: 'hash', value: 'abc' }],
    graph: {
      name: 'linear',
      node: [{ opType: 'Gemm', input: ['x', 'weight', 'bias'], output: ['y'], name: 'gemm' }],
      input: [valueInfo('x', ['batch', 3]), valueInfo('weight', [3, 2]), valueInfo('bias', [2])],
      output: [valueInfo('y', ['batch', 2])],
    },
  });
  await writeFile(path, onnx.ModelProto.encode(model).finish());
}

const common = { initializer: { kind: 'zeros' as const }, trainable: true, decay: false };
const parameters: CompiledParameter[] = [
  { ...common, name: 'weight', shape: [2, 3], permutation: [1, 0], storedShape: [3, 2] },
  { ...common, name: 'bias', shape: [2], permutation: [0], storedShape: [2] },
  { ...common, name: 'decoder.bias', shape: [1], permutation: [0], storedShape: [1] },
];
/** Official layout: W has a row per output. */
const weights = [
  { name: 'weight', shape: [2, 3], data: Float32Array.of(1, 2, 3, 40, 50, 60) },
  { name: 'bias', shape: [2], data: Float32Array.of(0.5, -0.5) },
  { name: 'decoder.bias', shape: [1], data: Float32Array.of(9) },
];

/** x = (1, 10, 100) and (1, 0, 0), by hand: rows of W times x, plus b. */
const expected = [321.5, 6539.5, 1.5, 39.5];

async function runLinear(path: string): Promise<number[]> {
  const session = await InferenceSession.create(path);
  expect(session.inputNames).toEqual(['x']);
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 10, 100, 1, 0, 0), [2, 3]) });
  await session.release();
  return Array.from(y?.data ?? [], Number);
}

const options = (out: string) => ({
  graph: join(folder, 'graph.onnx'),
  parameters,
  weights,
  metadata: { weights: 'checkpoint.safetensors' },
  out,
});

describe('an exported graph', () => {
  test('runs by itself, its parameters in it', async () => {
    await writeLinearGraph(join(folder, 'graph.onnx'));
    const out = join(folder, 'linear.onnx');
    const written = await embedWeights(options(out));
    expect(written).toEqual({ files: [out], inputs: ['x'], outputs: ['y'], weightBytes: 32 });
    expect(await runLinear(out)).toEqual(expected);
    const { metadataProps } = onnx.ModelProto.decode(await readFile(out));
    expect(metadataProps?.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'hash=abc',
      'weights=checkpoint.safetensors',
    ]);
  });

  test('has large weights in a file of their own, found beside it', async () => {
    await writeLinearGraph(join(folder, 'graph.onnx'));
    const out = join(folder, 'linear.onnx');
    const written = await embedWeights({ ...options(out), largestEmbedded: 31 });
    expect(written.files).toEqual([out, `${out}.data`]);
    expect((await stat(`${out}.data`)).size).toBe(2 * 4096);
    expect(await runLinear(out)).toEqual(expected);
  });

  test('replaces an earlier one whole or not at all', async () => {
    const out = join(folder, 'linear.onnx');
    await writeFile(out, 'earlier');
    await writeFile(join(folder, 'graph.onnx'), 'no protobuf at all');
    const error: unknown = await embedWeights(options(out)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty(
      'message',
      `${join(folder, 'graph.onnx')} is damaged: it is not an ONNX model`,
    );
    expect(await readFile(out, 'utf8')).toBe('earlier');
    expect((await readdir(folder)).sort()).toEqual(['graph.onnx', 'linear.onnx']);
  });
});
