import { constantKey } from '../language/schema/file-keys.ts';
import type { KeyEntry } from '../language/schema/key-entry.ts';
import { declaredName, path } from '../language/schema/value-types.ts';
import { schema } from '../language/schema.ts';
import { Malformed, Name, tokenTypes } from '../language/tokens.ts';

/** A rule of a TextMate grammar, as far as this one needs them. */
export interface GrammarRule {
  readonly comment?: string;
  readonly include?: string;
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly beginCaptures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly GrammarRule[];
}

export interface TextMateGrammar extends GrammarRule {
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly GrammarRule[];
  readonly repository: Readonly<Record<string, GrammarRule>>;
}

/** What the tokens of the lexer are called, in the scopes that colour themes know; by the tokens' names. */
const scopes: Readonly<Record<string, string>> = {
  Comment: 'comment.line.mae',
  Comma: 'punctuation.separator.mae',
  Semicolon: 'punctuation.separator.mae',
  BlockOpen: 'punctuation.section.block.begin.mae',
  BlockClose: 'punctuation.section.block.end.mae',
  Range: 'constant.numeric.range.mae',
  Size: 'constant.numeric.size.mae',
  Multiple: 'constant.numeric.multiple.mae',
  Percentage: 'constant.numeric.percentage.mae',
  Numeral: 'constant.numeric.mae',
  Text: 'string.quoted.double.mae',
  UnclosedText: 'string.quoted.double.unclosed.mae',
  SingleQuoted: 'invalid.illegal.mae',
  Name: 'variable.other.mae',
  Malformed: 'invalid.illegal.mae',
};

const marks = ['Comment', 'Comma', 'Semicolon', 'BlockOpen', 'BlockClose'];

/** The end of a statement's head: what separates statements, a brace, a comment, or the end of the line. */
const headEnd = '(?=[,;{}#]|//|$)';

/**
 * The grammar by which editors colour specs without understanding them, made of the lexer's tokens and the schema's keys.
 * Names are coloured by the key that they follow: an option of another key is no option.
 */
export function textMateGrammar(): TextMateGrammar {
  const statements = [...groupKeys()].map(([signature, keys]) => statementRule(keys, signature));
  return {
    comment: 'Made by `npm run build:grammar` of the lexer and the schema; do not edit.',
    name: 'MAE spec',
    scopeName: 'source.mae',
    patterns: [
      ...marks.map(tokenRule),
      ...statements,
      {
        begin: word(sourceOf(Name)),
        beginCaptures: { 0: { name: 'variable.other.property.mae' } },
        end: headEnd,
        patterns: [{ include: '#values' }],
      },
      { include: '#values' },
    ],
    repository: {
      values: {
        patterns: Object.keys(scopes)
          .filter((name) => !marks.includes(name))
          .sort(inLexerOrder)
          .map(tokenRule),
      },
    },
  };
}

/** What the words behind a key can be, apart from what they are behind any key. */
interface Signature {
  readonly scope: string;
  /** What the name that it declares is called. */
  readonly declares: string | undefined;
  readonly refers: boolean;
  readonly keywords: readonly string[];
  readonly options: readonly string[];
}

/** Keys by signature: those that are coloured alike make one rule. */
function groupKeys(): Map<Signature, string[]> {
  const signatures = new Map<string, Signature>();
  const groups = new Map<Signature, string[]>();
  for (const key of new Set(schema.map((entry) => entry.key))) {
    const own = signatureOf(schema.filter((entry) => entry.key === key));
    const signature = signatures.get(JSON.stringify(own)) ?? own;
    signatures.set(JSON.stringify(own), signature);
    groups.set(signature, [...(groups.get(signature) ?? []), key]);
  }
  return groups;
}

/** Of all the entries of a key: where it stands is not told apart. */
function signatureOf(entries: readonly KeyEntry[]): Signature {
  const slots = entries.flatMap((entry) => entry.slots);
  const isDeclaration = slots.some(({ type }) => type === declaredName);
  const isConstant = entries.some(({ key }) => key === constantKey);
  const imports = slots.some(({ type }) => type === path);
  return {
    scope: isDeclaration
      ? 'storage.type.mae'
      : imports
        ? 'keyword.control.import.mae'
        : 'support.type.property-name.mae',
    declares: !isDeclaration
      ? undefined
      : isConstant
        ? 'variable.other.constant.mae'
        : 'entity.name.type.mae',
    refers: slots.some(({ type }) => type.refersTo !== undefined),
    keywords: [...new Set(slots.flatMap(({ keyword }) => keyword ?? []))],
    options: [...new Set(slots.flatMap(({ type }) => Object.keys(type.options ?? {})))],
  };
}

function statementRule(keys: readonly string[], signature: Signature): GrammarRule {
  const { scope, declares, refers, keywords, options } = signature;
  const name = `(?:[^\\S\\r\\n]+(${word(sourceOf(Name))}))?`;
  return {
    begin: `(${anyOf(keys)})${declares === undefined ? '' : name}`,
    beginCaptures: {
      1: { name: scope },
      ...(declares === undefined ? {} : { 2: { name: declares } }),
    },
    end: headEnd,
    patterns: [
      ...(keywords.length > 0 ? [{ match: anyOf(keywords), name: 'keyword.other.mae' }] : []),
      ...(options.length > 0 ? [{ match: anyOf(options), name: 'constant.language.mae' }] : []),
      ...(refers ? [{ match: word(sourceOf(Name)), name: 'entity.name.type.mae' }] : []),
      { include: '#values' },
    ],
  };
}

function tokenRule(tokenName: string): GrammarRule {
  const token = tokenTypes.find(({ name }) => name === tokenName);
  const name = scopes[tokenName];
  if (token === undefined || name === undefined) throw new Error(`the lexer has no token ${tokenName}`);
  // A word that goes on is another token: the one that all of these give way to.
  return { match: token.LONGER_ALT === undefined ? sourceOf(token) : word(sourceOf(token)), name };
}

function inLexerOrder(a: string, b: string): number {
  const rank = (tokenName: string) => tokenTypes.findIndex(({ name }) => name === tokenName);
  return rank(a) - rank(b);
}

function anyOf(words: readonly string[]): string {
  return word(words.join('|'));
}

/** The pattern where it is the whole of a word. */
function word(pattern: string): string {
  return `(?:${pattern})(?!${sourceOf(Malformed)})`;
}

function sourceOf({ PATTERN }: { readonly PATTERN?: unknown }): string {
  if (!(PATTERN instanceof RegExp)) throw new Error('the token has no regular expression');
  return PATTERN.source;
}
