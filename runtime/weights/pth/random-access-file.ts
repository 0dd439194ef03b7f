import { type FileHandle, open } from 'node:fs/promises';
import { explainSystemError } from '../../files.ts';
import { UserError } from '../../user-error.ts';

/** One system call reads at most this much. */
const LARGEST_READ = 64 * 1024 * 1024;

/** A file of which any part can be read. Close it after use. */
export class RandomAccessFile {
  readonly path: string;
  /** When it was opened. */
  readonly size: number;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.size = size;
  }

  /** Throws a `UserError` when there is no such file, or it is none. */
  static async open(path: string): Promise<RandomAccessFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'r');
      const stat = await file.stat();
      if (!stat.isFile()) throw new UserError(`cannot read ${path}: it is not a file`, 'choose another path');
      return new RandomAccessFile(path, file, stat.size);
    } catch (error) {
      await file?.close();
      throw explainSystemError('read', path, error);
    }
  }

  /** The bytes from `position` on. Throws a `UserError` when there are fewer, or they cannot be read. */
  async read(position: number, length: number): Promise<Buffer<ArrayBuffer>> {
    if (position < 0 || length < 0 || position + length > this.size) throw this.#cutOff();
    const bytes = Buffer.alloc(length);
    try {
      for (let done = 0; done < length; ) {
        const wanted = Math.min(length - done, LARGEST_READ);
        const { bytesRead } = await this.#file.read(bytes, done, wanted, position + done);
        if (bytesRead === 0) throw this.#cutOff();
        done += bytesRead;
      }
    } catch (error) {
      throw explainSystemError('read', this.path, error);
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #cutOff(): UserError {
    return new UserError(`${this.path} is cut off`, 'the file is damaged: use another copy of it');
  }
}
