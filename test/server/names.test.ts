import { describe, expect, it } from 'vitest';
import { definitionLocation, highlightsAt, referenceLocations } from '../../compiler/server/definition.ts';
import { prepareRename, renameAt } from '../../compiler/server/rename.ts';
import { applyWorkspaceEdit, type Files, open, openAt, parsedFile, textIn, workspaceOf } from './support.ts';

const files: Files = {
  '/w/recipes.mae': 'recipe short { epochs 1 }\nrecipe long extends short { epochs 9 }\n',
  '/w/models/a.mae':
    'import "../recipes.mae"\nmodel a { pretrain using long }\nmodel b extends a { pretrain using short }\n',
  '/w/models/other.mae': 'recipe long { epochs 2 }\nmodel c { pretrain using long }\n',
  '/w/node_modules/x/d.mae': 'import "../../recipes.mae"\nmodel d { pretrain using long }\n',
};
const text = 'import "./recipes.mae"\nmodel main { pretrain using long }\n';

/** Opens the text with the cursor in the middle of its last `piece`. */
function openOn(piece: string, file = '/w/main.mae', content = text) {
  const middle = content.lastIndexOf(piece) + Math.floor(piece.length / 2);
  return openAt(`${content.slice(0, middle)}‸${content.slice(middle)}`, files, file);
}

describe('the definition', () => {
  it('of a name is in the file or in one that it imports', () => {
    const { workspace, parsed, offset } = openOn('long');
    const location = definitionLocation(workspace, parsed, offset);
    expect(location?.uri).toBe('file:///w/recipes.mae');
    expect(textIn(parsedFile(workspace, '/w/recipes.mae'), location?.range)).toBe('long');
    expect(location?.range.start).toEqual({ line: 1, character: 7 });
  });

  it('of a name that this file shadows is its own', () => {
    const { workspace, parsed, offset } = openOn(
      'long',
      '/w/main.mae',
      `${text}recipe long { }\n`.replace('long }', 'long }'),
    );
    expect(definitionLocation(workspace, parsed, text.lastIndexOf('long'))?.uri).toBe('file:///w/main.mae');
    expect(offset).toBeGreaterThan(text.length);
  });

  it('of an import is the file', () => {
    const { workspace, parsed, offset } = openOn('./recipes.mae');
    expect(definitionLocation(workspace, parsed, offset)).toEqual({
      uri: 'file:///w/recipes.mae',
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    });
  });

  it('of what is not declared, not imported or no name is none', () => {
    for (const piece of ['using', 'main { pretrain', 'pretrain']) {
      const { workspace, parsed, offset } = openOn(
        piece,
        '/w/main.mae',
        text.replace('import "./recipes.mae"', ''),
      );
      expect(definitionLocation(workspace, parsed, offset)).toBeUndefined();
    }
    const { workspace, parsed, offset } = openOn('long', '/w/main.mae', text.replace('./recipes', './none'));
    expect(definitionLocation(workspace, parsed, offset)).toBeUndefined();
  });
});

describe('the references', () => {
  it('to a name are in all files of the workspace that see it', () => {
    const { workspace, parsed, offset } = openOn('long');
    const found = (declaration: boolean) =>
      referenceLocations(workspace, parsed, offset, declaration)
        .map(({ uri }) => uri)
        .sort();
    expect(found(false)).toEqual(['file:///w/main.mae', 'file:///w/models/a.mae']);
    expect(found(true)).toEqual(['file:///w/main.mae', 'file:///w/models/a.mae', 'file:///w/recipes.mae']);
  });

  it('in the same file are highlighted', () => {
    const content = 'recipe r { }\nmodel a { pretrain using r }\nmodel b { pretrain using r }\n';
    const { workspace, parsed, offset } = openOn('r }', '/w/main.mae', content);
    expect(highlightsAt(workspace, parsed, offset - 1).map(({ range }) => range.start.line)).toEqual([
      0, 1, 2,
    ]);
  });

  it('take the text that is not saved', () => {
    const { workspace, parsed, offset } = openOn('long');
    open(workspace, '/w/models/a.mae', 'import "../recipes.mae"\nmodel a { }\n');
    expect(referenceLocations(workspace, parsed, offset, false).map(({ uri }) => uri)).toEqual([
      'file:///w/main.mae',
    ]);
  });

  it('are looked for beside the file where no folder is open', () => {
    const workspace = workspaceOf({ ...files, '/w/main.mae': text });
    workspace.folders = [];
    const recipes = open(workspace, '/w/recipes.mae', files['/w/recipes.mae'] ?? '');
    const found = referenceLocations(workspace, recipes, recipes.text.indexOf('long'), false);
    expect(found.map(({ uri }) => uri)).toEqual(['file:///w/main.mae']);
  });
});

describe('renaming', () => {
  it('starts at a name, be it declared or used', () => {
    const { workspace, parsed, offset } = openOn('long');
    const prepared = prepareRename(workspace, parsed, offset);
    expect([prepared?.placeholder, textIn(parsed, prepared?.range)]).toEqual(['long', 'long']);
    expect(prepareRename(workspace, parsed, text.indexOf('pretrain'))).toBeUndefined();
    expect(prepareRename(workspace, parsed, 3)).toBeUndefined();
  });

  it('changes the declaration and every use, in all files, and nothing else', () => {
    const { workspace, parsed, offset } = openOn('long');
    const changed = applyWorkspaceEdit(workspace, renameAt(workspace, parsed, offset, 'very-long'));
    expect(changed).toEqual({
      '/w/main.mae': text.replace('using long', 'using very-long'),
      '/w/recipes.mae': files['/w/recipes.mae']?.replace('recipe long', 'recipe very-long'),
      '/w/models/a.mae': files['/w/models/a.mae']?.replace('using long', 'using very-long'),
    });
  });

  it('leaves the specs as right as they were', () => {
    const { workspace, parsed } = openOn('main');
    const codes = (file: string) =>
      workspace.compile(file).diagnostics.map(({ code, span }) => `${span.file} ${code}`);
    const before = Object.keys(files).map(codes);
    const recipes = parsedFile(workspace, '/w/recipes.mae');
    const edit = renameAt(workspace, recipes, recipes.text.indexOf('short'), 'brief');
    for (const [file, changed] of Object.entries(applyWorkspaceEdit(workspace, edit)))
      open(workspace, file, changed);
    expect(Object.keys(files).map(codes)).toEqual(before);
    expect(workspace.read('/w/models/a.mae')).toContain('using brief');
    expect(parsed.text).toBe(text);
  });

  it.each([
    ['Very Long', /‘Very Long’ is no name/],
    ['9lives', /is no name/],
    ['', /is no name/],
    ['a # b', /is no name/],
    ['short', /there is a recipe ‘short’ already, in \/w\/recipes.mae/],
  ])('to %j is refused', (name, message) => {
    const { workspace, parsed, offset } = openOn('long');
    expect(() => renameAt(workspace, parsed, offset, name)).toThrow(message);
  });

  it('is refused where a file that uses the name has the new one', () => {
    const { workspace } = openOn('long');
    const recipes = parsedFile(workspace, '/w/recipes.mae');
    open(workspace, '/w/models/a.mae', `${files['/w/models/a.mae']}recipe taken { }\n`);
    expect(() => renameAt(workspace, recipes, recipes.text.indexOf('long'), 'taken')).toThrow(/already/);
  });

  it('of what is no name is refused', () => {
    const { workspace, parsed } = openOn('long');
    expect(() => renameAt(workspace, parsed, 3, 'x')).toThrow(/only the names of declarations/);
  });
});
