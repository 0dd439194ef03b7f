import { expect, it, vi } from 'vitest';
import { SymbolKind } from 'vscode-languageserver/node.js';
import { fileKeys } from '../../compiler/language/schema/file-keys.ts';
import type { KeyEntry } from '../../compiler/language/schema/key-entry.ts';
import { completionsAt } from '../../compiler/server/completion.ts';
import { definitionLocation } from '../../compiler/server/definition.ts';
import { documentSymbols } from '../../compiler/server/document-symbols.ts';
import { hoverAt } from '../../compiler/server/hover.ts';
import { renameAt } from '../../compiler/server/rename.ts';
import { constantKey } from '../../compiler/server/value-roles.ts';
import { applyWorkspaceEdit, openAt } from './support.ts';

// A key that declares a value, put into the schema: the server learns of it from there alone.
vi.mock('../../compiler/language/schema/file-keys.ts', async (importOriginal) => {
  const original = await importOriginal<{ fileKeys: readonly KeyEntry[] }>();
  const [name] = original.fileKeys.find(({ key }) => key === 'model')?.slots ?? [];
  const value = { name: 'value', type: { label: 'any value', read: () => ({ value: 0 }) } };
  const constant: KeyEntry = {
    key: 'constant',
    places: ['file'],
    slots: name === undefined ? [] : [name, value],
    repeatable: true,
    doc: 'A value with a name.',
    source: 'this test',
    example: 'constant side 224',
  };
  return { fileKeys: [constant, ...original.fileKeys.filter(({ key }) => key !== 'let')] };
});

const files = { '/w/sizes.mae': 'constant wide 768 # as in ViT-Base\n' };
const text =
  'import "./sizes.mae"\nconstant deep 12\nmodel a { encoder { width wide, depth deep, heads 12 } }\n';
const openOn = (piece: string) => {
  const middle = text.lastIndexOf(piece) + 2;
  return openAt(`${text.slice(0, middle)}‸${text.slice(middle)}`, files);
};

it('constants are declared, found, completed, shown and renamed like other names', () => {
  expect([constantKey, fileKeys[0]?.key]).toEqual(['constant', 'constant']);
  const { workspace, parsed, offset } = openOn('wide');
  expect(definitionLocation(workspace, parsed, offset)?.uri).toBe('file:///w/sizes.mae');
  expect(JSON.stringify(hoverAt(workspace, parsed, offset))).toContain('constant wide 768');
  const labels = completionsAt(workspace, parsed, offset, { snippets: false }).map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(['768', 'deep', 'wide']));
  expect(documentSymbols(parsed)[1]).toMatchObject({ name: 'deep', kind: SymbolKind.Constant });
  const renamed = applyWorkspaceEdit(workspace, renameAt(workspace, parsed, offset, 'wider'));
  expect(renamed).toEqual({
    '/w/main.mae': text.replace('width wide', 'width wider'),
    '/w/sizes.mae': 'constant wider 768 # as in ViT-Base\n',
  });
});
