import { type KeyEntry, type Place, placeNames } from '../schema/key-entry.ts';
import { keysOf, schema } from '../schema.ts';
import { anchorOf, code, sentence } from './markdown.ts';

/** All places where keys stand: the file first, then its blocks in the order of the schema, each before the blocks in it. */
export function placesInOrder(): readonly Place[] {
  const found: Place[] = [];
  const visit = (place: Place) => {
    if (found.includes(place)) return;
    found.push(place);
    for (const { block } of keysOf(place).values()) if (block !== undefined) visit(block);
  };
  visit('file');
  return found;
}

/** `a model` is a section ‘A model’, and `encoder` one ‘The `encoder` block’. */
export function headingOf(place: Place): string {
  const name = placeNames[place];
  return name.startsWith('a ') ? sentence(name).slice(0, -1) : `The ${code(name)} block`;
}

/** A link to the section of a place. */
export function linkToPlace(place: Place, text = headingOf(place)): string {
  return `[${text}](#${anchorOf(headingOf(place))})`;
}

/** The name of a key's row in links. */
export function keyAnchor(place: Place, key: string): string {
  return `${place}-${key}`;
}

export function linkToKey(place: Place, key: string): string {
  return `[${code(key)}](#${keyAnchor(place, key)})`;
}

/** A link to the key of a dotted path: `encoder.width` of a model. Throws where the schema has no such key. */
export function linkToPath(root: Place, path: string): string {
  let place: Place | undefined = root;
  let link = '';
  for (const key of path.split('.')) {
    const entry: KeyEntry | undefined = place === undefined ? undefined : keysOf(place).get(key);
    if (place === undefined || entry === undefined)
      throw new Error(`the schema has no key ${path} in ${root}`);
    link = linkToKey(place, key);
    place = entry.block;
  }
  return link;
}

/** The keys that open a block of the place, each with the places where it stands. */
export function openersOf(place: Place): readonly KeyEntry[] {
  return schema.filter(({ block }) => block === place);
}
