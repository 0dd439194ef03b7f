import { PickleError } from './values.ts';

/** Reads a pickle's bytes from front to back, never past their end. All numbers are little-endian but the doubles. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  /** Of the next byte. */
  get position(): number {
    return this.#position;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length of eight bytes. */
  uint64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new PickleError('a length in it is too large');
    return Number(length);
  }

  /** Big-endian, as pickles hold them. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.slice(start, start + length);
  }

  text(length: number): string {
    const start = this.#advance(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.#bytes.subarray(start, start + length),
      );
    } catch (error) {
      throw new PickleError('a text in it is not UTF-8', { cause: error });
    }
  }

  /** Up to the next line feed, which is passed over. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0) throw new PickleError('it is cut off');
    const text = this.text(end - this.#position);
    this.#advance(1);
    return text;
  }

  /** A two's complement integer of so many bytes. */
  integer(length: number): number | bigint {
    const bytes = this.bytes(length);
    let value = 0n;
    for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  /** Passes over bytes; returns where they began. */
  #advance(length: number): number {
    const start = this.#position;
    if (length > this.#bytes.length - start) throw new PickleError('it is cut off');
    this.#position = start + length;
    return start;
  }
}
