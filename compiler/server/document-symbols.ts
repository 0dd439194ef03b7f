import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver/node.js';
import type { Statement } from '../language/ast.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import { blockPlace, type PlacedStatement, placeStatement } from './statements.ts';
import { roleOf } from './value-roles.ts';

/** The outline of a file: its declarations, and the keys of each block. */
export function documentSymbols(parsed: ParsedFile): DocumentSymbol[] {
  return parsed.tree.statements.map((each) => symbolOf(parsed, placeStatement(each, 'file', undefined)));
}

function symbolOf(parsed: ParsedFile, placed: PlacedStatement): DocumentSymbol {
  const { statement, entry } = placed;
  const { key, values, block } = statement;
  const name = values.find((_, index) => entry && roleOf(statement, entry, index)?.kind === 'declaration');
  const isConstant = name !== undefined && block === undefined;
  const written = values
    .filter((value) => !isConstant || value !== name)
    .slice(0, longestDetail)
    .map(({ text }) => text)
    .join(' ');
  const children = block?.statements.map((each) =>
    symbolOf(parsed, placeStatement(each, blockPlace(placed), placed)),
  );
  return {
    name: name?.text ?? key.text,
    detail: name === undefined || isConstant ? shorten(written) : key.text,
    kind: kindOf(statement, name !== undefined),
    range: rangeOf(parsed, {
      start: key.span.start,
      end: Math.max(statement.head.end, block?.span.end ?? 0),
    }),
    selectionRange: rangeOf(parsed, name?.span ?? key.span),
    ...(children === undefined ? {} : { children }),
  };
}

function kindOf({ key, block }: Statement, isDeclaration: boolean): SymbolKind {
  if (isDeclaration) return block === undefined ? SymbolKind.Constant : SymbolKind.Class;
  if (key.text === 'import') return SymbolKind.Module;
  return block === undefined ? SymbolKind.Property : SymbolKind.Object;
}

const longestDetail = 80;

function shorten(text: string): string {
  return text.length <= longestDetail ? text : `${text.slice(0, longestDetail - 1)}…`;
}
