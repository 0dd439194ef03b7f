import { type FileHandle, open } from 'node:fs/promises';
import { explainSystemError, writeAtomically } from '../files.ts';
import { UserError } from '../user-error.ts';
import {
  formatNpyHeader,
  measureNpyHeader,
  NPY_PREFIX_BYTES,
  NpyError,
  type NpyHeader,
  type NpyWrittenType,
  parseNpyHeader,
} from './npy-header.ts';

/** Numbers that are read, and converted, at a time. */
const CHUNK_ELEMENTS = 1024 * 1024;

/** What an array of a file may be read into. Integer arrays cut off fractions and wrap around, as typed arrays do. */
export type NpyDestination =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** A .npy file open for reading. Its numbers are read where they are asked for, so it may be larger than the memory. */
export class NpyFile {
  readonly path: string;
  readonly header: NpyHeader;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, header: NpyHeader) {
    this.path = path;
    this.header = header;
    this.#file = file;
  }

  /**
   * Opens a file and checks its header and its length. Throws a `UserError` when it cannot be read, is cut off, is no .npy
   * file or holds something else than real numbers in C order. Close it after use.
   */
  static async open(path: string): Promise<NpyFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'r');
      return new NpyFile(path, file, await readHeader(file));
    } catch (error) {
      await file?.close();
      throw explain(path, error);
    }
  }

  /** The file's axes: the last one runs fastest. */
  get shape(): readonly number[] {
    return this.header.shape;
  }

  /** All numbers as float32. */
  async read(): Promise<Float32Array> {
    const destination = new Float32Array(this.header.elements);
    await this.readInto(destination);
    return destination;
  }

  /** Fills an array with the numbers from the one with index `first` on, counted over the whole file. */
  async readInto(destination: NpyDestination, first = 0): Promise<void> {
    const { type, elements, dataStart } = this.header;
    if (first < 0 || first + destination.length > elements) {
      throw new RangeError(
        `${this.path} has ${elements} numbers, not ${destination.length} of them from ${first} on`,
      );
    }
    try {
      for (let done = 0; done < destination.length; done += CHUNK_ELEMENTS) {
        const count = Math.min(CHUNK_ELEMENTS, destination.length - done);
        const bytes = new Uint8Array(count * type.bytes);
        await readFully(this.#file, bytes, dataStart + (first + done) * type.bytes);
        destination.set(type.decode(bytes.buffer), done);
      }
    } catch (error) {
      throw explain(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readHeader(file: FileHandle): Promise<NpyHeader> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new NpyError('it is not a file');
  const prefix = new Uint8Array(Math.min(NPY_PREFIX_BYTES, stat.size));
  await readFully(file, prefix, 0);
  const bytes = new Uint8Array(Math.min(measureNpyHeader(prefix), stat.size));
  await readFully(file, bytes, 0);
  const header = parseNpyHeader(bytes);
  const expected = header.dataStart + header.elements * header.type.bytes;
  if (stat.size < expected) throw new NpyError(`it is cut off: ${stat.size} bytes of ${expected}`);
  if (stat.size > expected) throw new NpyError(`it has ${stat.size - expected} bytes too many at its end`);
  return header;
}

/** Reads just as many bytes as the buffer holds. */
async function readFully(file: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new NpyError('it was cut off while it was read');
    done += bytesRead;
  }
}

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof NpyError)) return explainSystemError('read', path, error);
  return new UserError(
    `${path} is not a .npy file that can be read: ${error.message}`,
    'save the array once more: numpy.save(path, array) with real numbers in C order',
    { cause: error },
  );
}

/** An array that is written: its type and its axes, the last of which runs fastest. */
export interface NpyArray {
  readonly type: NpyWrittenType;
  readonly shape: readonly number[];
  /** The numbers in order, in pieces of any length. Each is written before the next one is asked for. */
  readonly blocks: Iterable<Float32Array | Int32Array> | AsyncIterable<Float32Array | Int32Array>;
}

/**
 * Writes an array as a .npy file, atomically (see `writeAtomically` for its errors), holding one block in memory at a time.
 *
 * @throws RangeError when the blocks are of another type or have more or fewer numbers than the shape: nothing is written.
 */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  await writeAtomically(path, async (write) => {
    await write(formatNpyHeader(array.type, array.shape));
    await writeBlocks(array, write);
  });
}

/** Writes the bytes of an array's blocks and nothing else. @throws RangeError as `writeNpy` does. */
export async function writeBlocks(
  { type, shape, blocks }: NpyArray,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const elements = shape.reduce((product, side) => product * side, 1);
  let written = 0;
  for await (const block of blocks) {
    const blockType = block instanceof Float32Array ? 'float32' : 'int32';
    if (blockType !== type) throw new RangeError(`a block of ${blockType} numbers in an array of ${type}`);
    written += block.length;
    if (written > elements)
      throw new RangeError(`${written} numbers or more where the shape has ${elements}`);
    await write(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  }
  if (written !== elements) throw new RangeError(`${written} numbers where the shape has ${elements}`);
}
