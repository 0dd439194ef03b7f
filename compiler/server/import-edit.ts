import type { TextEdit } from 'vscode-languageserver/node.js';
import { namesIn } from './names.ts';
import type { ParsedFile } from './parsed-file.ts';

/** Adds an import: behind the others of the file, or before its first statement. */
export function importEdit(parsed: ParsedFile, specifier: string): TextEdit {
  const { source, text, tree, document } = parsed;
  const statement = `import "${specifier}"`;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const last = namesIn(parsed).imports.at(-1);
  const first = tree.statements[0];
  const insert = (offset: number, newText: string): TextEdit => {
    const position = document.positionAt(offset);
    return { range: { start: position, end: position }, newText };
  };
  if (last === undefined) {
    return insert(source.lineStart(first?.key.span.line ?? 1), `${statement}${lineBreak}${lineBreak}`);
  }
  const { head } = last.statement;
  const lineEnd = source.lineEnd(head.line);
  // A comment behind the last import stays with it.
  const isLastOfLine = /^\s*(?:#|\/\/|$)/.test(text.slice(head.end, lineEnd));
  return insert(isLastOfLine ? lineEnd : head.end, `${lineBreak}${statement}`);
}
