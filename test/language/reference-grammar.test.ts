import type { TokenType } from 'chevrotain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../compiler/language/diagnostic.ts';
import { type Expression, grammar, grammarText } from '../../compiler/language/reference/grammar.ts';
import { ebnfOfPattern } from '../../compiler/language/reference/pattern-ebnf.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { parseSource } from '../../compiler/language/syntax-tree.ts';
import { tokenTypes } from '../../compiler/language/tokens.ts';

/** A word of each token that the grammar names. */
const words: Readonly<Record<string, string>> = {
  Newline: '\n',
  Comma: ',',
  Semicolon: ';',
  BlockOpen: '{',
  BlockClose: '}',
  Name: 'vit-base',
  Numeral: '1.5e-4',
  Percentage: '75%',
  Multiple: '4x',
  Size: '224x224x3',
  Range: '20%..100%',
  Text: '"./recipes.mae"',
};

/** The positions at which what matches from `start` on can end. */
function ends(expression: Expression, tokens: readonly string[], start: number): Set<number> {
  if ('token' in expression) {
    return new Set(tokens[start] === expression.token.name ? [start + 1] : []);
  }
  if ('rule' in expression) return ends(ruleOf(expression.rule), tokens, start);
  if ('choice' in expression) {
    return new Set(expression.choice.flatMap((part) => [...ends(part, tokens, start)]));
  }
  if ('sequence' in expression) {
    let reached = new Set([start]);
    for (const part of expression.sequence) {
      reached = new Set([...reached].flatMap((at) => [...ends(part, tokens, at)]));
    }
    return reached;
  }
  const reached = new Set([start]);
  for (const at of reached) {
    if (expression.times === '?' && at !== start) continue;
    for (const end of ends(expression.repeat, tokens, at)) reached.add(end);
  }
  return reached;
}

function ruleOf(name: string): Expression {
  const rule = grammar[name];
  if (rule === undefined) throw new Error(`the grammar has no rule ${name}`);
  return rule;
}

function isFile(tokens: readonly string[]): boolean {
  return ends(ruleOf('file'), tokens, 0).has(tokens.length);
}

function parserTakes(tokens: readonly string[]): boolean {
  const found: Diagnostic[] = [];
  const text = tokens.map((token) => words[token]).join(' ');
  parseSource(new SourceText('main.mae', text), (diagnostic) => found.push(diagnostic));
  return found.length === 0;
}

