import { printable } from './words.ts';

const tabStop = 4;

/** A stretch of a line as it is shown, and where its characters are shown. */
export interface DisplayedLine {
  /** Tabs expanded, and nothing in it that would disturb a terminal. */
  readonly text: string;
  /** The column, from 0, at which the character at an offset from the stretch's start is shown. */
  column(offset: number): number;
}

/** Lays out one line, or a part of one, in the columns of a terminal. */
export function displayLine(line: string): DisplayedLine {
  const columns: number[] = [];
  let text = '';
  let column = 0;
  for (const character of line) {
    for (let unit = 0; unit < character.length; unit++) columns.push(column);
    const shown = character === '\t' ? ' '.repeat(tabStop - (column % tabStop)) : printable(character);
    text += shown;
    column += shown === character ? widthOf(character) : shown.length;
  }
  return { text, column: (offset) => columns[offset] ?? column };
}

/** How many columns a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

const noWidth = /[\p{Mn}\p{Me}]/u;
/** East Asian wide and fullwidth characters, and pictures. */
const doubleWidth =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;

function widthOf(character: string): number {
  if (character < '\u0300') return 1;
  if (noWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}
