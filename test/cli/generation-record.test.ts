import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Folder, folderWith, maeCompile, twoModels } from './compile-support.ts';

/** Compiles both models into `generated`, and returns which of them were generated. */
async function compiled(folder: Folder, ...options: string[]): Promise<readonly string[]> {
  const run = await maeCompile(folder, [folder.at('spec'), '--out', folder.at('generated'), ...options]);
  expect(run).toMatchObject({ exitCode: 0, error: '' });
  return run.generated;
}

/** A folder in which both models have been compiled. */
async function compiledFolder(): Promise<Folder> {
  const folder = folderWith(twoModels);
  expect(await compiled(folder)).toEqual(['vit-a', 'vit-b']);
  return folder;
}

const RECORD = 'generated/vit-a/.mae-compile.json';

describe('what was compiled before', () => {
  it('is not compiled again while the spec, the compiler and the files are as they were', async () => {
    const folder = await compiledFolder();
    expect(await compiled(folder)).toEqual([]);
    const argv = [folder.at('spec'), '--out', folder.at('generated')];
    const { out } = await maeCompile(folder, argv);
    expect(out).toMatch(/^vit-a .* unchanged$/m);
    expect(out).toMatch(/\n2 models in generated: 0 of 4 files changed\n/);
  });

  it('is compiled again with --force, which changes no file', async () => {
    const folder = await compiledFolder();
    const before = folder.read(RECORD);
    expect(await compiled(folder, '--force')).toEqual(['vit-a', 'vit-b']);
    expect(folder.read(RECORD)).toBe(before);
  });

  it('is compared in full with --check', async () => {
    const folder = await compiledFolder();
    expect(await compiled(folder, '--check')).toEqual(['vit-a', 'vit-b']);
  });

  it.each<[string, (folder: Folder) => void, string[]]>([
    [
      'what a spec says',
      (folder) =>
        folder.write(
          'spec/a.mae',
          folder.read('spec/a.mae').replace('decoder  { width 96', 'decoder  { width 48'),
        ),
      ['vit-a'],
    ],
    [
      'a recipe that both use',
      (folder) =>
        folder.write(
          'spec/recipes.mae',
          folder.read('spec/recipes.mae').replace('epochs    10', 'epochs    11'),
        ),
      ['vit-a', 'vit-b'],
    ],
    ['a generated file', (folder) => folder.write('generated/vit-b/spec.json', '{}'), ['vit-b']],
    [
      'a generated file that is gone',
      (folder) => rmSync(folder.at('generated/vit-a/onnx/encoder.onnx')),
      ['vit-a'],
    ],
    [
      'a record that was cut off',
      (folder) => folder.write(RECORD, folder.read(RECORD).slice(0, 200)),
      ['vit-a'],
    ],
    [
      'a record of other files',
      (folder) => folder.write(RECORD, folder.read(RECORD).replace('"total":3000', '"total":4000')),
      ['vit-a'],
    ],
    [
      'the compiler',
      (folder) => {
        const { record } = JSON.parse(folder.read(RECORD));
        folder.write(RECORD, JSON.stringify({ sha256: '', record: { ...record, compiler: 'another' } }));
      },
      ['vit-a'],
    ],
  ])(
    'is compiled again after a change of %s, and is then as if compiled anew',
    async (_, change, expected) => {
      const folder = await compiledFolder();
      change(folder);
      expect(await compiled(folder)).toEqual(expected);
      expect(await compiled(folder)).toEqual([]);
      const read = (name: string) => folder.read(name);
      const kept = folder.files().map(read);
      rmSync(folder.at('generated'), { recursive: true });
      await compiled(folder);
      expect(folder.files().map(read)).toEqual(kept);
    },
  );

  it('is not compiled again where only comments and their places have changed', async () => {
    const folder = await compiledFolder();
    folder.write('spec/a.mae', `\n\n${folder.read('spec/a.mae')}# a comment at the end\n`);
    expect(await compiled(folder)).toEqual([]);
  });
});
