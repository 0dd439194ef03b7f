/** Line breaking as the project's formatter does it, for the few constructs that generated code is made of. */

/** The formatter's line width. */
export const LINE_WIDTH = 110;

/** `before(arguments)after` on one line if it fits behind `indent`, else one argument a line. Lines are relative to `indent`. */
export function breakCall(text: string, indent: number): string[] {
  if (indent + text.length <= LINE_WIDTH) return [text];
  const call = splitCall(text);
  if (!call || call.args.length === 0) return [text];
  const inner = call.args.flatMap((argument) =>
    breakCall(`${argument},`, indent + 2).map((line) => `  ${line}`),
  );
  return [`${call.before}(`, ...inner, `)${call.after}`];
}

interface CallText {
  readonly before: string;
  readonly args: readonly string[];
  /** What follows the closing parenthesis: ";" or ",". */
  readonly after: string;
}

/** Takes the last call of a text apart; the text ends with it but for punctuation. */
function splitCall(text: string): CallText | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const start = openingOf(text, end);
  const args = splitTopLevel(text.slice(start + 1, end));
  return { before: text.slice(0, start), args, after: text.slice(end + 1) };
}

/** Where the parenthesis that closes at `end` opens. */
function openingOf(text: string, end: number): number {
  let depth = 0;
  for (let index = end; index >= 0; index--) {
    if (text[index] === ')') depth++;
    if (text[index] === '(' && --depth === 0) return index;
  }
  return 0;
}

/** Splits at commas that are in no brackets. Generated literals contain none. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

/** A list in braces, `before { items } after`: on one line if it fits, else one item a line. */
export function breakList(before: string, items: readonly string[], after: string): string {
  const line = `${before} { ${items.join(', ')} }${after}`;
  if (line.length <= LINE_WIDTH) return line;
  return `${before} {\n${items.map((item) => `  ${item},\n`).join('')}}${after}`;
}
