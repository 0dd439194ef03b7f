import type { Size } from './crop.ts';

/** The sizes of the pictures of a source that were found out once, in eight bytes each. */
export class PictureSizes {
  readonly #count: number;
  #numbers: Uint32Array | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  get(index: number): Size | undefined {
    const height = this.#numbers?.[2 * index] ?? 0;
    const width = this.#numbers?.[2 * index + 1] ?? 0;
    return width === 0 ? undefined : { height, width };
  }

  set(index: number, { height, width }: Size): void {
    this.#numbers ??= new Uint32Array(2 * this.#count);
    this.#numbers.set([height, width], 2 * index);
  }
}
