import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { runFinetuning, runLinearProbing } from '../../runtime/cli/generated-trainer.ts';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures, readForEvaluation } from '../../runtime/data/pictures.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import type { CompiledClassifierRecipe } from '../../runtime/model/compiled-spec.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { SafetensorsFile, writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';

let folder = '';
let pictures = '';
let model: CompiledModelFolder;

/** Runs `mae` in this process; its exit code, and what it wrote where. */
async function mae(...argv: string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const stream = (texts: string[]) => ({
    isTTY: false,
    columns: 100,
    write: (text: string) => texts.push(text),
  });
  const exitCode = await main(argv, { stdout: stream(out), stderr: stream(error) });
  const plain = (texts: string[]) => stripVTControlCharacters(texts.join(''));
  return { exitCode, out: plain(out), error: plain(error) };
}

const at = (...names: string[]): string => join(folder, ...names);
const checkpoint = (run: string): string => at(run, 'checkpoint.safetensors');

const train = (command: string, out: string, ...more: string[]) =>
  mae(
    ...[command, model.directory, '--data', pictures, '--out', at(out), '--device', 'cpu', '--threads', '1'],
    ...more,
  );
const evaluate = (file: string, ...more: string[]) =>
  mae('evaluate', model.directory, '--checkpoint', file, '--data', pictures, '--threads', '1', ...more);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-classify-'));
  pictures = await drawColours(at('pictures'), { blue: 10, green: 10, red: 10 });
  model = await compileToFolder(toySpec());
  const pretrained = await train('pretrain', 'pretrain', '--batch', '6', '--steps', '4');
  expect(pretrained).toMatchObject({ exitCode: 0, error: '' });
  const finetuned = await train('finetune', 'finetune', '--from', checkpoint('pretrain'));
  expect(finetuned).toMatchObject({ exitCode: 0, error: '' });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await model.remove();
});

describe('mae finetune', () => {
  test('stopped and resumed gives the same bits as in one go, and says how it went', async () => {
    const from = ['--from', checkpoint('pretrain')];
    const first = await train('finetune', 'parts', ...from, '--steps', '5');
    expect(first.exitCode).toBe(0);
    const goOn = first.out.match(/^go on {5}mae (.*)$/m)?.[1] ?? '';
    expect(goOn).not.toContain('--from');
    const last = await mae(...goOn.split(' '));
    expect(last).toMatchObject({ exitCode: 0, error: '' });
    for (const text of [
      'epoch 5: validation top-1 100.00%, top-5 100.00%',
      'accuracy  top-1 100.00%, at best 100.00%',
      `best      ${at('parts', 'best.safetensors')}`,
      `look at   ${at('parts', 'predictions.png')}`,
    ]) {
      expect(last.out).toContain(text);
    }
    const [whole, parts] = await Promise.all(
      ['finetune', 'parts'].map((run) => SafetensorsFile.open(checkpoint(run))),
    );
    for (const name of whole?.tensors.keys() ?? []) {
      expect(await parts?.read(name), name).toEqual(await whole?.read(name));
    }
    await whole?.close();
    await parts?.close();
  });

  test('goes into a folder of its own unless it is told another', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const argv = ['finetune', model.directory, '--data', 'pictures', '--scratch', '--steps', '1'];
      expect((await mae(...argv, '--validation', '0')).exitCode).toBe(0);
      expect((await readLog(at('runs', 'toy-finetune', 'log.jsonl')))[0]).toMatchObject({
        training: 'finetune',
        recipe: { name: 'toy-finetune' },
      });
    } finally {
      process.chdir(before);
    }
  });
});

