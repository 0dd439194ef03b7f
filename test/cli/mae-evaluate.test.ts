import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures, readForEvaluation } from '../../runtime/data/pictures.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { mae, toyFolder } from './toy-folder.ts';

const toy = toyFolder({ finetuned: true });
const { at, checkpoint, evaluate } = toy;

describe('mae evaluate', () => {
  test('tells what was classified how, for people', async () => {
    const picture = at('confusion.png');
    const { exitCode, out, error } = await evaluate(
      at('finetune', 'best.safetensors'),
      ...['--split', 'all', '--confusion', picture],
    );
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    for (const text of [
      '30 in',
      '3 classes',
      'top-1',
      '100',
      'blue',
      'green',
      'red',
      `look at   ${picture}`,
    ]) {
      expect(out).toContain(text);
    }
    expect((await sharp(picture).metadata()).format).toBe('png');
  });

  test('and for programs', async () => {
    const { exitCode, out } = await evaluate(checkpoint('finetune'), '--split', 'train', '--json');
    expect(exitCode).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ pictures: 27, broken: 0, top1: 1, top5: 1 });
    expect(result.confusion).toEqual([
      [9, 0, 0],
      [0, 9, 0],
      [0, 0, 9],
    ]);
    expect(result.classes[2]).toEqual({
      name: 'red',
      pictures: 9,
      predicted: 9,
      precision: 1,
      recall: 1,
      f1: 1,
    });
  });

  test('compares features by their nearest neighbours', async () => {
    for (const pooling of ['mean', 'class-token']) {
      const { exitCode, out } = await evaluate(
        checkpoint('pretrain'),
        ...['--knn', '--neighbours', '5', '--pooling', pooling, '--json'],
      );
      expect(exitCode).toBe(0);
      // Colours differ more than noise does, whatever an encoder makes of them.
      expect(JSON.parse(out)).toMatchObject({ pictures: 3, top1: 1, loss: null });
    }
    const { out } = await evaluate(checkpoint('pretrain'), '--knn');
    expect(out).toContain('top-1');
    expect(out).not.toMatch(/^loss/m);
  });

  test('measures the running means where a run kept them', async () => {
    const { spec } = toy.model;
    const { finetune } = spec.recipes;
    const changed = {
      ...spec,
      recipes: { ...spec.recipes, ...(finetune ? { finetune: { ...finetune, ema: 0.9 } } : {}) },
    };
    const other = at('averaged-model');
    await cp(toy.model.directory, other, { recursive: true });
    await writeFile(join(other, 'spec.json'), JSON.stringify(changed));
    const argv = ['--data', toy.pictures, '--out', at('averaged'), '--threads', '1', '--epochs', '2'];
    expect((await mae('finetune', other, '--scratch', '--device', 'cpu', ...argv)).exitCode).toBe(0);
    const { out } = await evaluate(checkpoint('averaged'));
    expect(out).toContain('weights   checkpoint.safetensors: running means of the parameters (EMA)\n');
    const [last] = (await readLog(at('averaged', 'log.jsonl')))
      .flatMap((line) => (line.event === 'epoch' ? [line] : []))
      .slice(-1);
    const measured = JSON.parse((await evaluate(checkpoint('averaged'), '--json')).out);
    expect(measured.loss).toBeCloseTo(last?.test_loss ?? Number.NaN, 6);
  });
});

describe('mae features', () => {
  /** What the encoder says of every token of all pictures: 30 x (1 + 4) x 16. */
  async function tokensOf(): Promise<Float32Array> {
    const { spec, directory } = toy.model;
    const engine = await openEngine('onnx', { spec, directory, threads: 1 });
    try {
      await engine.loadParameters(await loadWeights(checkpoint('pretrain'), spec));
      const source = await openSource(toy.pictures);
      const all = Array.from({ length: source.count }, (_, index) => index);
      const { images } = await readForEvaluation(
        new Pictures({ source, image: spec.model.image }),
        all,
        0.875,
      );
      return await engine.features(images, all.length);
    } finally {
      await engine.dispose();
    }
  }

  const features = (out: string, ...more: string[]) =>
    mae(
      ...['features', toy.model.directory, '--checkpoint', checkpoint('pretrain'), '--data', toy.pictures],
      ...['--out', at(out), '--threads', '1', '--batch', '7', ...more],
    );

  /** Shape and numbers of a NumPy file. */
  async function npy(path: string) {
    const file = await readFile(path);
    expect(file.toString('latin1', 0, 6)).toBe('\x93NUMPY');
    const start = 10 + file.readUInt16LE(8);
    const header = file.toString('latin1', 10, start);
    const [, list = ''] = /'shape': \(([\d, ]*)\)/.exec(header) ?? [];
    const shape = list.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
    const bytes = new Uint8Array(file.subarray(start)).buffer;
    return { shape, values: header.includes("'<i4'") ? new Int32Array(bytes) : new Float32Array(bytes) };
  }

  /** Rows that are the mean of some of the five tokens. */
  function meansOf(tokens: Float32Array, chosen: readonly number[]): Float32Array {
    return Float32Array.from({ length: 30 * 16 }, (_, i) => {
      const [row, channel] = [Math.floor(i / 16), i % 16];
      const sum = chosen.reduce((all, token) => all + (tokens[(row * 5 + token) * 16 + channel] ?? 0), 0);
      return sum / chosen.length;
    });
  }

  function expectClose(actual: Float32Array | Int32Array, wanted: Float32Array): void {
    expect(actual.length).toBe(wanted.length);
    const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[i] ?? 0))), 0);
    expect(worst).toBeLessThan(1e-5);
  }

  test('writes the mean of the patches as a NumPy file, labels and names beside it', async () => {
    const { exitCode, out } = await features('mean.npy');
    expect({ exitCode, files: out.match(/^wrote/gm)?.length }).toEqual({ exitCode: 0, files: 4 });
    const { shape, values } = await npy(at('mean.npy'));
    expect(shape).toEqual([30, 16]);
    expectClose(values, meansOf(await tokensOf(), [1, 2, 3, 4]));
    const labels = await npy(at('mean.labels.npy'));
    expect([...labels.values]).toEqual(Array.from({ length: 30 }, (_, i) => Math.floor(i / 10)));
    expect(await readFile(at('mean.classes.txt'), 'utf8')).toBe('blue\ngreen\nred\n');
    expect((await readFile(at('mean.names.txt'), 'utf8')).split('\n')[10]).toBe('green/000.png');
  });

  test.each([
    ['class-token', [30, 16]],
    ['tokens', [30, 80]],
  ])('writes the %s as safetensors', async (pooling, shape) => {
    expect((await features(`${pooling}.safetensors`, '--pooling', pooling)).exitCode).toBe(0);
    const file = await SafetensorsFile.open(at(`${pooling}.safetensors`));
    expect(file.tensors.get('features')?.shape).toEqual(shape);
    const tokens = await tokensOf();
    expectClose(await file.read('features'), pooling === 'tokens' ? tokens : meansOf(tokens, [0]));
    expect(Object.fromEntries(file.metadata)).toMatchObject({
      model: 'toy',
      pooling,
      class_names: '["blue","green","red"]',
    });
    await file.close();
  });

  test('says at once what it cannot write', async () => {
    const { exitCode, error } = await features('x.csv');
    expect(exitCode).toBe(1);
    expect(error).toContain('its ending is .csv');
  });
});
