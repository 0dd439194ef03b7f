/** Where a picture is found. */
export interface Occurrence {
  readonly split: string;
  readonly path: string;
  readonly label: number | undefined;
}

/** The same picture, byte for byte, in several places. */
export interface DuplicateGroup {
  readonly pictures: readonly Pick<Occurrence, 'split' | 'path'>[];
  /** Whether the places differ in their labels. */
  readonly labelsDiffer: boolean;
}

export interface Duplicates {
  /** Pictures that are copies of another one of their own split. */
  readonly within: number;
  /** Pictures of later splits that the first split has, too. */
  readonly across: number;
  readonly labelsDiffer: number;
  readonly groups: readonly DuplicateGroup[];
}

/** Finds pictures whose bytes are the same. */
export class DuplicateSearch {
  readonly #first = new Map<string, Occurrence>();
  readonly #groups = new Map<string, Occurrence[]>();

  add(hash: string, occurrence: Occurrence): void {
    const first = this.#first.get(hash);
    if (first === undefined) {
      this.#first.set(hash, occurrence);
      return;
    }
    const group = this.#groups.get(hash) ?? [first];
    group.push(occurrence);
    this.#groups.set(hash, group);
  }

  found(): Duplicates {
    const groups = [...this.#groups.values()].map((occurrences) => ({
      pictures: occurrences.map(({ split, path }) => ({ split, path })),
      labelsDiffer: new Set(occurrences.map(({ label }) => label)).size > 1,
      within: occurrences.length - new Set(occurrences.map(({ split }) => split)).size,
      across: occurrences.filter(({ split }) => split !== occurrences[0]?.split).length,
    }));
    return {
      within: groups.reduce((sum, { within }) => sum + within, 0),
      across: groups.reduce((sum, { across }) => sum + across, 0),
      labelsDiffer: groups.filter(({ labelsDiffer }) => labelsDiffer).length,
      groups: groups.map(({ pictures, labelsDiffer }) => ({ pictures, labelsDiffer })),
    };
  }
}
