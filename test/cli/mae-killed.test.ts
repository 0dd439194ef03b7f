import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../runtime/random.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { drawColours, EVERYTHING, timelessLog, toySpec } from '../train/tiny-classifier.ts';
import { buildCommands } from './built-commands.ts';

/** How often the run is killed before it may end. */
const KILLS = 3;

let folder = '';
let built = '';
let model: CompiledModelFolder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-killed-'));
  await drawColours(join(folder, 'pictures'), { blue: 4, green: 4, red: 4 });
  const finetune = { ...EVERYTHING, epochs: 200, batch: 4 };
  [built, model] = await Promise.all([buildCommands(), compileToFolder(toySpec({ finetune }))]);
});
afterAll(async () => {
  for (const path of [folder, built]) await rm(path, { recursive: true, force: true });
  await model.remove();
});

interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** Runs the command in a process of its own, which may be killed so many milliseconds after its first steps. */
async function finetune(out: string, more: readonly string[], killAfter?: number): Promise<Ending> {
  const argv = ['finetune', model.directory, '--data', join(folder, 'pictures'), '--out', join(folder, out)];
  const often = [
    '--save-every',
    '1',
    '--evaluate-every',
    '10',
    '--draw-every',
    '0',
    '--device',
    'cpu',
    '--threads',
    '1',
  ];
  const child = spawn(process.execPath, [join(built, 'cli', 'mae.js'), ...argv, ...often, ...more]);
  const written: string[] = [];
  const ending = new Promise<Ending>((resolve) => {
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, text: written.join('') }));
  });
  const training = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        written.push(String(text));
        if (written.join('').includes('loss ')) resolve();
      });
    }
  });
  if (killAfter !== undefined) {
    await Promise.race([training, ending]);
    await wait(killAfter);
    child.kill('SIGKILL');
  }
  return ending;
}

/** All tensors of a file, moments and averages among them, and what it says of them. */
async function contentsOf(out: string, name: string) {
  const file = await SafetensorsFile.open(join(folder, out, name));
  try {
    const { log: _, ...metadata } = Object.fromEntries(file.metadata);
    const tensors: Record<string, Float32Array> = {};
    for (const tensor of file.tensors.keys()) tensors[tensor] = await file.read(tensor);
    return { metadata, tensors };
  } finally {
    await file.close();
  }
}

test('a process that is killed at random, and again, ends with the bytes of one that was not', async () => {
  const undisturbed = finetune('whole', ['--scratch']);
  const random = Random.from('kills');
  const checkpoint = join(folder, 'killed', 'checkpoint.safetensors');
  const kills: (string | null)[] = [];
  for (let i = 0; i < KILLS; i++) {
    const hasSaved = await access(checkpoint).then(
      () => true,
      () => false,
    );
    const ending = await finetune(
      'killed',
      hasSaved ? ['--resume'] : ['--scratch', '--overwrite'],
      random.integer(400),
    );
    kills.push(ending.signal);
  }
  expect(kills.filter((signal) => signal === 'SIGKILL').length).toBeGreaterThanOrEqual(KILLS - 1);
  const last = await finetune('killed', ['--resume']);
  expect(last).toMatchObject({ exitCode: 0, text: expect.stringContaining('goes on after step') });
  const whole = await undisturbed;
  expect(whole).toMatchObject({ exitCode: 0, text: expect.stringContaining('400 steps in') });

  for (const name of ['checkpoint.safetensors', 'best.safetensors']) {
    const [own, its] = [await contentsOf('killed', name), await contentsOf('whole', name)];
    expect(Object.keys(own.tensors).filter((tensor) => tensor.startsWith('optimizer.average.'))).not.toEqual(
      [],
    );
    expect(own).toEqual(its);
  }
  expect(await timelessLog(join(folder, 'killed'))).toEqual(await timelessLog(join(folder, 'whole')));
  await expect(access(join(folder, 'killed', 'run.lock'))).rejects.toThrow('ENOENT');
}, 180_000);
