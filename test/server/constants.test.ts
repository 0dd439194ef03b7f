import { describe, expect, it } from 'vitest';
import { CompletionItemKind, SymbolKind } from 'vscode-languageserver/node.js';
import { codeActions } from '../../compiler/server/code-actions.ts';
import { completionsAt } from '../../compiler/server/completion.ts';
import { definitionLocation, referenceLocations } from '../../compiler/server/definition.ts';
import { documentSymbols } from '../../compiler/server/document-symbols.ts';
import { hoverAt } from '../../compiler/server/hover.ts';
import { prepareRename, renameAt } from '../../compiler/server/rename.ts';
import { semanticTokens, tokenTypes } from '../../compiler/server/semantic-tokens.ts';
import { applyEdits, applyWorkspaceEdit, type Files, openAt, textIn } from './support.ts';

const files: Files = {
  '/w/sizes.mae': '# As in ViT-Base.\nlet wide 768\nlet half 50%\n',
  '/w/far.mae': 'let far-wide 1024\nlet far-half 40%\nlet places learned\n',
};
const text = `# A file of mine.
import "./sizes.mae"
let deep 12
let deeper deep # for the encoder
model a { encoder { width wide, depth deeper, heads 12 } }
`;

/** Opens the text at the end of the last place of a piece; `changed` in the place of the text. */
function openOn(piece: string, changed = text) {
  const end = changed.lastIndexOf(piece) + piece.length;
  return openAt(`${changed.slice(0, end)}‸${changed.slice(end)}`, files);
}

function hoverOn(piece: string, changed = text): string {
  const { workspace, parsed, offset } = openOn(piece, changed);
  const contents = hoverAt(workspace, parsed, offset)?.contents;
  return typeof contents === 'object' && 'value' in contents ? contents.value : '';
}

function completionsOf(marked: string) {
  const { workspace, parsed, offset } = openAt(marked, files);
  return completionsAt(workspace, parsed, offset, { snippets: false });
}

describe('a constant', () => {
  it('leads to its definition, in another file too', () => {
    const place = (piece: string) => {
      const { workspace, parsed, offset } = openOn(piece);
      const { uri, range } = definitionLocation(workspace, parsed, offset) ?? {};
      return `${uri}:${range?.start.line}:${range?.start.character}`;
    };
    expect(place('width wide')).toBe('file:///w/sizes.mae:1:4');
    expect(place('depth deeper')).toBe('file:///w/main.mae:3:4');
    expect(place('deeper deep')).toBe('file:///w/main.mae:2:4');
  });

  it('is found wherever it is used', () => {
    const { workspace, parsed, offset } = openOn('deeper deep');
    const lines = referenceLocations(workspace, parsed, offset, true).map(({ range }) => range.start.line);
    expect(lines).toEqual([2, 3]);
  });

  it('shows its value, though another one has it, and the comment above it', () => {
    expect(hoverOn('width wide')).toBe(
      '**constant wide** = `768`, sizes.mae\n\nAs in ViT-Base.\n\n```mae\nlet wide 768\n```',
    );
    expect(hoverOn('depth deeper')).toBe(
      '**constant deeper** = `12`, main.mae\n\n```mae\nlet deeper deep\n```',
    );
    // The comment at the top of the file is that of its model.
    expect(hoverOn('deeper deep')).toBe('**constant deep** = `12`, main.mae\n\n```mae\nlet deep 12\n```');
    expect(hoverOn('model a')).toContain('A file of mine.');
  });

  it('shows no value where none is at the end, and ends', () => {
    const circle = 'let a b\nlet b a\nlet c nowhere\n';
    expect(hoverOn('let a', circle)).toMatch(/^\*\*constant a\*\*, main.mae/);
    expect(hoverOn('let c', circle)).toMatch(/^\*\*constant c\*\*, main.mae/);
  });

  it('is in the outline with its value', () => {
    const { parsed } = openOn('deep');
    expect(documentSymbols(parsed).slice(1, 3)).toMatchObject([
      { name: 'deep', detail: '12', kind: SymbolKind.Constant },
      { name: 'deeper', detail: 'deep', kind: SymbolKind.Constant },
    ]);
  });

  it('is a variable by its colour, and an option is not, though it be a value of `let`', () => {
    const content = 'let places learned\nmodel a { mask random half, decoder { positions places } }';
    const { parsed } = openOn('places', content);
    const data = semanticTokens(parsed);
    const types = Array.from({ length: data.length / 5 }, (_, at) => tokenTypes[data[at * 5 + 3] ?? -1]);
    expect(types.slice(0, 3)).toEqual(['keyword', 'variable', 'enumMember']);
    expect(types.slice(5, 8)).toEqual(['property', 'enumMember', 'variable']);
    expect(types.at(-1)).toBe('variable');
  });
});

