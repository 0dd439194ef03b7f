import { type FileHandle, open } from 'node:fs/promises';
import type { NamedTensor } from '../engine/engine.ts';
import { explainSystemError, writeAtomically } from '../files.ts';
import { UserError } from '../user-error.ts';
import {
  formatHeader,
  HeaderError,
  LENGTH_BYTES,
  LONGEST_HEADER,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensors-header.ts';

/** Bytes that are read, and converted, at a time: a multiple of every type's size. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** A safetensors file open for reading. Its tensors are read one at a time, straight from the disk. */
export class SafetensorsFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly #file: FileHandle;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, header: SafetensorsHeader, dataStart: number) {
    this.path = path;
    this.metadata = header.metadata;
    this.tensors = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
    this.#file = file;
    this.#dataStart = dataStart;
  }

  /**
   * Opens a file and checks its whole header and its length. Throws a `UserError` when it cannot be read, is
   * cut off or is no safetensors file. Close it after use.
   */
  static async open(path: string): Promise<SafetensorsFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'r');
      const { header, dataStart } = await readHeader(file);
      return new SafetensorsFile(path, file, header, dataStart);
    } catch (error) {
      await file?.close();
      throw explain(path, error);
    }
  }

  /** The tensor's numbers, row-major, converted to float32. */
  async read(name: string): Promise<Float32Array> {
    const destination = new Float32Array(this.#entry(name).elements);
    await this.readInto(name, destination);
    return destination;
  }

  /** The tensor's numbers as float64: exact for every type but 64-bit integers above 2^53. */
  async readFloat64(name: string): Promise<Float64Array> {
    const destination = new Float64Array(this.#entry(name).elements);
    await this.readInto(name, destination);
    return destination;
  }

  /** Reads a tensor into an array of just its number of elements. */
  async readInto(name: string, destination: Float32Array | Float64Array): Promise<void> {
    const { type, typeName, elements, begin, end } = this.#entry(name);
    if (destination.length !== elements) {
      throw new RangeError(`tensor ${name} has ${elements} elements, its destination ${destination.length}`);
    }
    try {
      if (typeName === 'F32' && destination instanceof Float32Array) {
        const bytes = new Uint8Array(destination.buffer, destination.byteOffset, destination.byteLength);
        await readFully(this.#file, bytes, this.#dataStart + begin);
        return;
      }
      for (let offset = begin; offset < end; offset += CHUNK_BYTES) {
        const bytes = new Uint8Array(Math.min(CHUNK_BYTES, end - offset));
        await readFully(this.#file, bytes, this.#dataStart + offset);
        destination.set(type.decode(bytes.buffer), (offset - begin) / type.bytes);
      }
    } catch (error) {
      throw explain(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #entry(name: string): TensorEntry {
    const entry = this.tensors.get(name);
    if (entry === undefined) throw new RangeError(`${this.path} has no tensor ${name}`);
    return entry;
  }
}

async function readHeader(file: FileHandle): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new HeaderError('it is not a file');
  if (stat.size < LENGTH_BYTES) throw new HeaderError(`it has only ${stat.size} bytes`);
  const length = Buffer.alloc(LENGTH_BYTES);
  await readFully(file, length, 0);
  const headerBytes = Number(length.readBigUInt64LE());
  if (headerBytes > LONGEST_HEADER) throw new HeaderError('its first bytes are not the length of a header');
  const dataStart = LENGTH_BYTES + headerBytes;
  if (dataStart > stat.size) {
    throw new HeaderError(`it is cut off in its header: ${stat.size} bytes of at least ${dataStart}`);
  }
  const json = new Uint8Array(headerBytes);
  await readFully(file, json, LENGTH_BYTES);
  const header = parseHeader(json);
  const expected = dataStart + header.dataBytes;
  if (stat.size < expected) throw new HeaderError(`it is cut off: ${stat.size} bytes of ${expected}`);
  if (stat.size > expected) throw new HeaderError(`it has ${stat.size - expected} bytes too many at its end`);
  return { header, dataStart };
}

/** Reads just as many bytes as the buffer holds. */
async function readFully(file: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < buffer.length; ) {
    const length = Math.min(buffer.length - done, CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, done, length, position + done);
    if (bytesRead === 0) throw new HeaderError('it was cut off while it was read');
    done += bytesRead;
  }
}

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof HeaderError)) return explainSystemError('read', path, error);
  return new UserError(
    `${path} is not a whole safetensors file: ${error.message}`,
    'the file is damaged, or of another format: use another copy of it',
    { cause: error },
  );
}

/**
 * Writes a safetensors file of float32 tensors, sorted by name, atomically (see `writeAtomically` for its
 * errors). The tensors' `data` is asked for one after the other, each when its turn comes, so it may be made
 * on demand.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = formatHeader(sorted, metadata);
  await writeAtomically(path, async (write) => {
    await write(header);
    for (const tensor of sorted) {
      const data = tensor.data;
      const elements = tensor.shape.reduce((product, side) => product * side, 1);
      if (data.length !== elements) {
        throw new RangeError(
          `tensor ${tensor.name} has ${data.length} numbers where its shape needs ${elements}`,
        );
      }
      await write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  });
}
