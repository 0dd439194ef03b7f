import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeComparison } from '../../runtime/cli/export-precision.ts';
import { compareExports } from '../../runtime/export/compare-exports.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { halfToNumber, toHalves } from '../../runtime/weights/half.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { modelSpec } from '../support/specs.ts';
import { drawPictures } from '../train/tiny-run.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';
import { mae, strongWeights, succeed } from './use-support.ts';

const at = temporaryFolder();
let model: CompiledModelFolder;
beforeAll(async () => {
  model = await compileGraphsToFolder(modelSpec({ finetune: {} }));
  const { spec } = model;
  const weights = strongOnes(spec.parameters);
  await writeSafetensors(at('weights.safetensors'), weights);
  await writeSafetensors(
    at('classifier.safetensors'),
    strongOnes(spec.classifiers.finetune?.parameters ?? []),
  );
  const halves = ({ data }: { readonly data: Float32Array }) =>
    Float32Array.from(toHalves(data), halfToNumber);
  const rounded = weights.map((each) => (each.shape.length < 2 ? each : { ...each, data: halves(each) }));
  await writeSafetensors(at('rounded.safetensors'), rounded);
});
afterAll(() => model.remove());

/** Of what is strong in the whole model, the weights of these parameters. */
function strongOnes(parameters: readonly CompiledParameter[]) {
  const names = new Set(parameters.map(({ name }) => name));
  return strongWeights(model.spec).filter(({ name }) => names.has(name));
}

const exportArguments = (out: string, ...more: string[]) => [
  ...['export', model.directory, '--checkpoint', at('weights.safetensors'), '--out', at(out)],
  ...more,
];

const images = Random.from('precision').fillNormal(new Float32Array(2 * 3 * 16 * 16));
async function features(path: string): Promise<readonly number[]> {
  const session = await InferenceSession.create(at(path));
  const outputs = await session.run({ images: new Tensor('float32', images, [2, 3, 16, 16]) });
  await session.release();
  return Array.from(outputs.features?.data ?? [], Number);
}

function relativeError(values: readonly number[], exact: readonly number[]): number {
  expect(values.length).toBe(exact.length);
  const norm = (numbers: readonly number[]) => Math.hypot(...numbers);
  return norm(values.map((value, i) => value - (exact[i] ?? Number.NaN))) / norm(exact);
}

describe('mae export --precision', () => {
  test('float16 computes what the rounded weights do in float32', async () => {
    const text = await succeed(...exportArguments('float16.onnx', '--precision', 'float16', '--count', '2'));
    expect(text).toMatch(
      /\npictures {2}2 of noise; .*\nsize .*\nerror {5}features: at most \S+, relative \S+\ntime .*\nmeasured .*\n$/,
    );
    await succeed(
      ...['export', model.directory, '--checkpoint', at('rounded.safetensors'), '--out', at('rounded.onnx')],
    );
    await succeed(...exportArguments('exact.onnx'));
    const [half, rounded, exact] = [
      await features('float16.onnx'),
      await features('rounded.onnx'),
      await features('exact.onnx'),
    ];
    expect(relativeError(half, rounded)).toBeLessThan(1e-6);
    expect(relativeError(half, exact)).toBeGreaterThan(1e-5);
  });

  test('int8 tells how far off it is, on pictures', async () => {
    const pictures = await drawPictures(at('pictures'), 5);
    const before = await temporaryExports();
    const text = await succeed(
      ...exportArguments('int8.onnx', '--precision', 'int8', '--data', pictures, '--count', '3'),
    );
    expect(text).toContain(`pictures  3 of ${pictures}\n`);
    expect(await temporaryExports()).toEqual(before);
    const relative = Number(text.match(/features: at most \S+, relative (\S+)/)?.[1]);
    expect(relative).toBeGreaterThan(1e-3);
    expect(relative).toBeLessThan(0.1);
    await succeed(...exportArguments('exact.onnx'));
    const error = relativeError(await features('int8.onnx'), await features('exact.onnx'));
    expect(error).toBeGreaterThan(1e-3);
    expect(error).toBeLessThan(0.1);
  });

  test.each(['masked-autoencoder', 'classifier'])('stores a %s', async (graph) => {
    const text = await succeed(
      ...exportArguments(`${graph}.onnx`, '--graph', graph, '--precision', 'int8', '--count', '1'),
      ...(graph === 'classifier' ? ['--checkpoint', at('classifier.safetensors')] : []),
    );
    const outputs = graph === 'classifier' ? ['logits', 'features'] : ['prediction', 'mask', 'loss'];
    for (const output of outputs) expect(text).toContain(`error     ${output}: at most `);
    // The same patches are removed for both.
    if (graph === 'masked-autoencoder') expect(text).toContain('mask: at most 0.0, relative 0.0\n');
  });

  test.each([
    [['--data', 'pictures'], 'error: --data needs --precision float16 or int8: pictures to compare it on'],
    [['--precision', 'int4'], 'Allowed choices are float32, float16, int8.'],
  ])('%j is a wrong command line', async (more, message) => {
    const { exitCode, error } = await mae(...exportArguments('none.onnx', ...more));
    expect(exitCode).toBe(2);
    expect(error).toContain(message);
  });
});

async function temporaryExports(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('mae-float32-'));
}

describe('a comparison', () => {
  test('of a file with itself finds no difference', async () => {
    await succeed(...exportArguments('same.onnx'));
    const { spec } = model;
    const compared = await compareExports({
      exact: at('same.onnx'),
      other: at('same.onnx'),
      spec,
      graph: spec.graphs.encoder,
      images,
      threads: 1,
    });
    expect(compared.outputs).toEqual([{ name: 'features', largest: 0, relative: 0 }]);
    expect(compared.exactSeconds).toBeGreaterThan(0);
    expect(compared.otherSeconds).toBeGreaterThan(0);
  });

  // With the same shift of every weight's sign in the last norm the features are their negatives: twice as far as they are long.
  test('measures differences by the size of what they are of', async () => {
    const flipped = strongOnes(model.spec.parameters).map((each) =>
      each.name === 'norm.weight' || each.name === 'norm.bias'
        ? { ...each, data: each.data.map((v) => -v) }
        : each,
    );
    await writeSafetensors(at('flipped.safetensors'), flipped);
    await succeed(...exportArguments('same.onnx'));
    await succeed(
      ...['export', model.directory, '--checkpoint', at('flipped.safetensors'), '--out', at('flipped.onnx')],
    );
    const { spec } = model;
    const { outputs } = await compareExports({
      exact: at('same.onnx'),
      other: at('flipped.onnx'),
      spec,
      graph: spec.graphs.encoder,
      images,
      threads: 1,
    });
    const largest = Math.max(...(await features('same.onnx')).map(Math.abs));
    expect(outputs[0]?.relative).toBeCloseTo(2, 5);
    expect(outputs[0]?.largest).toBeCloseTo(2 * largest, 4);
  });

  test('is told in five lines', () => {
    const outputs = [{ name: 'features', largest: 0.12345, relative: 0.0123 }];
    const compared = { outputs, exactSeconds: 0.178, otherSeconds: 0.0623, engine: 'ONNX Runtime' };
    expect(describeComparison(compared, { exact: 343e6, other: 87.1e6 }, '8 of cats')).toEqual([
      'pictures  8 of cats',
      'size      87.1 MB, float32 343 MB',
      'error     features: at most 0.12, relative 0.012',
      'time      62.3 ms a picture, float32 178 ms: 2.86x as fast',
      'measured  one picture at a time, in turns; ONNX Runtime',
    ]);
  });
});
