import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { explainSystemError } from './files.ts';

/** Milliseconds for which entries may stay in memory only. */
const FLUSH_AFTER = 1000;

/**
 * A file that grows by whole entries. Entries that cannot be written (a full disk) are kept and tried again with the next ones:
 * such a file alone never stops a run.
 */
export class AppendedFile {
  readonly path: string;
  readonly #failed: (error: unknown) => void;
  #waiting: Uint8Array[] = [];
  #flushed = 0;

  /** `failed` is told, as a `UserError`, whenever waiting entries could not be written. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.path = path;
    this.#failed = failed;
  }

  add(entry: Uint8Array): void {
    this.#waiting.push(entry);
    if (performance.now() - this.#flushed > FLUSH_AFTER) this.flush();
  }

  /** Writes out what waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#flushed = performance.now();
    try {
      appendWhole(this.path, Buffer.concat(this.#waiting));
      this.#waiting = [];
    } catch (error) {
      this.#failed(explainSystemError('write', this.path, error));
    }
  }
}

/** Appends all of the bytes, or leaves the file as it was. */
function appendWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'a');
  try {
    const { size } = fstatSync(file);
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
    } catch (error) {
      ftruncateSync(file, size);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}
