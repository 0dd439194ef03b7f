/**
 * What a change of a spec does to what was made of it, the gravest first:
 * `weights`: old weights no longer load as they are;
 * `io`: what goes into the exported files or comes out of them is something else;
 * `numerics`: the same shapes, but another function of them;
 * `recipe`: only the training differs;
 * `cosmetic`: nothing that is computed differs.
 */
export const changeClasses = ['weights', 'io', 'numerics', 'recipe', 'cosmetic'] as const;

export type ChangeClass = (typeof changeClasses)[number];

/** 0 for the gravest. */
export function rankOf(change: ChangeClass): number {
  return changeClasses.indexOf(change);
}

/** The gravest of some classes; undefined of none. */
export function gravest(classes: Iterable<ChangeClass>): ChangeClass | undefined {
  const found = new Set(classes);
  return changeClasses.find((change) => found.has(change));
}