describe('the grammar', () => {
  it('takes what the parser takes and nothing else: all files of up to five of the words that matter', () => {
    const kinds = ['Newline', 'Comma', 'BlockOpen', 'BlockClose', 'Name', 'Numeral'];
    let files: string[][] = [[]];
    let accepted = 0;
    for (let length = 0; length < 5; length++) {
      files = files.flatMap((file) => kinds.map((kind) => [...file, kind]));
      for (const file of files) {
        if (isFile(file)) accepted++;
        if (parserTakes(file) !== isFile(file)) throw new Error(`the parser disagrees: ${file.join(' ')}`);
      }
    }
    expect(files).toHaveLength(6 ** 5);
    expect(accepted).toBeGreaterThan(500);
  });

  it('takes what the parser takes and nothing else: longer files of all words', () => {
    const token = fc.constantFrom(...Object.keys(words), 'Name', 'Name', 'Name', 'BlockOpen', 'BlockClose');
    fc.assert(
      fc.property(fc.array(token, { minLength: 5, maxLength: 12 }), (tokens) => {
        expect(parserTakes(tokens)).toBe(isFile(tokens));
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('knows statements from what only looks like some', () => {
    const isSpec = (text: string) => isFile(text.split(' ').filter((word) => word !== ''));
    expect(isSpec('Name Name BlockOpen Newline Name Numeral Comma Name BlockClose Newline')).toBe(true);
    expect(isSpec('')).toBe(true);
    expect(isSpec('Numeral Name')).toBe(false);
    expect(isSpec('Name Newline BlockOpen BlockClose')).toBe(false);
    expect(isSpec('Name BlockOpen BlockClose Numeral')).toBe(false);
  });

  it('defines every rule and word that it names, each once, and no others', () => {
    const lines = grammarText()
      .split('\n')
      .filter((line) => line !== '');
    const defined = lines.map((line) => line.split(/\s+::=\s+/)[0] ?? '');
    expect(new Set(defined).size).toBe(defined.length);
    const named = lines.flatMap((line) => {
      const [, right = ''] = line.split(/\s+::=\s+/);
      return right.replace(/"[^"]*"|'[^']*'|\[(?:\\.|[^\]])*\]/g, ' ').match(/[A-Za-z]+/g) ?? [];
    });
    const ignored = tokenTypes.filter(({ GROUP }) => GROUP !== undefined).map(({ name }) => name);
    expect(new Set(named)).toEqual(
      new Set(defined.filter((name) => name !== 'file' && !ignored.includes(name))),
    );
  });

  it('has the words of the lexer', () => {
    const names = tokenTypes.map(({ name }) => name);
    for (const name of Object.keys(words)) expect(names).toContain(name);
    const tokens = new Set<string>();
    const visit = (expression: Expression): void => {
      if ('token' in expression) tokens.add(expression.token.name);
      else if ('repeat' in expression) visit(expression.repeat);
      else if ('sequence' in expression) expression.sequence.forEach(visit);
      else if ('choice' in expression) expression.choice.forEach(visit);
    };
    Object.values(grammar).forEach(visit);
    expect([...tokens].sort()).toEqual(Object.keys(words).sort());
  });
});

/** EBNF back as a regular expression, by the definitions that it names. */
function patternOf(right: string, definitions: ReadonlyMap<string, string>): string {
  return right.replace(
    /\s+|"([^"]*)"|'([^']*)'|(\[(?:\\.|[^\]])*\])|([A-Z][A-Za-z]*)|(.)/g,
    (_, double?: string, single?: string, set?: string, name?: string, mark?: string) => {
      const literal = double ?? single;
      if (literal !== undefined) return literal.replace(/[.{}()*+?|]/g, '\\$&');
      if (name !== undefined) return `(?:${patternOf(definitions.get(name) ?? '', definitions)})`;
      return set ?? mark?.replace('(', '(?:') ?? '';
    },
  );
}

describe('the words of the grammar', () => {
  const lines = grammarText().split('\n');
  const definitions = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split('::= ')[1] ?? '']));
  const matches = ({ PATTERN }: TokenType, text: string) =>
    PATTERN instanceof RegExp && new RegExp(`^(?:${PATTERN.source})$`).test(text);
  const candidates = [
    ...Object.values(words),
    ...[
      '\r\n',
      '\r',
      '  ',
      '\t',
      '# a',
      '// b',
      '/ b',
      'Vit',
      'vit_base',
      'a--b',
      '12abc',
      '.5',
      '1.',
      '1__0',
      '',
    ],
    ...[
      '4_096',
      '-3',
      '1e5',
      '50',
      '0.2..1.0',
      '1..2%',
      '2.5x',
      '14x16',
      '1x2x3x4',
      '-1x2',
      '"',
      '""',
      '"a\nb"',
    ],
  ];

  it.each(
    tokenTypes.filter(({ name }) => definitions.has(name)).map((token) => [token.name, token] as const),
  )('%s is defined as the lexer has it', (name, token) => {
    const defined = new RegExp(`^(?:${patternOf(definitions.get(name) ?? '', definitions)})$`);
    expect(candidates.some((text) => matches(token, text))).toBe(true);
    for (const text of candidates) expect(defined.test(text), text).toBe(matches(token, text));
  });

  it('are written as patterns are', () => {
    expect(ebnfOfPattern('a+bc*(?:\\.|x)?[^"\\]]')).toBe('"a"+ "b" "c"* ("." | "x")? [^"\\]]');
    expect(ebnfOfPattern('1?ab', new Map([['Word', 'ab']]))).toBe('"1"? Word');
    expect(() => ebnfOfPattern('*a')).toThrow('begins with *');
  });
});
