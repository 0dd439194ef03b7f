import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from './user-error.ts';

/** Causes of system errors in words, and what to do about them. */
const CAUSES: Readonly<Record<string, { readonly cause: string; readonly help?: string }>> = {
  ENOSPC: {
    cause: 'the disk is full',
    help: 'free some space on that disk, or choose a folder on another one',
  },
  EDQUOT: { cause: 'the disk quota is used up', help: 'free some space, or choose a folder on another disk' },
  EFBIG: {
    cause: 'the file would be larger than this system allows',
    help: 'raise the file size limit (ulimit -f)',
  },
  EACCES: { cause: 'permission denied', help: 'choose a folder you may use, or change its permissions' },
  EPERM: { cause: 'operation not permitted', help: 'choose a folder you may use, or change its permissions' },
  EROFS: { cause: 'the file system is read-only', help: 'choose a folder on a disk that can be written' },
  ENOENT: { cause: 'no such file or folder', help: 'check the path for a typing error' },
  ENOTDIR: { cause: 'a part of the path is a file, not a folder', help: 'choose another path' },
  EEXIST: { cause: 'a part of the path is a file, not a folder', help: 'choose another path' },
  EISDIR: { cause: 'it is a folder, not a file', help: 'choose another path' },
  ENOTEMPTY: { cause: 'it is a folder, not a file', help: 'choose another path' },
  ENAMETOOLONG: { cause: 'the name is too long', help: 'choose a shorter name' },
  ELOOP: { cause: 'its symbolic links lead in a circle', help: 'choose another path' },
  EMFILE: { cause: 'too many files are open', help: 'raise the limit (ulimit -n)' },
  EIO: { cause: 'the disk reported an input/output error', help: 'check the disk' },
};

/** Whether an error came from the operating system (it has a code such as ENOSPC). */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/**
 * A system error as a sentence for the user: "cannot <action> <path>: <cause>". Anything that did not come from the operating
 * system is returned as it is, to be thrown on.
 */
export function explainSystemError(action: string, path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const known = CAUSES[error.code];
  return new UserError(`cannot ${action} ${path}: ${known?.cause ?? error.message}`, known?.help, {
    cause: error,
  });
}

/** Writes one chunk; resolves when the system has all of it. */
export type ChunkWriter = (chunk: Uint8Array) => Promise<void>;

/**
 * Writes a file so that at every moment `path` holds the whole old or the whole new content: into a temporary file beside it,
 * flushed to the disk, then renamed. Missing parent folders are made. If anything fails the temporary file is removed,
 * `path` is as it was, and system errors (disk full, no permission) become a `UserError` naming the path and the cause.
 * `produce` calls `write` with one chunk after the other, awaiting each.
 */
export async function writeAtomically(
  path: string,
  produce: (write: ChunkWriter) => Promise<void>,
): Promise<void> {
  // A link at the path is kept: what it points to is replaced.
  const target = await realpath(path).catch(() => resolve(path));
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  try {
    await mkdir(folder, { recursive: true });
    await writeAndFlush(temporary, produce);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError('write', path, error);
  }
  await flushFolder(folder);
}

/** Writes a file as `writeAtomically` does, from content that is all there; text is written as UTF-8. */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  await writeAtomically(path, (write) => write(bytes));
}

async function writeAndFlush(path: string, produce: (write: ChunkWriter) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await produce((chunk) => writeAll(file, chunk));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** One system call may write less than it was given, and none may be given 2 GiB. */
const LARGEST_WRITE = 64 * 1024 * 1024;

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    const length = Math.min(chunk.byteLength - offset, LARGEST_WRITE);
    offset += (await file.write(chunk, offset, length)).bytesWritten;
  }
}

/** Makes a rename last over a power cut. Not every system can flush a folder; the file itself is on the disk already. */
async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // As above: nothing is lost but the guarantee against a power cut in the next seconds.
  }
}
