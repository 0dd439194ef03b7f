import { createToken, createTokenInstance, type IToken, Lexer, type TokenType } from 'chevrotain';

const integer = '[0-9]+(?:_[0-9]+)*';
const real = `${integer}(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`;
const extent = integer;

/**
 * Anything between blanks that is none of the other tokens. Every other word names it as its longer alternative, so
 * that `12abc` is one malformed word and not a count and a name.
 */
export const Malformed = createToken({
  name: 'Malformed',
  pattern: /(?:[^\s,;{}"#/]|\/(?!\/))+/,
  line_breaks: false,
});

function word(name: string, pattern: string): TokenType {
  return createToken({ name, pattern: new RegExp(pattern), longer_alt: Malformed, line_breaks: false });
}

export const Newline = createToken({ name: 'Newline', pattern: /\r\n|\n|\r/, line_breaks: true });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Semicolon = createToken({ name: 'Semicolon', pattern: /;/ });
export const BlockOpen = createToken({ name: 'BlockOpen', pattern: /\{/ });
export const BlockClose = createToken({ name: 'BlockClose', pattern: /\}/ });

/** Kebab-case: lower-case words joined by single hyphens. */
export const Name = word('Name', '[a-z][a-z0-9]*(?:-[a-z0-9]+)*');
export const Range = word('Range', `[+-]?${real}%?\\.\\.[+-]?${real}%?`);
export const Size = word('Size', `${extent}x${extent}(?:x${extent})?`);
export const Multiple = word('Multiple', `[+-]?${real}x`);
export const Percentage = word('Percentage', `[+-]?${real}%`);
/** A count or a number; which one, its digits tell. */
export const Numeral = word('Numeral', `[+-]?${real}`);
export const Text = createToken({ name: 'Text', pattern: /"[^"\r\n]*"/, line_breaks: false });
export const UnclosedText = createToken({ name: 'UnclosedText', pattern: /"[^"\r\n]*/, line_breaks: false });
export const SingleQuoted = createToken({ name: 'SingleQuoted', pattern: /'[^'\r\n]*'/, line_breaks: false });
/** Never made by the lexer: a word that has been reported and stands for some value. */
export const Broken = createToken({ name: 'Broken', pattern: Lexer.NA });

const Blank = createToken({ name: 'Blank', pattern: /[^\S\r\n]+/, group: Lexer.SKIPPED, line_breaks: false });
const CommentText = createToken({
  name: 'Comment',
  pattern: /(?:#|\/\/)[^\r\n]*/,
  group: 'comments',
  line_breaks: false,
});

/** Number-like words come longest form first: the lexer takes the first that matches. */
export const tokenTypes: TokenType[] = [
  Newline,
  Blank,
  CommentText,
  Comma,
  Semicolon,
  BlockOpen,
  BlockClose,
  Name,
  Range,
  Size,
  Multiple,
  Percentage,
  Numeral,
  Text,
  UnclosedText,
  SingleQuoted,
  Malformed,
  Broken,
];

/**
 * Whether the token types make a lexer is checked by a test, and not again by each process. Malformed words may begin with anything,
 * so that a table of first characters, which safe mode does without, would be made in vain.
 */
export function createLexer(skipValidations = true): Lexer {
  return new Lexer(tokenTypes, { positionTracking: 'onlyOffset', safeMode: true, skipValidations });
}

const lexer = createLexer();

export interface Tokens {
  readonly tokens: IToken[];
  readonly comments: IToken[];
}

/** Splits a text into tokens. Total: what no token type describes is `Malformed`, so the lexer itself has no errors. */
export function tokenize(text: string): Tokens {
  const { tokens, groups, errors } = lexer.tokenize(text);
  if (errors.length > 0) throw new Error(`the lexer is not total: ${errors[0]?.message}`);
  return { tokens, comments: groups.comments ?? [] };
}

/** One past the token's last character in the source; a repaired token is not as long as its image. */
export function tokenEnd(token: IToken): number {
  return token.endOffset === undefined ? token.startOffset + token.image.length : token.endOffset + 1;
}

/** A token that the source does not hold as such, standing for the characters from `start` up to `end`. */
export function standIn(tokenType: TokenType, image: string, start: number, end: number): IToken {
  return createTokenInstance(
    tokenType,
    image,
    start,
    end - 1,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  );
}
