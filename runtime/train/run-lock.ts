import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { explainSystemError, isSystemError } from '../files.ts';
import { UserError } from '../user-error.ts';
import type { RunFiles } from './run-folder.ts';

/** Who trains into a folder. */
const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process began, as its system counts; empty where that is not known. Process ids are used again, both are not. */
  started: z.string(),
});

type LockHolder = z.infer<typeof holderSchema>;

/** Milliseconds after which a lock that cannot be read is one whose process died while it wrote it. */
const WRITING = 200;

/** Milliseconds that another process is given to take a dead one's lock away, */
const TAKING = 20;

/** those after which it will not any more, */
const ABANDONED = 5000;

/** and how often it is tried again meanwhile. */
const ATTEMPTS = 400;

/**
 * Makes sure that no other process trains into the folder, until the returned function is called. The lock of a process that is
 * gone is taken over. Throws a `UserError` that says who holds it.
 */
export async function lockRun({ directory, lock }: Pick<RunFiles, 'directory' | 'lock'>): Promise<Unlock> {
  const { pid } = process;
  const text = `${JSON.stringify({ pid, host: hostname(), started: await startOf(pid) })}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(lock, text)) return () => release(lock, text);
    const found = await readFile(lock, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder === undefined && attempt === 0) {
      await wait(WRITING);
      continue;
    }
    if (holder !== undefined && (await mayBeAlive(holder))) throw refusal(directory, lock, holder);
    await takeAway(lock, found);
  }
  throw new UserError(`other processes keep locking ${directory}`, 'train into another folder: --out DIR');
}

export type Unlock = () => Promise<void>;

/** Writes the lock unless there is one. */
async function create(lock: string, text: string): Promise<boolean> {
  try {
    await writeFile(lock, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw explainSystemError('write', lock, error);
  }
}

/**
 * Removes the lock if it is still that one. One process at a time may: of two that find a dead one's lock, the second would
 * otherwise remove what the first has put in its place.
 */
async function takeAway(lock: string, found: string): Promise<void> {
  const guard = `${lock}.taking`;
  if (!(await create(guard, ''))) {
    await wait(TAKING);
    if (await isAbandoned(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    const now = await readFile(lock, 'utf8').catch(() => undefined);
    if (now === found) await rm(lock, { force: true });
  } catch (error) {
    throw explainSystemError('replace', lock, error);
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whether the process that guards the taking away was ended in the midst of it. */
async function isAbandoned(guard: string): Promise<boolean> {
  const { mtimeMs = Date.now() } = (await stat(guard).catch(() => undefined)) ?? {};
  return Date.now() - mtimeMs > ABANDONED;
}

async function release(lock: string, text: string): Promise<void> {
  const found = await readFile(lock, 'utf8').catch(() => undefined);
  if (found === text) await rm(lock, { force: true }).catch(() => undefined);
}

function parse(text: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Of another machine it cannot be told from here. */
async function mayBeAlive({ pid, host, started }: LockHolder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // One of another user is there, and may not be asked.
    return isSystemError(error) && error.code === 'EPERM';
  }
  const now = await startOf(pid);
  return started === '' || now === '' || started === now;
}

/** When a process began, in clock ticks since the start of a Linux system: the 22nd field of its stat, see proc(5). */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets, which may hold anything.
  return (
    stat
      .slice(stat.lastIndexOf(')') + 1)
      .trim()
      .split(' ')[19] ?? ''
  );
}

function refusal(directory: string, lock: string, { pid, host }: LockHolder): UserError {
  const elsewhere = host !== hostname();
  return new UserError(
    `another process trains into ${directory}: process ${pid}${elsewhere ? ` on ${host}` : ''}`,
    [
      'wait until it is done, or train into another folder: --out DIR',
      `if there is no such process any more, remove ${lock}`,
    ].join('\n'),
  );
}
