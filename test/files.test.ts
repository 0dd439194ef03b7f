import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainSystemError, writeAtomically, writeFileAtomically } from '../runtime/files.ts';
import { UserError } from '../runtime/user-error.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => undefined).catch((error) => error);

describe('writing a file atomically', () => {
  it('writes text and bytes, makes missing folders, replaces what was there, leaves no other file', async () => {
    const path = join(folder, 'a', 'b', 'log.txt');
    await writeFileAtomically(path, 'first');
    await writeFileAtomically(path, Uint8Array.of(0xc3, 0xa9));
    expect(await readFile(path, 'utf8')).toBe('é');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['log.txt']);
  });

  it('joins the chunks of a stream in order', async () => {
    const path = join(folder, 'stream');
    await writeAtomically(path, async (write) => {
      for (let i = 0; i < 100; i++) await write(new Uint8Array(1000).fill(i));
    });
    const bytes = await readFile(path);
    expect(bytes.length).toBe(100_000);
    expect(bytes.every((byte, i) => byte === Math.floor(i / 1000))).toBe(true);
  });

  it('keeps the old content and removes the temporary file when the producer fails', async () => {
    const path = join(folder, 'state');
    await writeFileAtomically(path, 'old');
    const broken = new Error('no such tensor');
    const work = writeAtomically(path, async (write) => {
      await write(new Uint8Array(10_000));
      throw broken;
    });
    expect(await failure(work)).toBe(broken);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['state']);
  });

  it('keeps a link and replaces the file it points to', async () => {
    const real = join(folder, 'real');
    const link = join(folder, 'link');
    await writeFile(real, 'old');
    await symlink(real, link);
    await writeFileAtomically(link, 'new');
    expect(await readFile(real, 'utf8')).toBe('new');
    expect(
      (await readdir(folder, { withFileTypes: true }))
        .find((entry) => entry.name === 'link')
        ?.isSymbolicLink(),
    ).toBe(true);
  });

  it('says that a part of the path is a file, and that the path is a folder', async () => {
    await writeFile(join(folder, 'file'), '');
    const below = join(folder, 'file', 'x');
    const first = await failure(writeFileAtomically(below, 'x'));
    expect(first).toBeInstanceOf(UserError);
    expect(first).toHaveProperty(
      'message',
      `cannot write ${below}: a part of the path is a file, not a folder`,
    );

    const taken = join(folder, 'taken');
    await mkdir(taken);
    const second = await failure(writeFileAtomically(taken, 'x'));
    expect(second).toHaveProperty('message', `cannot write ${taken}: it is a folder, not a file`);
    expect(await readdir(folder)).toEqual(['file', 'taken']);
  });

  it.skipIf(process.platform === 'win32')('says that permission is missing', async () => {
    const path = join(folder, 'x');
    await chmod(folder, 0o500);
    const error = await asOrdinaryUser(() => failure(writeFileAtomically(path, 'x')));
    await chmod(folder, 0o700);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty('message', `cannot write ${path}: permission denied`);
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'stops where the system lets no more be written, keeping the old file',
    async () => {
      const path = join(folder, 'large');
      await writeFile(path, 'old');
      const limit = (bytes: string) =>
        execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
      limit('100000');
      const error = await failure(writeFileAtomically(path, new Uint8Array(1 << 20)));
      limit('unlimited');
      expect(error).toHaveProperty(
        'message',
        `cannot write ${path}: the file would be larger than this system allows`,
      );
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(folder)).toEqual(['large']);
    },
  );
});

describe('explaining a system error', () => {
  const systemError = (code: string) =>
    Object.assign(new Error(`${code}: words of the system`), { code, syscall: 'write' });

  it('names action, path, cause and remedy, and keeps the error as the cause', () => {
    const full = systemError('ENOSPC');
    const error = explainSystemError('write', '/disk/weights.safetensors', full);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: 'cannot write /disk/weights.safetensors: the disk is full',
      help: 'free some space on that disk, or choose a folder on another one',
      exitCode: 1,
      cause: full,
    });
  });

  it('falls back on the words of the system, and leaves other errors alone', () => {
    expect(explainSystemError('read', '/x', systemError('EODD'))).toHaveProperty(
      'message',
      'cannot read /x: EODD: words of the system',
    );
    const ours = new TypeError('a bug');
    expect(explainSystemError('read', '/x', ours)).toBe(ours);
  });
});

/** Root may write anywhere: as root, the work is done as the user "nobody". */
async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  await chmod(folder, 0o555);
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
