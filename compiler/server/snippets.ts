import type { Statement, Value } from '../language/ast.ts';
import type { KeyEntry, Place } from '../language/schema/key-entry.ts';
import { keysOf } from '../language/schema.ts';
import { SourceText } from '../language/source-text.ts';
import { parseSource } from '../language/syntax-tree.ts';
import { expectedAfter } from './value-roles.ts';

/** A statement to fill in, in the editor's snippet syntax: the example of its key, with a stop at each value. */
export function keySnippet(entry: KeyEntry, place: Place): string {
  const stops = new Stops();
  const [statement] = parseSource(new SourceText('', entry.example), () => {}).statements;
  if (statement === undefined) return escapeSnippet(entry.key);
  // A declaration begins with all that it needs; a key of a block, with what its example says.
  return place === 'file' && entry.block !== undefined
    ? declaration(statement, entry, entry.block, stops)
    : snippetOf(statement, place, stops);
}

/** Numbers the stops of a snippet. */
class Stops {
  private last = 0;

  next(text: string): string {
    const content = text.startsWith('"') ? text.slice(1, -1) : text;
    const stop = `\${${++this.last}:${escapeSnippet(content)}}`;
    return content === text ? stop : `"${stop}"`;
  }

  choice(first: string, others: readonly string[]): string {
    const all = [first, ...others.filter((other) => other !== first)];
    return `\${${++this.last}|${all.map((text) => text.replace(/[\\,|]/g, '\\$&')).join(',')}|}`;
  }
}

function declaration(statement: Statement, entry: KeyEntry, block: Place, stops: Stops): string {
  const [name] = statement.values;
  const head = name === undefined ? entry.key : `${entry.key} ${stops.next(name.text)}`;
  const lines = [...keysOf(block).values()]
    .filter(({ required }) => required === true)
    .flatMap(({ example }) => parseSource(new SourceText('', example), () => {}).statements)
    .map((each) => `\t${snippetOf(each, block, stops)}`);
  return [`${head} {`, ...(lines.length > 0 ? lines : ['\t$0']), '}'].join('\n');
}

function snippetOf({ key, values, block }: Statement, place: Place | undefined, stops: Stops): string {
  const entry = place === undefined ? undefined : keysOf(place).get(key.text);
  const written = values.map((value, index) => valueSnippet(value, values.slice(0, index), entry, stops));
  const inner = block?.statements.map((each) => snippetOf(each, entry?.block, stops)).join(', ');
  return [escapeSnippet(key.text), ...written, ...(inner === undefined ? [] : [`{ ${inner} \\}`])].join(' ');
}

function valueSnippet(
  { text }: Value,
  before: readonly Value[],
  entry: KeyEntry | undefined,
  stops: Stops,
): string {
  const expected = entry === undefined ? [] : expectedAfter(entry, before);
  if (expected.some(({ keyword }) => keyword === text)) return escapeSnippet(text);
  const options = expected.find(({ keyword }) => keyword === undefined)?.slot.type.options;
  const names = Object.keys(options ?? {});
  return names.length > 1 && names.includes(text) ? stops.choice(text, names) : stops.next(text);
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}
