import { LINE_WIDTH } from './layout.ts';

/** A doc comment as ts-morph takes it, in lines that fit behind so many columns; none for an empty text. */
export function comment(text: string, indent: number): string[] {
  if (text === '') return [];
  if (indent + text.length + '/**  */'.length <= LINE_WIDTH) return [text];
  return [wrap(text, LINE_WIDTH - indent - ' * '.length).join('\n')];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}
