import type { TokenType } from 'chevrotain';
import {
  BlockClose,
  BlockOpen,
  Comma,
  Multiple,
  Name,
  Newline,
  Numeral,
  Percentage,
  Range,
  Semicolon,
  Size,
  Text,
  tokenTypes,
} from '../tokens.ts';
import { ebnfOfPattern } from './pattern-ebnf.ts';

/** The right-hand side of a rule. */
export type Expression =
  | { readonly token: TokenType }
  | { readonly rule: string }
  | { readonly sequence: readonly Expression[] }
  | { readonly choice: readonly Expression[] }
  /** `?` at most once, `*` any number of times. */
  | { readonly repeat: Expression; readonly times: '?' | '*' };

const tokens = (...types: readonly TokenType[]): Expression => ({
  choice: types.map((token) => ({ token })),
});
const items: Expression = { repeat: { choice: [{ rule: 'separator' }, { rule: 'statement' }] }, times: '*' };

/**
 * What a file without syntax mistakes is, in tokens. `parser.ts` reads more than that, to say what is wrong with it. A name
 * behind a key is a value of it as long as nothing comes between.
 */
export const grammar: Readonly<Record<string, Expression>> = {
  file: items,
  statement: {
    sequence: [
      { rule: 'key' },
      { repeat: { rule: 'value' }, times: '*' },
      { repeat: { rule: 'block' }, times: '?' },
    ],
  },
  block: { sequence: [{ token: BlockOpen }, items, { token: BlockClose }] },
  key: { token: Name },
  value: tokens(Name, Numeral, Percentage, Multiple, Size, Range, Text),
  separator: tokens(Newline, Comma, Semicolon),
};

/** Patterns that several tokens share and that are no token themselves. */
const fragments: ReadonlyMap<string, string> = new Map([['Digits', '[0-9]+(?:_[0-9]+)*']]);

/** The grammar of files and of the words in them, in the EBNF of the XML recommendation. */
export function grammarText(): string {
  const rules = Object.entries(grammar).map(([name, expression]) => definition(name, printed(expression)));
  const used = tokenTypes.filter((token) => isUsed(token) || isIgnored(token));
  const words = used.filter((token) => !isIgnored(token)).map(tokenDefinition);
  const shared = [...fragments].map(([name, source]) => {
    if (!tokenTypes.some((token) => sourceOf(token)?.includes(source)))
      throw new Error(`no token has ${name}`);
    return definition(name, ebnfOfPattern(source));
  });
  return [...rules, '', ...words, ...shared, '', ...used.filter(isIgnored).map(tokenDefinition)].join('\n');
}

/** Blanks and comments: between any two tokens, and of no meaning to the rules. */
function isIgnored({ GROUP }: TokenType): boolean {
  return GROUP !== undefined;
}

function isUsed(token: TokenType): boolean {
  return Object.values(grammar).some((expression) => tokensOf(expression).includes(token));
}

function tokensOf(expression: Expression): TokenType[] {
  if ('token' in expression) return [expression.token];
  if ('rule' in expression) return [];
  if ('repeat' in expression) return tokensOf(expression.repeat);
  return ('sequence' in expression ? expression.sequence : expression.choice).flatMap(tokensOf);
}

function tokenDefinition(token: TokenType): string {
  const numeral = sourceOf(Numeral) ?? '';
  return definition(
    token.name,
    ebnfOfPattern(sourceOf(token) ?? '', new Map([['Numeral', numeral], ...fragments])),
  );
}

function sourceOf({ PATTERN }: TokenType): string | undefined {
  return PATTERN instanceof RegExp ? PATTERN.source : undefined;
}

function printed(expression: Expression, isNested = false): string {
  if ('token' in expression) return expression.token.name;
  if ('rule' in expression) return expression.rule;
  if ('repeat' in expression) return `${printed(expression.repeat, true)}${expression.times}`;
  const isChoice = 'choice' in expression;
  const parts = (isChoice ? expression.choice : expression.sequence).map((part) => printed(part, true));
  const text = parts.join(isChoice ? ' | ' : ' ');
  return isNested ? `(${text})` : text;
}

const widestName = Math.max(
  ...[...Object.keys(grammar), ...tokenTypes.map(({ name }) => name)].map(({ length }) => length),
);

function definition(name: string, text: string): string {
  return `${name.padEnd(widestName)} ::= ${text}`;
}
