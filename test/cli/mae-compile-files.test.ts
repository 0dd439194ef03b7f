import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decode,
  findSources,
  readText,
  SourceFiles,
  sourceFolders,
} from '../../compiler/cli/source-files.ts';
import { type Folder, folderWith, maeCompile, twoModels } from './compile-support.ts';

const found = (folder: Folder, ...names: string[]) =>
  findSources(names.map((name) => folder.at(name))).map((file) => file.slice(folder.path.length + 1));

describe('finding specs', () => {
  it('goes into folders of any depth, but not into hidden ones, node_modules, or links', () => {
    const folder = folderWith({
      's/b.mae': '',
      's/a/c.mae': '',
      's/a/x.txt': '',
      's/folder.mae/d.mae': '',
      's/.git/e.mae': '',
      's/.#b.mae': '',
      's/node_modules/f.mae': '',
      'other/g.mae': '',
    });
    symlinkSync('../other', folder.at('s/linked'));
    symlinkSync('../other', folder.at('s/linked.mae'));
    symlinkSync('..', folder.at('s/a/circle'));
    expect(found(folder, 's')).toEqual(['s/a/c.mae', 's/b.mae', 's/folder.mae/d.mae']);
    const folders = sourceFolders([folder.at('s')]).map((path) => path.slice(folder.path.length + 1));
    expect(folders).toEqual(['', 's', 's/a', 's/folder.mae']);
  });

  it('lists each file once, under the first name that it was given', () => {
    const folder = folderWith({ 's/a.mae': '', 's/b.mae': '' });
    symlinkSync('a.mae', folder.at('s/c.mae'));
    expect(found(folder, 's/b.mae', 's', 's/../s/a.mae')).toEqual(['s/b.mae', 's/a.mae']);
  });

  it.skipIf(process.getuid?.() === 0)('names a folder that may not be read', () => {
    const folder = folderWith({ 's/a.mae': '' });
    chmodSync(folder.at('s'), 0o000);
    expect(() => found(folder, 's')).toThrow(/cannot read the folder .*: permission denied/);
    chmodSync(folder.at('s'), 0o755);
  });
});

describe('reading a spec', () => {
  it.each<[string, (folder: Folder) => void, ReturnType<typeof readText>]>([
    ['a text', (folder) => folder.write('x.mae', '\uFEFFmodel\r\n'), '\uFEFFmodel\r\n'],
    ['nothing', () => undefined, undefined],
    [
      'a folder',
      (folder) => mkdirSync(folder.at('x.mae')),
      { because: 'it is a folder', help: 'name a file in it' },
    ],
    [
      'a circle of links',
      (folder) => {
        symlinkSync('y.mae', folder.at('x.mae'));
        symlinkSync('x.mae', folder.at('y.mae'));
      },
      { because: 'its links lead in a circle', help: 'may the file be read?' },
    ],
    [
      'a link to nothing',
      (folder) => symlinkSync('y.mae', folder.at('x.mae')),
      { because: 'it is a link to a file that is not there' },
    ],
    [
      'text of another encoding',
      (folder) => folder.write('x.mae', Uint8Array.of(0x23, 0x0a, 0x23, 0xe9, 0x0a)),
      { because: 'it is not UTF-8 text: byte 0xe9 in line 2', help: 'save it as UTF-8' },
    ],
    [
      'UTF-16',
      (folder) => folder.write('x.mae', Buffer.from('\uFEFFmodel a', 'utf16le')),
      { because: 'it is UTF-16, not UTF-8', help: 'save it as UTF-8' },
    ],
    [
      'a file that is no spec',
      (folder) => folder.write('x.mae', new Uint8Array(5 * 2 ** 20)),
      { because: 'it has 5.0 MiB', help: 'a spec has at most 4 MiB: is it one?' },
    ],
  ])('%s', (_, make, expected) => {
    const folder = folderWith({});
    make(folder);
    expect(readText(folder.at('x.mae'))).toEqual(expected);
  });

  it('a pipe nobody writes to, without waiting for it', () => {
    const folder = folderWith({});
    execFileSync('mkfifo', [folder.at('x.mae')]);
    expect(readText(folder.at('x.mae'))).toEqual({ because: 'it is no regular file' });
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', () => {
    const folder = folderWith({ 'x.mae': '' });
    chmodSync(folder.at('x.mae'), 0o000);
    expect(readText(folder.at('x.mae'))).toEqual({
      because: 'permission denied',
      help: 'may the file be read?',
    });
  });

  it.each([['\0'], ['x'.repeat(5000)], ['a/b'], ['']])('never throws, whatever the name: %j', (name) => {
    const folder = folderWith({ a: '' });
    expect(typeof readText(folder.at(name))).not.toBe('string');
  });

  it('tells the first byte that is not UTF-8 from replacement characters that were written', () => {
    const bytes = Buffer.concat([Buffer.from('# \uFFFD\n# é\uFFFD\n'), Buffer.of(0xc3, 0x28)]);
    expect(decode(bytes)).toMatchObject({ because: 'it is not UTF-8 text: byte 0xc3 in line 3' });
    expect(decode(bytes.subarray(0, -2))).toBe('# \uFFFD\n# é\uFFFD\n');
  });
});

describe('imports', () => {
  it('lead to a file by one name, however they are written', () => {
    const folder = folderWith({ 's/a.mae': '', 's/t/b.mae': '' });
    symlinkSync('a.mae', folder.at('s/c.mae'));
    const files = new SourceFiles([folder.at('s/a.mae')]);
    const from = folder.at('s/t/b.mae');
    for (const specifier of ['../a.mae', './../a.mae', '../t/../a.mae', '../c.mae', folder.at('s/a.mae')]) {
      expect(files.resolve(from, specifier)).toBe(folder.at('s/a.mae'));
    }
    expect(files.resolve(from, '../none.mae')).toBe(folder.at('s/none.mae'));
    expect(dirname(files.resolve(folder.at('s/a.mae'), 't/b.mae'))).toBe(folder.at('s/t'));
  });

  it('that cannot be read are reported where they stand, and the rest of the file checked', async () => {
    const folder = folderWith({
      'a.mae':
        'import "./folder.mae"\nimport "./none.mae"\nimport "./latin.mae"\nmodel m { image 1x1x1x1 }\n',
      'folder.mae/x': '',
      'latin.mae': Uint8Array.of(0xe9),
    });
    const { error } = await maeCompile(folder, [folder.at('a.mae')]);
    expect(error.match(/^.*error MAE.*$/gm)).toEqual([
      'a.mae:1:8  error MAE302  cannot read the import ‘./folder.mae’: ‘folder.mae’: it is a folder',
      expect.stringMatching(/^a\.mae:2:8 .* there is no readable file ‘/),
      'a.mae:3:8  error MAE302  cannot read the import ‘./latin.mae’: ‘latin.mae’: it is not UTF-8 text: byte 0xe9 in line 1',
      expect.stringMatching(/^a\.mae:4:7 {2}error MAE203/),
      expect.stringMatching(/^a\.mae:4:17 {2}error MAE101/),
    ]);
  });
});

it('all that is wrong with the files of a folder is told in one run', async () => {
  const folder = folderWith({
    ...twoModels,
    'spec/latin.mae': Uint8Array.of(0xe9),
    'spec/wrong.mae': 'model',
  });
  symlinkSync('nowhere.mae', folder.at('spec/link.mae'));
  const { exitCode, error } = await maeCompile(folder, [folder.at('spec')]);
  expect(exitCode).toBe(1);
  expect(error.match(/error MAE\d+/g)).toEqual(['error MAE301', 'error MAE301', 'error MAE206']);
});
