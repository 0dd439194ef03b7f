/** A memory that loops of WebAssembly work in, handed out front to back; one picture at a time uses it. */
export class Workspace {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  #free = 0;
  #bytes = new Uint8Array(this.memory.buffer);

  /** All of the memory, as it is now: `take` may replace it by a larger one. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Forgets all that was taken. */
  clear(): void {
    this.#free = 0;
  }

  /** Room for so many bytes, at a multiple of 16; what is in it is left over from before. @throws RangeError above 4 GiB. */
  take(length: number): number {
    const at = this.#free;
    this.#free = at + roundUp(length, 16);
    const missing = this.#free - this.#bytes.length;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.#bytes = new Uint8Array(this.memory.buffer);
    }
    return at;
  }
}

const PAGE = 65536;

/** The next multiple of `step`. */
export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
