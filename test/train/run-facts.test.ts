import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatMillions } from '../../runtime/train/format.ts';
import { recurrence } from '../../runtime/train/interval.ts';
import type { StepRecord } from '../../runtime/train/loop.ts';
import {
  checkpointBytes,
  removePartialFiles,
  runFiles,
  spaceWarning,
} from '../../runtime/train/run-folder.ts';
import { saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { LinearEngine } from './linear-engine.ts';
import { scratchFolder, tinySpec } from './tiny-run.ts';

const spec = tinySpec();

describe('intervals', () => {
  const record = (step: number): StepRecord => ({
    step,
    epoch: Math.floor((step - 1) / 5),
    endsEpoch: step % 5 === 0,
    loss: 1,
    learningRate: 1,
    pictures: 1,
    seconds: 1,
    waited: 0,
  });
  const dueOf = (isDue: (record: StepRecord) => boolean): number[] =>
    Array.from({ length: 30 }, (_, i) => i + 1).filter((step) => isDue(record(step)));

  test('of epochs are due with the last step of every so many', () => {
    expect(dueOf(recurrence({ epochs: 2 }))).toEqual([10, 20, 30]);
    expect(dueOf(recurrence({ epochs: 0 }))).toEqual([]);
  });

  test('of minutes are due with the first step after that time', () => {
    const clock = { now: 0 };
    const tick = (isDue: (record: StepRecord) => boolean) => (at: StepRecord) => {
      clock.now = at.step * 25_000;
      return isDue(at);
    };
    expect(dueOf(tick(recurrence({ minutes: 2 }, () => clock.now)))).toEqual([5, 10, 15, 20, 25, 30]);
    expect(dueOf(tick(recurrence({ minutes: 0 }, () => clock.now)))).toEqual([]);
  });
});

describe('a run folder', () => {
  test('warns of too little room for a checkpoint', async () => {
    const files = runFiles(await scratchFolder());
    expect(await spaceWarning(files, 1000)).toBeUndefined();
    expect(await spaceWarning(files, 1e18)).toContain('a checkpoint takes');
  });

  test('is told the size of a checkpoint, but for its header', async () => {
    const files = runFiles(await scratchFolder());
    const engine = new LinearEngine(spec);
    const parameters = spec.parameters.map(({ name, shape }) => {
      return { name, shape, data: new Float32Array(shape.reduce((all, side) => all * side, 1)) };
    });
    await saveCheckpoint(files.checkpoint, {
      parameters,
      optimizer: await engine.readOptimizerState(),
      position: { step: 0, epoch: 0, batch: 0 },
      recipe: spec.recipes.pretrain,
      log: {},
      spec,
      engine: engine.description,
    });
    // (2304 + 48) parameters and two moments of each, 4 bytes a number.
    expect(checkpointBytes(spec.parameters, spec.recipes.pretrain)).toBe(2352 * 3 * 4);
    const header =
      (await stat(files.checkpoint)).size - checkpointBytes(spec.parameters, spec.recipes.pretrain);
    expect(header).toBeGreaterThan(0);
    expect(header).toBeLessThan(5000);
  });

  test.each([
    { kind: 'adamw', ema: 0.999, numbers: 3 },
    { kind: 'sgd', ema: 0, numbers: 1 },
    { kind: 'lars', ema: 0.999, numbers: 2 },
  ] as const)('is told that $kind with ema $ema keeps $numbers more numbers a parameter', (kept) => {
    const { kind, ema, numbers } = kept;
    expect(checkpointBytes(spec.parameters, { optimizer: { kind }, ema })).toBe(4 * 2352 * (1 + numbers));
    const frozen = spec.parameters.map((parameter) => ({ ...parameter, trainable: false }));
    expect(checkpointBytes(frozen, { optimizer: { kind }, ema })).toBe(4 * 2352);
  });

  test('loses the unfinished checkpoints of killed runs, and nothing else', async () => {
    const files = runFiles(await scratchFolder());
    const unfinished = ['.checkpoint.safetensors.0123456789ab.partial', '.report.html.ba9876543210.partial'];
    const others = ['.mine.txt.0123456789ab.partial', 'checkpoint.safetensors'];
    for (const name of [...unfinished, 'best.safetensors.partial', ...others]) {
      await writeFile(join(files.directory, name), 'x');
    }
    await mkdir(join(files.directory, 'notes'));
    await removePartialFiles(files);
    expect((await readdir(files.directory)).sort()).toEqual([
      '.mine.txt.0123456789ab.partial',
      'checkpoint.safetensors',
      'notes',
    ]);
  });
});

test('quantities are written for people', () => {
  expect([0, 59.4, 60, 3540, 3600, 4400, 86_000, 90_000, 200_000].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h 0 min',
    '1 h 13 min',
    '23 h 53 min',
    '1 d 1 h',
    '2 d 8 h',
  ]);
  expect(formatDuration(Number.NaN)).toBe('?');
  expect([0.5234, 2.406, 99.96, 209.4, 12345].map(formatCount)).toEqual([
    '0.523',
    '2.41',
    '100',
    '209',
    '12345',
  ]);
  expect([0, 999, 1000, 1.34e9, 2.5e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '1.34 GB',
    '2500 TB',
  ]);
  expect(formatMillions(111_907_840)).toBe('111.91 M');
});
