import { displayWidth } from '../../language/display.ts';

/** Columns that text fits in. */
export const WIDTH = 100;

export type Alignment = 'left' | 'right';

/** Lines of cells in columns, two blanks between them; without blanks at the ends of lines. */
export function alignColumns(
  lines: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string[] {
  const widths = alignments.map((_, column) =>
    Math.max(0, ...lines.map((line) => displayWidth(line[column] ?? ''))),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const blanks = ' '.repeat(Math.max((widths[column] ?? 0) - displayWidth(cell), 0));
        return alignments[column] === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a text into lines of so many columns between words; a longer word, such as a path, is cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, columns))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function pieces(word: string, columns: number): string[] {
  const found: string[] = [];
  let rest = word;
  while (displayWidth(rest) > columns) {
    found.push(rest.slice(0, columns));
    rest = rest.slice(columns);
  }
  return [...found, rest];
}
