import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { drawColours } from '../train/tiny-classifier.ts';
import { mae, toyFolder } from './toy-folder.ts';

const toy = toyFolder({ finetuned: true });
const { at, checkpoint } = toy;

describe('what is wrong is told, with help and an exit code', () => {
  test('before an earlier run is replaced', async () => {
    await cp(at('finetune'), at('kept'), { recursive: true });
    const argv = ['finetune', toy.model.directory, '--out', at('kept'), '--scratch', '--overwrite'];
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
    const tensors = await loadWeights(checkpoint('pretrain'), toy.model.spec);
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
    ...[command, toy.model.directory, '--data', data === '' ? toy.pictures : at(data)],
    ...['--out', at('never'), '--threads', '1', ...more],
  ];
  const measure = (file: string, data: string, ...more: string[]) => [
    ...[
      'evaluate',
      toy.model.directory,
      '--checkpoint',
      at(file),
      '--data',
      data === '' ? toy.pictures : at(data),
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
      () => ['pretrain', toy.model.directory, '--data', toy.pictures, '--out', at('resumed'), '--resume'],
      1,
      ['is one of fine-tuning, not of pretraining', '--from'],
    ],
    [
      'a run in the folder',
      () => ['finetune', toy.model.directory, '--data', toy.pictures, '--out', at('finetune'), '--scratch'],
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
