/** Remembers what was made last: at most so many results, each by a key that says all that it was made from. */
export class Recent<T> {
  readonly #most: number;
  readonly #known = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What is known by that key, or else what `make` returns. */
  get(key: string, make: () => T): T {
    const known = this.#known.get(key);
    const result = known ?? make();
    // Moved to the end: what has not been asked for longest goes first.
    this.#known.delete(key);
    this.#known.set(key, result);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    return result;
  }
}
