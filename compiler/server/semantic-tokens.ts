import { SemanticTokensBuilder } from 'vscode-languageserver/node.js';
import type { Value } from '../language/ast.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import type { KeyEntry } from '../language/schema/key-entry.ts';
import type { Span } from '../language/span.ts';
import type { ParsedFile } from './parsed-file.ts';
import { type PlacedStatement, statementsOf } from './statements.ts';
import { roleOf, type ValueRole } from './value-roles.ts';

/** The kinds of words that the server tells apart, by the protocol's names. */
export const tokenTypes = [
  'keyword',
  'property',
  'class',
  'enumMember',
  'number',
  'string',
  'comment',
  'variable',
] as const;

type TokenType = (typeof tokenTypes)[number];

interface Token {
  readonly span: Span;
  readonly type: TokenType;
}

/** What every word of a file is, in the protocol's encoding. */
export function semanticTokens(parsed: ParsedFile): number[] {
  const tokens: Token[] = parsed.tree.comments.map(({ span }) => ({ span, type: 'comment' }));
  for (const placed of statementsOf(parsed.tree)) for (const word of wordsOf(placed)) tokens.push(word);
  const builder = new SemanticTokensBuilder();
  for (const { span, type } of tokens.sort((a, b) => a.span.start - b.span.start)) {
    const { line, character } = parsed.document.positionAt(span.start);
    builder.push(line, character, span.end - span.start, tokenTypes.indexOf(type), 0);
  }
  return builder.build().data;
}

function wordsOf(placed: PlacedStatement): Token[] {
  const { statement, parent } = placed;
  const key: Token = { span: statement.key.span, type: parent === undefined ? 'keyword' : 'property' };
  const values = statement.values.flatMap((value, index): Token[] => {
    const type = typeOf(placed, value, index);
    return type === undefined ? [] : [{ span: value.span, type }];
  });
  return [key, ...values];
}

const typesByRole: Readonly<Record<ValueRole['kind'], TokenType>> = {
  keyword: 'keyword',
  declaration: 'class',
  reference: 'class',
  path: 'string',
  option: 'enumMember',
  value: 'variable',
};

function typeOf({ entry, statement }: PlacedStatement, value: Value, index: number): TokenType | undefined {
  if (value.kind === 'broken') return undefined;
  if (value.kind !== 'name') return value.kind === 'string' ? 'string' : 'number';
  const role = entry && roleOf(statement, entry, index);
  if (role === undefined || isConstant(role, entry)) return 'variable';
  return typesByRole[role.kind];
}

function isConstant(role: ValueRole, entry: KeyEntry | undefined): boolean {
  return role.kind === 'reference'
    ? role.to === constantKey
    : role.kind === 'declaration' && entry?.key === constantKey;
}
