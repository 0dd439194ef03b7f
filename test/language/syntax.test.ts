import { describe, expect, it } from 'vitest';
import type { Statement } from '../../compiler/language/ast.ts';
import type { Diagnostic } from '../../compiler/language/diagnostic.ts';
import { ItemParser } from '../../compiler/language/parser.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { parseSource } from '../../compiler/language/syntax-tree.ts';
import { createLexer } from '../../compiler/language/tokens.ts';
import { compileModel, specOf } from './support.ts';

function parse(text: string) {
  const found: Diagnostic[] = [];
  const tree = parseSource(new SourceText('a.mae', text), (diagnostic) => found.push(diagnostic));
  return { ...tree, found };
}

/** Statements on one line: `key kind:value … { … }`. */
function outline(statements: readonly Statement[]): string {
  return statements
    .map(({ key, values, block }) => {
      const words = values.map((value) => `${value.kind}:${value.text}`);
      const inner = block === undefined ? [] : [`{ ${outline(block.statements)} }`];
      return [key.text, ...words, ...inner].join(' ');
    })
    .join('; ');
}

function valuesOf(text: string) {
  const { statements, found } = parse(`key ${text}`);
  expect(found).toEqual([]);
  return statements[0]?.values.map(({ span: _, text: __, ...rest }) => rest);
}

it('is of a grammar, and of tokens, that the parser library finds no fault with', () => {
  expect(createLexer(false).lexerDefinitionErrors).toEqual([]);
  expect(() => new ItemParser(false)).not.toThrow();
});

describe('statements', () => {
  it('end at a line break, a comma or a semicolon', () => {
    const { statements, found } = parse('a 1, b 2; c 3\nd 4\r\ne 5\rf { g 6, h }');
    expect(found).toEqual([]);
    expect(outline(statements)).toBe(
      'a count:1; b count:2; c count:3; d count:4; e count:5; f { g count:6; h }',
    );
  });

  it('end at a closing brace too', () => {
    expect(outline(parse('a { b 1 } c { d } e').statements)).toBe('a { b count:1 }; c { d }; e');
  });

  it('may be empty', () => {
    const { statements, found } = parse(',\n;;\n a { ,\n, b; } \n,');
    expect(found).toEqual([]);
    expect(outline(statements)).toBe('a { b }');
  });

  it('carry exact places', () => {
    const text = 'one\n  width 4x, deep { x "ü" }';
    const [, width, deep] = parse(text).statements;
    expect(width?.key.span).toEqual({ file: 'a.mae', start: 6, end: 11, line: 2, column: 3 });
    expect(width?.values[0]?.span).toEqual({ file: 'a.mae', start: 12, end: 14, line: 2, column: 9 });
    expect(width?.head).toEqual({ file: 'a.mae', start: 6, end: 14, line: 2, column: 3 });
    expect(text.slice(deep?.block?.span.start, deep?.block?.span.end)).toBe('{ x "ü" }');
  });
});

