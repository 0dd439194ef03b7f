import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type LogLine, RunLog, readLog, rewindLog } from '../../runtime/train/run-log.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder } from './tiny-run.ts';

const step = (number: number): LogLine => ({
  event: 'step',
  step: number,
  epoch: number / 10,
  loss: 1 / number,
  lr: 1e-4,
  images_per_second: 100,
  data_wait: 0,
});

describe('the log', () => {
  test('is one JSON object a line, read back as it was written', async () => {
    const path = join(await scratchFolder(), 'log.jsonl');
    const lines: LogLine[] = [{ event: 'start', step: 0, model: 'tiny' }, step(1), step(2), step(3)];
    const log = new RunLog(path, (error) => expect(error).toBeUndefined());
    for (const line of lines) log.add(line);
    log.flush();
    const text = await readFile(path, 'utf8');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(lines);
    expect(await readLog(path)).toEqual(lines);
  });

  test('that is not there has no lines', async () => {
    expect(await readLog(join(await scratchFolder(), 'log.jsonl'))).toEqual([]);
  });

  test('goes back to a step: later lines, and what a crash cut off, are gone', async () => {
    const path = join(await scratchFolder(), 'log.jsonl');
    const lines = [1, 2, 3, 4].map(step);
    await writeFile(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"event":"step","st`);
    expect(await rewindLog(path, 2)).toEqual(lines.slice(0, 2));
    expect(await readLog(path)).toEqual(lines.slice(0, 2));
    expect(await readFile(path, 'utf8')).toMatch(/\n$/);
  });

  test('keeps the official keys of an epoch when it goes back', async () => {
    const path = join(await scratchFolder(), 'log.jsonl');
    const official = { train_lr: 1e-3, train_loss: 0.7, test_loss: 0.6, test_acc1: 81.25, test_acc5: 95.5 };
    const epoch: LogLine = {
      event: 'epoch',
      step: 10,
      epoch: 0,
      ...official,
      n_parameters: 5_526_346,
      seconds: 3,
    };
    await writeFile(path, `${JSON.stringify(epoch)}\n`);
    expect(await rewindLog(path, 10)).toEqual([epoch]);
    expect(await readLog(path)).toEqual([epoch]);
  });

  test('keeps lines that cannot be written, tells of it, and writes them later', async () => {
    const folder = join(await scratchFolder(), 'gone');
    const failed = vi.fn();
    const log = new RunLog(join(folder, 'log.jsonl'), failed);
    log.add(step(1));
    log.flush();
    expect(failed).toHaveBeenCalled();
    expect(failed.mock.calls[0]?.[0]).toBeInstanceOf(UserError);
    await mkdir(folder);
    log.add(step(2));
    log.flush();
    expect(await readLog(join(folder, 'log.jsonl'))).toEqual([step(1), step(2)]);
  });
});
