/** The names that a generated file imports from the runtime. */
export class Imports {
  readonly #values = new Set<string>();
  readonly #types = new Set<string>();

  value(name: string): string {
    this.#values.add(name);
    return name;
  }

  type(name: string): string {
    this.#types.add(name);
    return name;
  }

  has(name: string): boolean {
    return this.#values.has(name) || this.#types.has(name);
  }

  /** `{ add, type Rows }`, sorted as the formatter does. */
  specifiers(): string[] {
    const types = [...this.#types].filter((name) => !this.#values.has(name));
    return [...this.#values, ...types]
      .sort(compareNames)
      .map((name) => (this.#values.has(name) ? name : `type ${name}`));
  }
}

/** Letter by letter: alphabetical, a capital before its small letter. */
function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left = '', right = ''] = [a[index], b[index]];
    if (left === right) continue;
    const [small, other] = [left.toLowerCase(), right.toLowerCase()];
    if (small !== other) return small < other ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
