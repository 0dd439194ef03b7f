import type { Range } from 'vscode-languageserver/node.js';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { SyntaxTree } from '../language/ast.ts';
import { SourceText } from '../language/source-text.ts';
import type { Span } from '../language/span.ts';
import { parseSource } from '../language/syntax-tree.ts';

/** One state of a file: its text, its syntax tree, and the positions that an editor knows it by. */
export interface ParsedFile {
  readonly file: string;
  readonly uri: string;
  readonly text: string;
  readonly source: SourceText;
  readonly tree: SyntaxTree;
  /** Turns offsets into positions and back; positions outside of the text are moved to its nearest end. */
  readonly document: TextDocument;
}

export function parseFile(file: string, uri: string, version: number, text: string): ParsedFile {
  const source = new SourceText(file, text);
  return {
    file,
    uri,
    text,
    source,
    tree: parseSource(source, () => {}),
    document: TextDocument.create(uri, 'mae', version, text),
  };
}

export function rangeOf({ document }: ParsedFile, { start, end }: Pick<Span, 'start' | 'end'>): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}