describe('mae linear-probe', () => {
  test('trains a classifier that mae evaluate measures as it did', async () => {
    const probed = await train('linear-probe', 'probe', '--from', checkpoint('pretrain'));
    expect(probed).toMatchObject({ exitCode: 0, error: '' });
    const epochs = (await readLog(at('probe', 'log.jsonl'))).flatMap((line) =>
      line.event === 'epoch' ? [line] : [],
    );
    const { exitCode, out } = await evaluate(checkpoint('probe'), '--json');
    expect(exitCode).toBe(0);
    const { top1, loss, pictures: count } = JSON.parse(out);
    expect(100 * top1).toBeCloseTo(epochs.at(-1)?.test_acc1 ?? Number.NaN, 6);
    expect(loss).toBeCloseTo(epochs.at(-1)?.test_loss ?? Number.NaN, 6);
    expect(count).toBe(3);
  });
});

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
    const { spec } = model;
    const { finetune } = spec.recipes;
    const changed = {
      ...spec,
      recipes: { ...spec.recipes, ...(finetune ? { finetune: { ...finetune, ema: 0.9 } } : {}) },
    };
    const other = at('averaged-model');
    await cp(model.directory, other, { recursive: true });
    await writeFile(join(other, 'spec.json'), JSON.stringify(changed));
    const argv = ['--data', pictures, '--out', at('averaged'), '--threads', '1', '--epochs', '2'];
    expect((await mae('finetune', other, '--scratch', ...argv)).exitCode).toBe(0);
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
    const { spec, directory } = model;
    const engine = await openEngine('onnx', { spec, directory, threads: 1 });
    try {
      await engine.loadParameters(await loadWeights(checkpoint('pretrain'), spec));
      const source = await openSource(pictures);
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
      ...['features', model.directory, '--checkpoint', checkpoint('pretrain'), '--data', pictures],
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

describe('a generated trainer', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  /** Runs it as the generated file does, in this process. */
  async function trainer(
    run: typeof runFinetuning,
    recipe: CompiledClassifierRecipe | undefined,
    ...argv: string[]
  ) {
    const written: string[] = [];
    const keep = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    const directory = pathToFileURL(`${model.directory}/`);
    await run({ directory, ...(recipe ? { recipe } : {}), argv });
    const { exitCode } = process;
    vi.restoreAllMocks();
    return { exitCode, text: stripVTControlCharacters(written.join('')) };
  }

  const finetune = () => {
    const { finetune: recipe } = model.spec.recipes;
    if (recipe === undefined) throw new Error('compiled without it');
    return recipe;
  };

  test.each([
    ['finetune', runFinetuning],
    ['linear-probe', runLinearProbing],
  ] as const)('%s.js trains', async (training, run) => {
    const code = await readFile(join(model.directory, `${training}.js`), 'utf8');
    expect(code).toContain(`${run.name}(`);
    const out = at(`generated-${training}`);
    const argv = ['--data', pictures, '--out', out, '--threads', '1', '--from', checkpoint('pretrain')];
    const { exitCode, text } = await trainer(run, undefined, ...argv, '--epochs', '1', '--warmup', '0');
    expect({ exitCode, text }).toMatchObject({ exitCode: 0, text: expect.stringContaining('look at') });
    expect((await readLog(join(out, 'log.jsonl')))[0]).toMatchObject({ training, model: 'toy' });
  });

  test('has a recipe that can be edited, but for what is compiled', async () => {
    const argv = ['--data', pictures, '--out', at('edited'), '--threads', '1', '--scratch'];
    const recipe = { ...finetune(), epochs: 1, batch: 9 };
    expect((await trainer(runFinetuning, recipe, ...argv)).text).toContain('3 in 1 epoch of 3');
    const wrong = await trainer(runFinetuning, { ...recipe, dropPath: 0.5 }, ...argv, '--overwrite');
    expect(wrong.exitCode).toBe(1);
    expect(wrong.text).toContain('was not compiled for recipe toy-finetune: dropPath 0.5 instead of 0');
  });

  test('says which weights it needs', async () => {
    const { exitCode, text } = await trainer(runFinetuning, undefined, '--data', pictures);
    expect(exitCode).toBe(2);
    expect(text).toContain('say which weights to start from');
  });
});

