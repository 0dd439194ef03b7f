import type { KeyEntry, Place, Slot } from '../schema/key-entry.ts';
import { useOf } from '../schema/use-of.ts';
import type { ValueType } from '../schema/value-type.ts';
import { flag } from '../schema/value-types.ts';
import { keysOf } from '../schema.ts';
import { listOf } from '../words.ts';
import { code, fenced, paragraphs, prose, sentence, table, target } from './markdown.ts';
import { headingOf, keyAnchor, linkToKey, linkToPlace, openersOf, placesInOrder } from './places.ts';
import { withoutTitles } from './sources.ts';
import { spellValue } from './spell-value.ts';

/** A section for each place: where its block opens, its keys, and the names that they take. */
export function keySections(): string {
  return paragraphs(...placesInOrder().map(placeSection));
}

function placeSection(place: Place): string {
  const keys = [...keysOf(place).values()];
  return paragraphs(
    `### ${headingOf(place)}`,
    introduction(place),
    table(
      ['Key', 'Takes', 'Default', 'Meaning', 'Example'],
      keys.map((entry) => [
        target(keyAnchor(place, entry.key)) + code(entry.key),
        takenBy(entry),
        defaultOf(entry),
        `${prose(entry.doc)}${restriction(entry)}<br><sub>${prose(withoutTitles(entry.source))}</sub>`,
        code(entry.example),
      ]),
    ),
    ...keys.flatMap((entry) => optionLists(entry, place)),
  );
}

function restriction(entry: KeyEntry): string {
  const use = useOf(entry);
  return use === undefined ? '' : ` Only ${use}.`;
}

/** Which keys open a block of the place, with the example of one. */
function introduction(place: Place): string {
  const openers = openersOf(place);
  const [first] = openers;
  if (first === undefined) return 'What stands outside all blocks.';
  const links = openers.flatMap(({ key, places }) =>
    places.map(
      (outer) => `${linkToKey(outer, key)} in ${linkToPlace(outer, headingOf(outer).toLowerCase())}`,
    ),
  );
  return paragraphs(`Opens behind ${listOf(links, 'or')}.`, fenced('mae', first.example));
}

/** What values a key takes, one a line, and whether a block. */
function takenBy({ slots, block }: KeyEntry): string {
  const values = slots.map((slot) => {
    const { name, keyword, optional, repeated, unit, type } = slot;
    const title = slots.length > 1 ? `*${name}*: ` : '';
    const traits = [
      keyword === undefined ? '' : `after the word ${code(keyword)}`,
      repeated === true ? 'once or more' : '',
      unit === undefined ? '' : `unit: ${unit}`,
      optional === true ? 'may be left out' : '',
    ];
    const words = [labelOf(type), ...traits].filter((part) => part !== '');
    return `${title}${words.join('; ')}`;
  });
  const inner = block === undefined ? [] : [linkToPlace(block, 'a block')];
  return [...values, ...inner].join('<br>');
}

/** The label of a type; the options of a choice as code, and the bounds of a size, which its label does not tell. */
function labelOf(type: ValueType): string {
  const names = new Set(Object.keys(type.options ?? {}));
  const label = type.label.replace(/[a-z0-9-]+/g, (word) => (names.has(word) ? code(word) : word));
  const bounds = sizeBounds(type);
  return bounds === '' ? label : `${label}, ${bounds}`;
}

/** The bounds of each axis, as the type itself tells them of a size that is out of them; empty if the label has bounds. */
function sizeBounds({ label, read }: ValueType): string {
  if (/\d/.test(label)) return '';
  for (const axes of [2, 3]) {
    const bounds = Array.from({ length: axes }, (_, axis) => {
      const extents = new Array<number>(axes).fill(1).with(axis, -1);
      const reading = read({ kind: 'size', extents, text: '', span: nowhere });
      return 'bounds' in reading ? reading.bounds : undefined;
    });
    if (bounds.every((each) => each !== undefined)) return bounds.join(', ');
  }
  return '';
}

const nowhere = { file: '', start: 0, end: 0, line: 1, column: 1 };

function defaultOf(entry: KeyEntry): string {
  const { required, computedDefault, slots } = entry;
  if (required === true) return '**required**';
  if (computedDefault !== undefined) return prose(computedDefault);
  const values = slots.flatMap((slot) =>
    slot.default === undefined ? [] : spellValue(entry, slot, slot.default),
  );
  return values.length === 0 ? '–' : code(values.join(' '));
}

/** What each name means that a key takes; where several places have the key, in the first of them. */
function optionLists({ key, slots, places }: KeyEntry, place: Place): string[] {
  return slots.filter(hasOptions).map(({ type, name }) => {
    const title = slots.length > 1 ? `The ${name} of **${code(key)}**` : `**${code(key)}**`;
    const [first] = [...places].sort((a, b) => rankOf(a) - rankOf(b));
    if (first !== undefined && first !== place) {
      return `${title}: as [in ${code(first)}](#${keyAnchor(first, key)}-options).`;
    }
    const lines = Object.entries(type.options ?? {}).map(
      ([option, meaning]) => `- ${code(option)}: ${prose(meaning)}`,
    );
    return paragraphs(`${target(`${keyAnchor(place, key)}-options`)}${title}:`, lines.join('\n'));
  });
}

/** Switches all have the same options. */
function hasOptions({ type }: Slot): boolean {
  return type.options !== undefined && type !== flag;
}

function rankOf(place: Place): number {
  return placesInOrder().indexOf(place);
}

/** What `yes` and `no` mean behind every switch. */
export function switchOptions(): string {
  const meanings = Object.entries(flag.options ?? {}).map(
    ([option, meaning]) => `- ${code(option)}: ${sentence(meaning)}`,
  );
  return meanings.join('\n');
}
