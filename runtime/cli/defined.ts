type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The entries that have a value. */
export function defined<T extends object>(entries: T): Defined<T>;
export function defined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
