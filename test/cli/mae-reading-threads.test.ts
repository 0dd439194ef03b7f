import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { modelSpec } from '../support/specs.ts';
import { drawColours, EVERYTHING, timelessLog, toySpec } from '../train/tiny-classifier.ts';
import { buildCommands } from './built-commands.ts';

let folder = '';
let built = '';
let model: CompiledModelFolder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-reading-threads-'));
  await drawColours(join(folder, 'pictures'), { blue: 8, green: 8, red: 8 });
  await writeFile(join(folder, 'pictures', 'red', 'broken.png'), 'no picture');
  const { pretrain } = modelSpec();
  const spec = {
    ...toySpec({ finetune: { ...EVERYTHING, epochs: 2 }, dropPath: 0.2 }),
    pretrain: {
      ...pretrain,
      epochs: 3,
      batch: 6,
      accumulation: 2,
      augment: { ...pretrain.augment, colorJitter: 0.4 },
    },
  };
  [built, model] = await Promise.all([buildCommands(), compileToFolder(spec)]);
});
afterAll(async () => {
  for (const path of [folder, built]) await rm(path, { recursive: true, force: true });
  await model.remove();
});

/** Runs a training in a process of its own, whose reading threads have to end for it to end. */
async function train(command: 'pretrain' | 'finetune', out: string, ...more: string[]): Promise<string> {
  const argv = [command, model.directory, '--data', join(folder, 'pictures'), '--out', join(folder, out)];
  const quick = ['--draw-every', '0', '--save-every', '0', '--device', 'cpu', '--threads', '1'];
  const mae = join(built, 'cli', 'mae.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [mae, ...argv, ...quick, ...more]);
  return stdout + stderr;
}

/** All tensors of a run's checkpoint, moments and averages among them, and its log without times. */
async function resultOf(out: string) {
  const file = await SafetensorsFile.open(join(folder, out, 'checkpoint.safetensors'));
  try {
    const tensors: Record<string, Float32Array> = {};
    for (const tensor of file.tensors.keys()) tensors[tensor] = await file.read(tensor);
    return { tensors, log: await timelessLog(join(folder, out)) };
  } finally {
    await file.close();
  }
}

test('reading threads change nothing of a pretraining, not even when it is resumed with others', async () => {
  const text = await train('pretrain', 'without', '--reading-threads', '0');
  const without = await resultOf('without');
  // 4 steps in each of 3 epochs, and what is said of each epoch.
  expect(without.log).toHaveLength(15);
  expect(await train('pretrain', 'with', '--reading-threads', '3')).toContain('data wait');
  expect(await resultOf('with')).toEqual(without);
  await train('pretrain', 'resumed', '--reading-threads', '2', '--steps', '5');
  await train('pretrain', 'resumed', '--reading-threads', '1', '--resume');
  expect(await resultOf('resumed')).toEqual(without);
  const warning = /broken\.png.*/;
  expect(text.match(warning)?.[0]).toContain('it is not a picture of a known format');
});

test('nor of a fine-tuning with its evaluations', async () => {
  await train('finetune', 'finetune-without', '--scratch', '--reading-threads', '0');
  await train('finetune', 'finetune-with', '--scratch', '--reading-threads', '2');
  const without = await resultOf('finetune-without');
  expect(without.log.filter((line) => 'test_acc1' in line)).toHaveLength(2);
  expect(await resultOf('finetune-with')).toEqual(without);
});

test('a number of threads that makes no sense is refused', async () => {
  await expect(train('pretrain', 'none', '--reading-threads', '-1')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('It should be a whole number from 0 to 1024.'),
  });
});
