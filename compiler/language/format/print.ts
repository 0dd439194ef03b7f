import { displayWidth } from '../display.ts';
import type { BlockLayout, Item, StatementItem } from './layout.ts';

/** Columns that a line should not exceed: a block that was written on one line and would is broken up. */
const lineWidth = 100;
const indentation = '  ';

interface Line {
  readonly text: string;
  readonly comment?: string | undefined;
}

/** The text of a file, with a line break at the end if there is anything in it. */
export function printFile(items: readonly Item[]): string {
  const lines = printItems(withGapsBetweenDeclarations(items), '', false);
  return alignComments(lines)
    .map((line) => `${line}\n`)
    .join('');
}

/** A declaration of several lines has an empty line before it, or before the comment above it, and one behind it. */
function withGapsBetweenDeclarations(items: readonly Item[]): Item[] {
  const result = [...items];
  let afterLong: boolean | undefined;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'comment') continue;
    const isLong = inline(item, '') === undefined;
    if (afterLong !== undefined && (afterLong || isLong)) {
      const start = startOfComments(items, index);
      const first = items[start];
      if (first !== undefined) result[start] = { ...first, blankBefore: true };
    }
    afterLong = isLong;
  }
  return result;
}

/** The index of the first of the comment lines right above an item, or of the item itself. */
function startOfComments(items: readonly Item[], index: number): number {
  let start = index;
  while (items[start]?.blankBefore === false && items[start - 1]?.kind === 'comment') start--;
  return start;
}

function printItems(items: readonly Item[], indent: string, aligned: boolean): Line[] {
  const keyWidths = aligned ? alignedKeyWidths(items, indent) : new Map<Item, number>();
  return items.flatMap((item) => {
    const gap: Line[] = item.blankBefore ? [{ text: '' }] : [];
    if (item.kind === 'comment') return [...gap, { text: indent + item.text }];
    const short = inline(item, indent);
    if (short === undefined) return [...gap, ...printLong(item, indent)];
    const key = item.key.padEnd(keyWidths.get(item) ?? 0);
    return [...gap, { text: `${indent}${key}${short.slice(item.key.length)}`, comment: item.comment }];
  });
}

function printLong(item: StatementItem, indent: string): Line[] {
  const { block, comment } = item;
  if (block === undefined) return [{ text: indent + headOf(item), comment }];
  return [
    { text: `${indent}${headOf(item)} {`, comment: block.comment },
    ...printItems(block.items, indent + indentation, true),
    { text: `${indent}}`, comment },
  ];
}

/** The statement, its own comment aside, on one line; undefined where its block needs several. */
function inline(item: StatementItem, indent: string): string | undefined {
  const { block } = item;
  const head = headOf(item);
  if (block === undefined) return head;
  const inside = inlineBlock(block);
  const text = `${head} ${inside}`;
  return inside === undefined || !fits(indent + text) ? undefined : text;
}

function inlineBlock({ items, comment, onOneLine }: BlockLayout): string | undefined {
  if (comment !== undefined) return undefined;
  if (items.length === 0) return '{}';
  if (!onOneLine) return undefined;
  const statements = items.map((item) =>
    item.kind === 'comment' || item.comment !== undefined ? undefined : inline(item, ''),
  );
  return statements.includes(undefined) ? undefined : `{ ${statements.join(', ')} }`;
}

function headOf({ key, values }: StatementItem): string {
  return values === '' ? key : `${key} ${values}`;
}

function fits(line: string): boolean {
  return displayWidth(line) <= lineWidth;
}

/**
 * How wide the keys of a block are to be written, so that the values of neighbouring lines begin in one column. Empty lines and
 * statements of several lines come between neighbours; a line that would become too long does not take part.
 */
function alignedKeyWidths(items: readonly Item[], indent: string): Map<Item, number> {
  const widths = new Map<Item, number>();
  let run: { item: StatementItem; short: string }[] = [];
  const closeRun = () => {
    const widest = widestKey(run);
    const fitting = run.filter(({ item, short }) =>
      fits(indent + ' '.repeat(widest - item.key.length) + short),
    );
    const width = widestKey(fitting);
    for (const { item } of fitting) widths.set(item, width);
    run = [];
  };
  for (const item of items) {
    if (item.blankBefore) closeRun();
    if (item.kind === 'comment') continue;
    const short = inline(item, indent);
    if (short === undefined) closeRun();
    // A key alone has nothing to align.
    else if (short !== item.key) run.push({ item, short });
  }
  closeRun();
  return widths;
}

function widestKey(run: readonly { readonly item: StatementItem }[]): number {
  return run.reduce((widest, { item }) => Math.max(widest, item.key.length), 0);
}

/** Puts comments behind their lines, those of neighbouring lines of a block in one column. */
function alignComments(lines: readonly Line[]): string[] {
  const result: string[] = [];
  let group: Line[] = [];
  const closeGroup = () => {
    const column = group.reduce((widest, { text }) => Math.max(widest, displayWidth(text)), 0);
    for (const { text, comment } of group) {
      result.push(`${text}${' '.repeat(column - displayWidth(text))}  ${comment}`);
    }
    group = [];
  };
  for (const line of lines) {
    const [first] = group;
    if (first !== undefined && indentOf(first) !== indentOf(line)) closeGroup();
    if (line.comment === undefined) {
      closeGroup();
      result.push(line.text);
    } else group.push(line);
  }
  closeGroup();
  return result;
}

function indentOf({ text }: Line): number {
  return text.length - text.trimStart().length;
}
