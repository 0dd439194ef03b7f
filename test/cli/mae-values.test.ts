import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import onnxProto from 'onnx-proto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../cli/main.ts';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { classifierOf, type TrainedModel, trainedClassifier } from '../../runtime/model/trained-model.ts';
import { saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { NAMING_NAMES } from '../../runtime/weights/naming/schemes.ts';
import { openWeights } from '../../runtime/weights/open-weights.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';
import { recordingIo } from './compile-support.ts';

const temporary = temporaryFolder();

let model: CompiledModelFolder;
let pictures = '';

/**
 * Three checkpoints of each of the two: with the parameters of one seed and the means of another; with the former alone; and with the
 * latter as its parameters.
 */
const KINDS = ['both', 'parameters', 'ema'] as const;
const path = (kind: (typeof KINDS)[number], training: 'pretrain' | 'finetune' = 'pretrain'): string =>
  temporary(`${kind}/${training}.safetensors`);

beforeAll(async () => {
  model = await compileGraphsToFolder(toySpec());
  pictures = await drawColours(temporary('pictures'), { blue: 10, green: 10, red: 10 });
  const { spec } = model;
  const { classifier, recipe } = classifierOf(spec, 'finetune');
  const finetuned = trainedClassifier(spec, 'finetune', classifier, ['blue', 'green', 'red']);
  await saveKinds(spec, spec.recipes.pretrain);
  await saveKinds(finetuned, recipe);
});
afterAll(() => model.remove());

async function saveKinds(spec: TrainedModel, recipe: Parameters<typeof saveCheckpoint>[1]['recipe']) {
  const [parameters, others] = [values(spec.parameters, 1), values(spec.parameters, 2)];
  const trainable = (tensors: readonly NamedTensor[]) =>
    tensors.filter(({ name }) => spec.parameters.find((each) => each.name === name)?.trainable);
  for (const kind of KINDS) {
    await mkdir(dirname(path(kind)), { recursive: true });
    await saveCheckpoint(path(kind, spec.training === 'finetune' ? 'finetune' : 'pretrain'), {
      spec,
      engine: 'test',
      parameters: kind === 'ema' ? others : parameters,
      optimizer: {
        kind: 'adamw',
        step: 5,
        firstMoments: trainable(parameters),
        secondMoments: trainable(parameters),
      },
      ...(kind === 'both' ? { averages: trainable(others) } : {}),
      position: { step: 5, epoch: 1, batch: 2 },
      recipe,
      log: {},
    });
  }
}

/** Initial values of a seed, those that begin as zeros or ones a little off. */
function values(parameters: readonly CompiledParameter[], seed: number): NamedTensor[] {
  return [...initialParameters({ parameters }, seed)].map((tensor, place) =>
    parameters[place]?.trainable
      ? { ...tensor, data: tensor.data.map((value, i) => value + 0.1 * Math.sin(seed * (i + 1))) }
      : tensor,
  );
}

/** Runs `mae` in this process. Fails unless it ends well; what it wrote. */
async function mae(...argv: string[]): Promise<string> {
  const { io, texts } = recordingIo();
  expect(await main(argv, io), texts.error).toBe(0);
  return texts.out;
}

/**
 * What a command makes of the checkpoint with both by default and when it is told which, beside what it makes of those that have one
 * alone. `run` yields something to compare, and the text in which the command says what it took.
 */
async function compare<T>(
  run: (checkpoint: string, more: string[], name: string) => Promise<{ made: T; text: string }>,
  training: 'pretrain' | 'finetune' = 'pretrain',
) {
  const both = path('both', training);
  const [byDefault, means, last, onlyMeans, onlyLast] = [
    await run(both, [], 'default'),
    await run(both, ['--values', 'ema'], 'means'),
    await run(both, ['--values', 'parameters'], 'last'),
    await run(path('ema', training), [], 'only-means'),
    await run(path('parameters', training), [], 'only-last'),
  ];
  expect(byDefault.made).toEqual(onlyMeans.made);
  expect(means.made).toEqual(onlyMeans.made);
  expect(last.made).toEqual(onlyLast.made);
  expect(last.made).not.toEqual(means.made);
  return { means: [byDefault.text, means.text], last: [last.text, onlyMeans.text, onlyLast.text] };
}

/** Every text has the line that says which weights were taken. */
function expectLines({ means, last }: Awaited<ReturnType<typeof compare>>, training = 'pretrain') {
  const line = `weights   ${training}.safetensors: `;
  for (const text of means) expect(text).toContain(`${line}running means of the parameters (EMA)\n`);
  for (const text of last) expect(text).toContain(`${line}parameters\n`);
}

const read = (checkpoint: string) => [model.directory, '--checkpoint', checkpoint];

test('mae features', async () => {
  expectLines(
    await compare(async (checkpoint, more, name) => {
      const out = temporary(`${name}.npy`);
      const text = await mae('features', ...read(checkpoint), '--data', pictures, '--out', out, ...more);
      return { made: await readFile(out, 'base64'), text };
    }),
  );
});

test.each([[], ['--layer', '1']])('mae features says in its file which they are %s', async (...layer) => {
  const out = temporary('features.safetensors');
  await mae('features', ...read(path('both')), '--data', pictures, '--out', out, ...layer);
  const file = await SafetensorsFile.open(out);
  expect(file.metadata.get('values')).toBe('ema');
  await file.close();
});

describe('mae evaluate', () => {
  const evaluate = (checkpoint: string, ...more: string[]) =>
    mae('evaluate', ...read(checkpoint), '--data', pictures, ...more);

  test('of a classifier', async () => {
    const { means, last } = await compare(async (checkpoint, more) => {
      const { weights, loss } = JSON.parse(await evaluate(checkpoint, '--split', 'all', '--json', ...more));
      return { made: loss, text: weights };
    }, 'finetune');
    expect([means, last]).toEqual([
      ['ema', 'ema'],
      ['parameters', 'parameters', 'parameters'],
    ]);
    expect(await evaluate(path('both', 'finetune'))).toContain(': running means of the parameters (EMA)\n');
  });

  test('--knn', async () => {
    const text = await evaluate(path('both'), '--knn');
    expect(text).toContain('weights   pretrain.safetensors: running means of the parameters (EMA)\n');
    const other = await evaluate(path('both'), '--knn', '--values', 'parameters');
    expect(other).toContain('weights   pretrain.safetensors: parameters\n');
    const json = JSON.parse(await evaluate(path('both'), '--knn', '--values', 'parameters', '--json'));
    expect(json).toMatchObject({ weights: 'parameters', pictures: 3 });
  });
});

/** Where the drawing's rows begin, in pixels. */
const HEADER = 114;

test('mae reconstruct', async () => {
  expectLines(
    await compare(async (checkpoint, more, name) => {
      const out = temporary(`${name}.png`);
      const data = ['--data', pictures, '--count', '2', '--out', out];
      const text = await mae('reconstruct', ...read(checkpoint), ...data, ...more);
      // The header says which weights these are.
      const drawn = sharp(out);
      const { width, height } = await drawn.metadata();
      const rows = drawn.extract({ left: 0, top: HEADER, width, height: height - HEADER });
      return { made: (await rows.raw().toBuffer()).toString('base64'), text };
    }),
  );
});

describe('mae export', () => {
  test.each(['encoder', 'masked-autoencoder', 'classifier'])('--graph %s', async (graph) => {
    const training = graph === 'classifier' ? 'finetune' : 'pretrain';
    const taken: unknown[] = [];
    const texts = await compare(async (checkpoint, more, name) => {
      const out = temporary(`${name}.onnx`);
      const text = await mae('export', ...read(checkpoint), '--graph', graph, '--out', out, ...more);
      const { graph: written, metadataProps } = onnxProto.onnx.ModelProto.decode(await readFile(out));
      taken.push(metadataProps?.find(({ key }) => key === 'values')?.value);
      return { made: written?.initializer?.map(({ name: of, rawData }) => ({ of, rawData })), text };
    }, training);
    expectLines(texts, training);
    expect(taken).toEqual(['ema', 'ema', 'parameters', 'parameters', 'parameters']);
  });

  test.each(NAMING_NAMES)('--weights with the names of %s', async (naming) => {
    expectLines(
      await compare(async (checkpoint, more, name) => {
        const out = temporary(`${name}.safetensors`);
        const text = await mae('export', ...read(checkpoint), '--weights', out, '--naming', naming, ...more);
        const file = await SafetensorsFile.open(out);
        const made = new Map<string, Float32Array>();
        for (const tensor of file.tensors.keys()) made.set(tensor, await file.read(tensor));
        await file.close();
        return { made, text };
      }),
    );
  });
});

test('--from', async () => {
  const { means, last } = await compare(async (checkpoint, more, name) => {
    const out = temporary(name);
    const data = ['--data', pictures, '--out', out, '--steps', '1', '--device', 'cpu', '--threads', '1'];
    const text = await mae('linear-probe', model.directory, '--from', checkpoint, ...data, ...more);
    // A probe leaves the encoder as it was.
    const { tensors, close } = await openWeights(`${out}/checkpoint.safetensors`);
    const made = await tensors.get('blocks.0.attn.qkv.weight')?.read();
    await close();
    return { made, text };
  });
  for (const text of means)
    expect(text).toContain('starts from the running means of the parameters (EMA) in ');
  for (const text of last) expect(text).toContain('starts from the parameters in ');
});

test('running means of a file that has none are refused', async () => {
  const { io, texts } = recordingIo();
  const argv = ['export', ...read(path('parameters')), '--values', 'ema', '--out', temporary('none.onnx')];
  expect(await main(argv, io)).toBe(1);
  expect(texts.error).toBe(
    `error  ${path('parameters')} has no running means of its parameters (EMA)\n` +
      'help   leave out --values; a training keeps them if its recipe has ema\n',
  );
});
