/** Keeps the values that were asked for last, up to so many bytes in all, and at least one. What is being read is read once. */
export class BoundedCache<Key, Value> {
  readonly #most: number;
  /** In the order of use, the latest last. */
  readonly #entries = new Map<Key, { readonly value: Promise<Value>; readonly bytes: number }>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  get(key: Key, bytes: number, read: () => Promise<Value>): Promise<Value> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value;
    }
    const value = read();
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    // A failure is told each time anew: it may pass.
    value.catch(() => this.#drop(key));
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#most || oldest === key) break;
      this.#drop(oldest);
    }
    return value;
  }

  #drop(key: Key): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
