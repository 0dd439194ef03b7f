import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import type { Value } from '../../compiler/language/ast.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { parseSource } from '../../compiler/language/syntax-tree.ts';
import { statementsOf } from '../../compiler/server/statements.ts';
import { textMateGrammar } from '../../compiler/server/text-mate-grammar.ts';

const file = new URL('../../editor/vscode/syntaxes/mae.tmLanguage.json', import.meta.url);
let grammar: textmate.IGrammar;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(new Uint8Array(readFileSync(wasm)));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(file, 'utf8'), 'mae.json'),
  });
  const loaded = await registry.loadGrammar('source.mae');
  if (loaded === null) throw new Error('the grammar cannot be read');
  grammar = loaded;
});

/** The innermost scope of each character of a text. */
function scopesOf(text: string): string[] {
  const scopes: string[] = [];
  let state = textmate.INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    for (const { startIndex, endIndex, scopes: all } of tokens) {
      for (let at = startIndex; at < Math.min(endIndex, line.length); at++) scopes.push(all.at(-1) ?? '');
    }
    scopes.push('');
    state = ruleStack;
  }
  return scopes;
}

/** The words of a line with their scopes, blanks left out. */
function colours(line: string): string[] {
  const scopes = scopesOf(line);
  return [...line.matchAll(/"[^"]*"?|#.*|\/\/.*|[^\s,;{}"]+|[,;{}]/g)].map(({ 0: word, index }) => {
    const own = new Set(scopes.slice(index, index + word.length));
    return `${word} ${[...own].join('+')}`;
  });
}

const kinds: Readonly<Partial<Record<Value['kind'], RegExp>>> = {
  count: /^constant\.numeric\.mae$/,
  number: /^constant\.numeric\.mae$/,
  percentage: /^constant\.numeric\.percentage\.mae$/,
  multiple: /^constant\.numeric\.multiple\.mae$/,
  size: /^constant\.numeric\.size\.mae$/,
  range: /^constant\.numeric\.range\.mae$/,
  string: /^string\.quoted\.double\.mae$/,
  name: /^(?:entity\.name\.type|keyword\.other|constant\.language)\.mae$/,
};

const folder = new URL('../../spec/', import.meta.url);

describe('the grammar', () => {
  it('is up to date: npm run build:grammar', () => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(textMateGrammar())));
  });

  it.each(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mae')))(
    'colours every word of %s as what the parser takes it for',
    (name) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      const scopes = scopesOf(text);
      const scopeAt = ({ start, end }: { start: number; end: number }) => [
        ...new Set(scopes.slice(start, end)),
      ];
      const tree = parseSource(new SourceText(name, text), () => {});
      for (const { span, text: comment } of tree.comments) {
        expect([comment, ...scopeAt(span)]).toEqual([comment, 'comment.line.mae']);
      }
      for (const { statement, place } of statementsOf(tree)) {
        const { key, values } = statement;
        const wanted =
          place === 'file' ? /^(?:storage\.type|keyword\.control\.import)\.mae$/ : /^support\.type/;
        expect([key.text, ...scopeAt(key.span)]).toEqual([key.text, expect.stringMatching(wanted)]);
        for (const { kind, span, text: value } of values) {
          expect([value, ...scopeAt(span)]).toEqual([value, expect.stringMatching(kinds[kind] ?? /^$/)]);
        }
      }
      expect(scopes.filter((scope) => scope.startsWith('invalid'))).toEqual([]);
    },
  );

  it('tells declarations, what they extend, recipes, options and words between values apart', () => {
    expect(colours('model vit-448 extends vit { image 448x448x3 } // wide')).toEqual([
      'model storage.type.mae',
      'vit-448 entity.name.type.mae',
      'extends keyword.other.mae',
      'vit entity.name.type.mae',
      '{ punctuation.section.block.begin.mae',
      'image support.type.property-name.mae',
      '448x448x3 constant.numeric.size.mae',
      '} punctuation.section.block.end.mae',
      '// wide comment.line.mae',
    ]);
    expect(colours('optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95 }')).toEqual([
      'optimizer support.type.property-name.mae',
      'adamw constant.language.mae',
      '{ punctuation.section.block.begin.mae',
      'lr support.type.property-name.mae',
      '1.5e-4 constant.numeric.mae',
      'per keyword.other.mae',
      '256 constant.numeric.mae',
      ', punctuation.separator.mae',
      'betas support.type.property-name.mae',
      '0.9 constant.numeric.mae',
      '0.95 constant.numeric.mae',
      '} punctuation.section.block.end.mae',
    ]);
  });

  it('colours a constant and its value, and the names of constants as no options', () => {
    expect(colours('let wide 768 # as in ViT-Base')).toEqual([
      'let storage.type.mae',
      'wide variable.other.constant.mae',
      '768 constant.numeric.mae',
      '# as in ViT-Base comment.line.mae',
    ]);
    expect(colours('let wider wide')[2]).toBe('wide variable.other.mae');
    expect(colours('encoder { width wide, positions places }')).toContain('places variable.other.mae');
  });

  it('knows an option only behind its key, and a key only where a statement begins', () => {
    expect(colours('mask adamw 75%')).toContain('adamw variable.other.mae');
    expect(colours('loss mask')).toContain('mask variable.other.mae');
    expect(colours('qkv-bias no; flip yes')).toContain('no constant.language.mae');
    expect(colours('frobnicate yes')[0]).toBe('frobnicate variable.other.property.mae');
  });

  it('marks what is no word of the language, as a whole', () => {
    expect(colours('width 12abc')).toContain('12abc invalid.illegal.mae');
    expect(colours('width: 768')[0]).toBe('width: invalid.illegal.mae');
    expect(colours("import './x.mae'")).toContain("'./x.mae' invalid.illegal.mae");
    expect(colours('Width 4')[0]).toBe('Width invalid.illegal.mae');
  });

  it('ends a string, a comment and a statement with the line', () => {
    const text = 'import "./a\nmask random 50%\n# mask\nloss mse';
    const scopes = scopesOf(text);
    expect(scopes[text.indexOf('./a')]).toBe('string.quoted.double.unclosed.mae');
    expect(scopes[text.indexOf('mask')]).toBe('support.type.property-name.mae');
    expect(scopes[text.indexOf('loss')]).toBe('support.type.property-name.mae');
    expect(colours('import "a # b, c" # d')).toEqual([
      'import keyword.control.import.mae',
      '"a # b, c" string.quoted.double.mae',
      '# d comment.line.mae',
    ]);
  });
});