describe('values', () => {
  it.each([
    ['32', { kind: 'count', value: 32 }],
    ['4_096', { kind: 'count', value: 4096 }],
    ['-7', { kind: 'count', value: -7 }],
    ['9007199254740991', { kind: 'count', value: Number.MAX_SAFE_INTEGER }],
    ['1.5e-4', { kind: 'number', value: 1.5e-4 }],
    ['+1E3', { kind: 'number', value: 1000 }],
    ['1_000.5', { kind: 'number', value: 1000.5 }],
    ['75%', { kind: 'percentage', value: 0.75 }],
    // Dividing 33.3 by 100 would give 0.33299999999999996.
    ['33.3%', { kind: 'percentage', value: 0.333 }],
    ['1e1%', { kind: 'percentage', value: 0.1 }],
    ['4x', { kind: 'multiple', factor: 4 }],
    ['2.5x', { kind: 'multiple', factor: 2.5 }],
    ['224x192', { kind: 'size', extents: [224, 192] }],
    ['224x192x3', { kind: 'size', extents: [224, 192, 3] }],
    ['20%..100%', { kind: 'range', low: 0.2, high: 1 }],
    ['0.2..1.0', { kind: 'range', low: 0.2, high: 1 }],
    ['-1..1e2', { kind: 'range', low: -1, high: 100 }],
    ['sincos-2d', { kind: 'name' }],
    ['"./a b#c//d.mae"', { kind: 'string', content: './a b#c//d.mae' }],
    ['""', { kind: 'string', content: '' }],
  ])('%s', (text, value) => {
    expect(valuesOf(text)).toEqual([value]);
  });

  it('stand beside each other', () => {
    expect(outline(parse('betas 0.9 0.95 per 256 "a"b').statements)).toBe(
      'betas number:0.9 number:0.95 name:per count:256 string:"a" name:b',
    );
  });

  it.each(['12abc', '1..2..3', '4xx', '224x224x', 'x/y', '%', '..', '1%%', '@', 'é', '\u0000', '[0.9'])(
    '%j is none, and one mistake',
    (text) => {
      expect(parse(`key ${text}`).found.map(({ code }) => code)).toEqual(['MAE101']);
    },
  );

  it.each([
    ['vitBase', 'vit-base'],
    ['VIT_Base_16', 'vit-base-16'],
    ['-a--b-', 'a-b'],
    ['MLP', 'mlp'],
  ])('the name %s is read as %s', (text, name) => {
    const { statements, found } = parse(`key ${text}`);
    expect(found.map(({ code }) => code)).toEqual(['MAE102']);
    expect(outline(statements)).toBe(`key name:${name}`);
  });

  it.each([
    ['.5', 'number:0.5'],
    ['1.', 'count:1'],
    ['4X', 'multiple:4x'],
    ['32×32X3', 'size:32x32x3'],
    ['.2..1.', 'range:0.2..1'],
    ['1__000_', 'count:1_000'],
  ])('the number %s is read as %s', (text, value) => {
    const { statements, found } = parse(`key ${text}`);
    expect(found.map(({ code }) => code)).toEqual(['MAE101']);
    expect(outline(statements)).toBe(`key ${value}`);
  });

  it.each([
    ['width: 3', 'width count:3'],
    ['width = 3', 'width count:3'],
    ['Width=vitBase', 'width name:vit-base'],
    ['width := 3', 'width count:3'],
    ['width => 3', 'width count:3'],
    ['width:§', 'width broken:§'],
  ])('%s is read as %s', (text, statement) => {
    const { statements, found } = parse(text);
    expect(found.map(({ code }) => code)).toEqual(['MAE111']);
    expect(outline(statements)).toBe(statement);
  });
});

describe('comments', () => {
  it('run from # or // to the end of the line and are kept', () => {
    const { comments, statements, found } = parse('# one\na 1 // two\n  // three # four\nb#five\n"');
    expect(outline(statements)).toBe('a count:1; b');
    expect(comments.map(({ text, ownLine, span }) => [text, ownLine, span.line])).toEqual([
      ['# one', true, 1],
      ['// two', false, 2],
      ['// three # four', true, 3],
      ['#five', false, 4],
    ]);
    expect(found.map(({ code }) => code)).toEqual(['MAE103']);
  });
});

describe('line ends and byte order marks', () => {
  it('do not change what a spec says', () => {
    const { spans: _, ...expected } = compileModel(specOf());
    for (const text of [
      specOf().replaceAll('\n', '\r\n'),
      specOf().replaceAll('\n', '\r'),
      `\uFEFF${specOf()}`,
    ]) {
      const { spans: __, ...model } = compileModel(text);
      expect(model).toEqual(expected);
    }
  });

  it('do not change lines and columns', () => {
    const text = '\uFEFFa 1\r\n b 2\r  c 3\n';
    expect(parse(text).statements.map(({ key: { span } }) => [span.line, span.column])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const source = new SourceText('a', text);
    expect([1, 2, 3, 4].map((line) => text.slice(source.lineStart(line), source.lineEnd(line)))).toEqual([
      'a 1',
      ' b 2',
      '  c 3',
      '',
    ]);
  });
});

describe('nesting', () => {
  it('is read down to 32 blocks', () => {
    expect(parse(`${'a { '.repeat(32)}${'}'.repeat(32)}`).found).toEqual([]);
    expect(parse(`${'a { '.repeat(33)}${'}'.repeat(33)}`).found.map(({ code }) => code)).toEqual(['MAE108']);
  });

  it.each([
    ['open', '{'.repeat(100_000)],
    ['closed', '}'.repeat(100_000)],
    ['named', 'a {'.repeat(100_000)],
    ['paired', `${'a {'.repeat(100_000)}${'}'.repeat(100_000)}`],
  ])('of any depth does not overflow the stack: %s', (_, text) => {
    expect(parse(text).found.length).toBeGreaterThan(0);
  });
});
