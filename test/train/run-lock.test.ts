import { spawn } from 'node:child_process';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { runFiles } from '../../runtime/train/run-folder.ts';
import { lockRun } from '../../runtime/train/run-lock.ts';
import { refusal } from '../weights/refusal.ts';
import { LinearEngine } from './linear-engine.ts';
import { drawPictures, keepingView, scratchFolder, tinySpec } from './tiny-run.ts';

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid ?? 0;
}

const holder = (more: object) => `${JSON.stringify({ pid: 1, host: hostname(), started: '', ...more })}\n`;

describe('the lock of a run', () => {
  test('keeps others out until it is given back', async () => {
    const files = runFiles(await scratchFolder());
    const unlock = await lockRun(files);
    const { message, help } = await refusal(lockRun(files));
    expect(message).toBe(`another process trains into ${files.directory}: process ${process.pid}`);
    expect(help).toContain(`remove ${files.lock}`);
    await unlock();
    expect(await readdir(files.directory)).toEqual([]);
    await (await lockRun(files))();
  });

  test.each<[string, () => Promise<string>]>([
    ['a process that has ended', async () => holder({ pid: await deadProcess() })],
    // Process 1 is always there, and was not started at this time.
    ['a process whose id is used again', async () => holder({ pid: 1, started: '18446744073709551615' })],
    ['a process that died while it wrote it', async () => '{"pid":'],
  ])('of %s is taken over', async (_, text) => {
    const files = runFiles(await scratchFolder());
    await writeFile(files.lock, await text());
    const unlock = await lockRun(files);
    expect(JSON.parse(await readFile(files.lock, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(files.directory)).toEqual(['run.lock']);
    await unlock();
  });

  test('of a living process, or of one on another machine, is respected', async () => {
    const files = runFiles(await scratchFolder());
    await writeFile(files.lock, holder({ pid: process.ppid }));
    expect((await refusal(lockRun(files))).message).toContain(`process ${process.ppid}`);
    await writeFile(files.lock, holder({ pid: 7, host: 'elsewhere' }));
    expect((await refusal(lockRun(files))).message).toContain('process 7 on elsewhere');
    expect(await readFile(files.lock, 'utf8')).toContain('elsewhere');
  });

  test('is had by one of many that find a dead one', async () => {
    const files = runFiles(await scratchFolder());
    await writeFile(files.lock, holder({ pid: await deadProcess() }));
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockRun(files)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

test('two runs in one folder: the second is refused, the first is not disturbed', async () => {
  const spec = tinySpec();
  const folder = await scratchFolder();
  const data = await drawPictures(join(folder, 'pictures'), 8);
  const every = { saveEvery: { epochs: 0 }, drawEvery: { epochs: 0 } };
  const base = { spec, data, out: join(folder, 'run'), view: keepingView(), ...every };
  let second: Promise<Error> | undefined;
  const openEngine = async () => {
    second = refusal(
      pretrain({ ...base, existing: 'overwrite', openEngine: () => Promise.reject(new Error('not this')) }),
    );
    await second;
    return new LinearEngine(spec);
  };
  expect(await pretrain({ ...base, openEngine })).toMatchObject({ status: 'finished', step: 6 });
  expect((await second)?.message).toContain('another process trains into');
  await expect(access(join(folder, 'run', 'run.lock'))).rejects.toThrow('ENOENT');
});
