import { type KeyEntry, placeNames, type Slot } from '../language/schema/key-entry.ts';
import { useOf } from '../language/schema/use-of.ts';
import { keysOf } from '../language/schema.ts';
import { listOf } from '../language/words.ts';
import { spellValue } from './spelling.ts';

/** All that the schema says of a key, as Markdown. */
export function keyDocumentation(entry: KeyEntry): string {
  const { doc, example, source, block, required, places } = entry;
  const facts = [
    ...entry.slots.map((slot) => `- **${titleOf(entry, slot)}**: ${slotDocumentation(entry, slot)}`),
    entry.computedDefault === undefined ? '' : `- **default**: ${entry.computedDefault}`,
    block === undefined ? '' : `- **block**: ${[...keysOf(block).keys()].map(code).join(', ')}`,
    required === true ? `- **required** in ${listOf(places.map((place) => placeNames[place]))}` : '',
    useOf(entry) === undefined ? '' : `- **only** ${useOf(entry)}`,
    `- **source**: ${escapeMarkdown(source)}`,
  ];
  return [
    `\`\`\`mae\n${example}\n\`\`\``,
    escapeMarkdown(doc),
    facts.filter((fact) => fact !== '').join('\n'),
  ].join('\n\n');
}

/** `value` where there is only one. */
function titleOf({ slots }: KeyEntry, { name, keyword }: Slot): string {
  const title = slots.length === 1 ? 'value' : name;
  return keyword === undefined ? title : `${keyword} ${title}`;
}

/** Type, bounds, unit, default and the meaning of each option of one value. */
export function slotDocumentation(entry: KeyEntry, slot: Slot): string {
  const { type, unit, optional, repeated } = slot;
  const parts = [
    `${escapeMarkdown(type.label)}${repeated === true ? ', once or more' : ''}`,
    unit === undefined ? '' : `unit: ${unit}`,
    slot.default === undefined ? '' : `default: ${code(spellValue(entry, slot, slot.default))}`,
    optional === true && slot.default === undefined ? 'may be left out' : '',
  ];
  const options = Object.entries(type.options ?? {}).map(
    ([name, meaning]) => `\n  - ${code(name)}: ${escapeMarkdown(meaning)}`,
  );
  return parts.filter((part) => part !== '').join('; ') + options.join('');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Plain text as Markdown that shows it so. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&');
}
