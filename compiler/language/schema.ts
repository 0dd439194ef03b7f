import { fileKeys } from './schema/file-keys.ts';
import type { KeyEntry, Place, Slot } from './schema/key-entry.ts';
import { modelKeys } from './schema/model-keys.ts';
import { recipeKeys } from './schema/recipe-keys.ts';

/** Every key of the language. The checker, its suggestions and the reference all come from this table. */
export const schema: readonly KeyEntry[] = [...fileKeys, ...modelKeys, ...recipeKeys];

const byPlace = new Map<Place, Map<string, KeyEntry>>();
const byKey = new Map<string, KeyEntry[]>();
for (const entry of schema) {
  byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  for (const place of entry.places) {
    const keys = byPlace.get(place) ?? new Map<string, KeyEntry>();
    byPlace.set(place, keys.set(entry.key, entry));
  }
}

/** The keys that may stand in a place, in the order of the table. */
export function keysOf(place: Place): ReadonlyMap<string, KeyEntry> {
  return byPlace.get(place) ?? new Map();
}

/** All places where a key of that name may stand; empty for a name that is no key. */
export function placesOf(key: string): readonly Place[] {
  return (byKey.get(key) ?? []).flatMap((entry) => entry.places);
}

/** The entry of a dotted path from a model or a recipe: `encoder.width`. Only for paths that the schema has. */
export function entryAt(root: Place, path: string): KeyEntry {
  let place: Place | undefined = root;
  let entry: KeyEntry | undefined;
  for (const key of path.split('.')) {
    entry = place === undefined ? undefined : keysOf(place).get(key);
    place = entry?.block;
  }
  if (entry === undefined) throw new Error(`the schema has no key ${path} in ${root}`);
  return entry;
}

/** The slot of that name, or the first one. */
export function slotOf(entry: KeyEntry, name?: string): Slot {
  const slot = entry.slots.find((candidate) => name === undefined || candidate.name === name);
  if (slot === undefined) throw new Error(`the key ${entry.key} has no value ${name ?? ''}`);
  return slot;
}
