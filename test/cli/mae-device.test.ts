import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Availability, PROBES } from '../../runtime/engine/choose-engine.ts';
import type { Device } from '../../runtime/engine/device.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';
import { mae, readFeatures, strongWeights, succeed } from './use-support.ts';

let folder = '';
let pictures = '';
let model: CompiledModelFolder;

const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-device-'));
  pictures = await drawColours(at('pictures'), { blue: 4, green: 4, red: 4 });
  model = await compileToFolder(toySpec());
  const { spec } = model;
  const weights = strongWeights(spec);
  await writeSafetensors(at('weights.safetensors'), weights);
  const own = new Set(spec.parameters.map(({ name }) => name));
  await writeSafetensors(
    at('pretrained.safetensors'),
    weights.filter(({ name }) => own.has(name)),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  await model.remove();
  await rm(folder, { recursive: true, force: true });
});

/** The commands that use a trained model, by what they do. */
const COMMANDS: Readonly<Record<string, () => string[]>> = {
  features: () => [...command('features'), '--out', at('features.safetensors'), '--threads', '1'],
  'features of a layer': () => [
    ...[...command('features'), '--out', at('layer.safetensors'), '--threads', '1', '--layer', '1'],
  ],
  'a classifier': () => [...command('evaluate'), '--training', 'finetune', '--threads', '1'],
  'nearest neighbours': () => [...command('evaluate'), '--knn', '--threads', '1'],
  reconstructions: () => [...command('reconstruct', 'pretrained'), '--out', at('drawn.png'), '--count', '2'],
};

const command = (name: string, weights = 'weights'): string[] => [
  ...[name, model.directory, '--checkpoint', at(`${weights}.safetensors`), '--data', pictures],
];

/** A machine on which these devices are as it is said; the others are as they are here. */
function suppose(engine: 'onnx' | 'tfjs', devices: Partial<Record<Device, Availability>>): void {
  for (const device of ['cuda', 'webgpu', 'cpu'] as const) {
    const supposed = devices[device];
    if (supposed) vi.spyOn(PROBES[engine], device).mockResolvedValue(supposed);
  }
}

const NO_DRIVER: Availability = { kind: 'unavailable', reason: 'there is no driver', help: 'install one' };

describe.each(Object.entries(COMMANDS))('%s', (_, argv) => {
  test('say what computes, and why it does', async () => {
    const lines = (await succeed(...argv(), '--device', 'cpu')).split('\n');
    const first = lines.findIndex((line) => line.startsWith('engine'));
    expect(lines[first]).toMatch(/^engine {4}ONNX Runtime [\d.]+ on the CPU, \d+ threads?, float32/);
    expect(lines[first + 1]).toBe('why       --device cpu asks for it');
    expect(lines[first + 2]).not.toMatch(/^faster/);
  });

  test('take the best that is here unless told otherwise, and say what would be faster', async () => {
    suppose('onnx', { cuda: NO_DRIVER, webgpu: NO_DRIVER });
    const out = await succeed(...argv());
    expect(out).toContain(
      'why       the best of what is here for the onnx engine; not webgpu: there is no driver; not cuda: there is no driver\n' +
        'faster    a GPU: for webgpu install one; for cuda install one\n',
    );
  });

  test('refuse a device that is not there, and one that is none', async () => {
    suppose('onnx', { cuda: NO_DRIVER });
    const absent = await mae(...argv(), '--device', 'cuda');
    expect(absent).toMatchObject({
      exitCode: 1,
      error:
        'error  the onnx engine cannot compute on cuda: there is no driver\n' +
        'help   install one; or let it choose: --device auto\n',
    });
    const none = await mae(...argv(), '--device', 'gpu');
    expect(none.exitCode).toBe(2);
    expect(none.error).toContain("argument 'gpu' is invalid. Allowed choices are auto, cuda, webgpu, cpu");
  });
});

test('the generated classes compute the same features, where they are told to', async () => {
  await succeed(...(COMMANDS.features?.() ?? []), '--device', 'cpu');
  const { values: expected } = await readFeatures(at('features.safetensors'));
  const out = await succeed(
    ...[...command('features'), '--out', at('tfjs.safetensors')],
    ...['--engine', 'tfjs', '--device', 'cpu'],
  );
  expect(out).toMatch(/^engine {4}TensorFlow\.js.*\nwhy {7}--device cpu asks for it$/m);
  expect(relativeDeviation((await readFeatures(at('tfjs.safetensors'))).values, expected)).toBeLessThan(2e-5);
});

test('results for programs are not mixed with what is told', async () => {
  const { exitCode, out, error } = await mae(
    ...[...command('evaluate'), '--knn', '--json', '--device', 'cpu', '--threads', '1'],
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ pictures: 3 });
  expect(error).toContain('why       --device cpu asks for it');
});