describe('completion', () => {
  it('offers the constants whose values the key takes, then those of files that are not imported', () => {
    const items = completionsOf(`import "./sizes.mae"\nlet deep 12\nmodel a { encoder { width ‸ } }`);
    const constants = items.filter(({ kind }) => kind === CompletionItemKind.Constant);
    expect(constants.map(({ label, detail }) => [label, detail])).toEqual([
      ['deep', '12'],
      ['wide', '768 of "./sizes.mae"'],
      ['far-wide', '1024 of "./far.mae"; imports it'],
    ]);
    const [, , far] = constants;
    expect(far?.additionalTextEdits?.map(({ newText }) => newText)).toEqual(['\nimport "./far.mae"']);
    expect(items.map(({ label }) => label)).toContain('768');
  });

  it('offers them beside options', () => {
    const labels = completionsOf('import "./far.mae"\nmodel a { decoder { positions ‸ } }').map(
      ({ label }) => label,
    );
    expect(labels).toEqual(['sincos-2d', 'learned', 'none', 'places']);
  });

  it('offers constants for the value of another one, but not itself, and none for its name', () => {
    const labels = (marked: string) => completionsOf(marked).map(({ label }) => label);
    expect(labels('let a 4\nlet b ‸')).toEqual(expect.arrayContaining(['a', 'wide', 'places']));
    expect(labels('let a 4\nlet b ‸')).not.toContain('b');
    expect(labels('let a 4\nlet ‸')).toEqual([]);
    expect(labels('‸')).toContain('let');
  });
});

describe('renaming a constant', () => {
  it('changes its declaration and its uses in all files, and no option or key of the name', () => {
    const content = `import "./sizes.mae"\nlet width wide\nmodel a { encoder { width width } }\n`;
    const { workspace, parsed, offset } = openOn('width width', content);
    expect(textIn(parsed, prepareRename(workspace, parsed, offset)?.range)).toBe('width');
    expect(applyWorkspaceEdit(workspace, renameAt(workspace, parsed, offset, 'broad'))).toEqual({
      '/w/main.mae': content.replace('let width', 'let broad').replace('width width', 'width broad'),
    });
    const wide = content.indexOf('wide');
    expect(applyWorkspaceEdit(workspace, renameAt(workspace, parsed, wide, 'wider'))).toEqual({
      '/w/main.mae': content.replace('width wide', 'width wider'),
      '/w/sizes.mae': files['/w/sizes.mae']?.replace('wide', 'wider'),
    });
  });

  it.each([
    ['deep', /there is a constant ‘deep’ already/],
    ['learned', /‘learned’ is an option of the language/],
    ['per', /‘per’ is an option of the language/],
    ['4x', /is no name/],
  ])('to %s is refused', (name, message) => {
    const { workspace, parsed, offset } = openOn('depth deeper');
    expect(() => renameAt(workspace, parsed, offset, name)).toThrow(message);
  });

  it('is not possible where the name is that of an option', () => {
    const { workspace, parsed, offset } = openOn('learned', 'let places learned\n');
    expect(prepareRename(workspace, parsed, offset)).toBeUndefined();
  });
});

it('an import is offered for a constant that is not known', () => {
  const content = 'model a { encoder { width far-wide }, decoder { positions places } }\nlet own far-half\n';
  const { workspace, parsed } = openOn('a', content);
  const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 16 } };
  const imports = codeActions(workspace, parsed, range).filter(({ title }) => title.startsWith('import'));
  expect(imports.map(({ title }) => title)).toEqual(Array(3).fill('import "./far.mae"'));
  const [edits] = Object.values(imports[0]?.edit?.changes ?? {});
  const mended = applyEdits(content, edits ?? []);
  const { workspace: after } = openOn('a', mended);
  const codes = after.compile('/w/main.mae').diagnostics.map(({ code }) => code);
  expect(codes.filter((code) => code !== 'MAE203')).toEqual([]);
});