describe('what is wrong is told, with help and an exit code', () => {
  test('before an earlier run is replaced', async () => {
    await cp(at('finetune'), at('kept'), { recursive: true });
    const argv = ['finetune', model.directory, '--out', at('kept'), '--scratch', '--overwrite'];
    const { exitCode } = await mae(...argv, '--batch', '3', '--data', at('unreadable'));
    expect(exitCode).toBe(1);
    for (const name of ['checkpoint.safetensors', 'best.safetensors', 'log.jsonl', 'report.html']) {
      expect(await readFile(at('kept', name))).toEqual(await readFile(at('finetune', name)));
    }
  });

  /** Data with other classes than the model, and files with other weights than it needs. */
  beforeAll(async () => {
    await drawColours(at('two'), { blue: 4, red: 4 });
    await drawColours(at('one'), { blue: 4 });
    await drawColours(at('hollow'), { blue: 4, red: 4 });
    await mkdir(at('hollow', 'green'));
    await drawColours(at('renamed'), { blue: 4, green: 4, red: 4 });
    await rename(at('renamed', 'blue'), at('renamed', 'violet'));
    for (const colour of ['blue', 'green', 'red']) {
      await mkdir(at('unreadable', colour), { recursive: true });
      for (const name of ['1.png', '2.png', '3.png']) {
        await writeFile(at('unreadable', colour, name), 'not a picture');
      }
    }
    const tensors = await loadWeights(checkpoint('pretrain'), model.spec);
    await writeSafetensors(at('encoder.safetensors'), tensors);
    const spoiled = tensors.map((tensor) =>
      tensor.name === 'blocks.0.attn.qkv.weight'
        ? { ...tensor, data: tensor.data.with(7, Number.NaN) }
        : tensor,
    );
    await writeSafetensors(at('spoiled.safetensors'), spoiled);
    await mkdir(at('resumed'));
    await cp(checkpoint('finetune'), checkpoint('resumed'));
    await mkdir(at('reversed'));
    await writeFile(at('reversed', 'classes.txt'), 'red\ngreen\nblue\n');
    const rows = ['blue', 'green', 'red'].map((colour) => `../pictures/${colour}/000.png,${colour}`);
    await writeFile(at('reversed', 'list.csv'), `path,label\n${rows.join('\n')}\n`);
  });

  const run = (command: string, data: string, ...more: string[]) => [
    ...[command, model.directory, '--data', data === '' ? pictures : at(data)],
    ...['--out', at('never'), '--threads', '1', ...more],
  ];
  const measure = (file: string, data: string, ...more: string[]) => [
    ...[
      'evaluate',
      model.directory,
      '--checkpoint',
      at(file),
      '--data',
      data === '' ? pictures : at(data),
      ...more,
    ],
  ];

  test.each<[string, () => string[], number, string[]]>([
    [
      'no weights to start from',
      () => run('finetune', ''),
      2,
      ['say which weights to start from', '--from', '--scratch'],
    ],
    [
      'both random and other weights',
      () => run('finetune', '', '--scratch', '--from', 'x'),
      2,
      ["'--scratch' cannot be used with option '--from"],
    ],
    [
      'other classes than the classifier has',
      () => run('finetune', 'two', '--scratch'),
      1,
      [
        'has 2 classes (blue, red), but the classifier of toy was compiled for 3',
        '--set toy.finetune.classes=2',
      ],
    ],
    ['one class only', () => run('linear-probe', 'one', '--scratch'), 1, ['has one class only, blue']],
    [
      'a class without pictures',
      () => run('finetune', 'hollow', '--scratch'),
      1,
      ['has a class without pictures: green'],
    ],
    [
      'pictures that are none',
      () => run('finetune', 'unreadable', '--scratch', '--batch', '3'),
      1,
      ['none of the 6 pictures in', 'can be decoded'],
    ],
    [
      'pictures that are none, and none for validation',
      () => run('finetune', 'unreadable', '--scratch', '--batch', '3', '--validation', '0'),
      1,
      ['none of the 9 pictures in', 'can be decoded'],
    ],
    [
      'pictures for validation that are none',
      () => run('finetune', '', '--scratch', '--val', at('unreadable')),
      1,
      ['none of the 9 pictures in', 'unreadable', 'can be decoded'],
    ],
    [
      'a batch larger than the data',
      () => run('finetune', '', '--scratch', '--batch', '28'),
      1,
      ['27 pictures, but one batch takes 28', 'at most 27'],
    ],
    [
      'micro-batches of one picture in linear probing',
      () => run('linear-probe', '', '--scratch', '--accumulation', '6'),
      1,
      ['normalises each micro-batch by its own statistics', 'smaller --accumulation'],
    ],
    [
      'weights with numbers that are none',
      () => run('finetune', '', '--from', at('spoiled.safetensors')),
      1,
      ['spoiled.safetensors holds numbers that are not finite', 'blocks.0.attn.qkv.weight'],
    ],
    [
      'a run of fine-tuning where one of pretraining is to go on',
      () => ['pretrain', model.directory, '--data', pictures, '--out', at('resumed'), '--resume'],
      1,
      ['is one of fine-tuning, not of pretraining', '--from'],
    ],
    [
      'a run in the folder',
      () => ['finetune', model.directory, '--data', pictures, '--out', at('finetune'), '--scratch'],
      1,
      ['already holds a run', '--resume', '--overwrite'],
    ],
    [
      'weights without a head',
      () => measure('encoder.safetensors', ''),
      1,
      ['are not of this classifier', 'head.weight'],
    ],
    [
      'weights with numbers that are none, to evaluate',
      () => [...measure('spoiled.safetensors', ''), '--knn'],
      1,
      ['holds numbers that are not finite'],
    ],
    [
      'a checkpoint of pretraining to evaluate',
      () => measure('pretrain/checkpoint.safetensors', ''),
      1,
      ['is a checkpoint of pretraining: it has no classifier', '--knn'],
    ],
    [
      'pictures of other classes to evaluate on',
      () => measure('finetune/checkpoint.safetensors', 'renamed', '--split', 'all'),
      1,
      ['its class 0 is blue, that of the pictures is green'],
    ],
    [
      'classes in another order to evaluate on',
      () => measure('finetune/checkpoint.safetensors', 'reversed/list.csv', '--split', 'all'),
      1,
      ['its class 0 is blue, that of the pictures is red'],
    ],
    [
      'another number of classes to evaluate on',
      () => measure('finetune/checkpoint.safetensors', 'two', '--split', 'all'),
      1,
      ['has 2 classes (blue, red), but the classifier of toy was compiled for 3'],
    ],
    [
      'the wrong kind of classifier',
      () => measure('finetune/checkpoint.safetensors', '', '--training', 'linear-probe'),
      1,
      ['is a checkpoint of fine-tuning, not of linear probing', 'leave out --training'],
    ],
    [
      'a part of the data for neighbours',
      () => measure('pretrain/checkpoint.safetensors', '', '--knn', '--split', 'all'),
      2,
      ['leave out --split'],
    ],
  ])('%s', async (_, argv, exitCode, parts) => {
    const result = await mae(...argv());
    for (const part of parts) expect(result.error).toContain(part);
    expect(result.exitCode).toBe(exitCode);
    expect(result.error).not.toMatch(/^\s+at |internal error/m);
  });
});
