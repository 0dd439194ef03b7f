import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskFileSystem } from '../../compiler/server/file-system.ts';
import { fileOfUri, resolveImport, uriOfFile } from '../../compiler/server/uris.ts';
import { Workspace } from '../../compiler/server/workspace.ts';

let folder = '';
const path = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-disk-'));
  await mkdir(path('sub'));
  await mkdir(path('.hidden'));
  for (const name of ['b.mae', 'a.mae', 'notes.txt', 'sub/c.mae', '.hidden/d.mae'])
    await writeFile(path(name), '\uFEFF# x');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the disk', () => {
  it('is read without byte order marks, and listed in order', () => {
    expect(diskFileSystem.read(path('a.mae'))).toBe('# x');
    expect(diskFileSystem.list(folder).map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'folder .hidden',
      'file a.mae',
      'file b.mae',
      'file notes.txt',
      'folder sub',
    ]);
  });

  it('has nothing where nothing can be read', () => {
    for (const file of [path('none.mae'), path('sub'), 'a.mae', path('a.mae', 'x'), path('\0'), '']) {
      expect(diskFileSystem.read(file)).toBeUndefined();
      expect(diskFileSystem.list(`${file}x`)).toEqual([]);
    }
  });

  it('has no specs of many megabytes', async () => {
    await writeFile(path('huge.txt'), '');
    await truncate(path('huge.txt'), 9 * 2 ** 20);
    expect(diskFileSystem.read(path('huge.txt'))).toBeUndefined();
    await rm(path('huge.txt'));
  });

  it.skipIf(process.platform === 'win32')(
    'does not wait for pipes, and follows links to files only',
    async () => {
      execFileSync('mkfifo', [path('pipe.mae')]);
      await symlink(path('a.mae'), path('link.mae'));
      await symlink(path('loop.mae'), path('loop.mae'));
      await symlink(folder, path('sub', 'up'));
      expect(diskFileSystem.read(path('pipe.mae'))).toBeUndefined();
      expect(diskFileSystem.read(path('loop.mae'))).toBeUndefined();
      expect(diskFileSystem.read(path('link.mae'))).toBe('# x');
      expect(diskFileSystem.list(folder).map(({ name }) => name)).not.toContain('pipe.mae');
      expect(diskFileSystem.list(path('sub')).map(({ name }) => name)).toEqual(['c.mae']);
      const workspace = new Workspace(diskFileSystem);
      workspace.folders = [folder];
      expect(workspace.specFiles().sort()).toEqual(
        ['a.mae', 'b.mae', 'link.mae', 'sub/c.mae'].map((name) => path(name)),
      );
    },
  );
});

describe('URIs', () => {
  it.each(['/w/a.mae', '/w/with blank/ä#%.mae'])('name the file %s and back', (file) => {
    expect(fileOfUri(uriOfFile(file))).toBe(file);
  });

  it.each(['untitled:Untitled-1', 'vscode-vfs://github/x/a.mae', 'file://%00', 'nonsense'])(
    'stay what they are: %s',
    (uri) => {
      expect(uriOfFile(fileOfUri(uri))).toBe(uri);
    },
  );

  it('are what imports are relative to', () => {
    expect(resolveImport('/w/a/b.mae', '../c.mae')).toBe('/w/c.mae');
    expect(resolveImport('vscode-vfs://host/w/a.mae', './b.mae')).toBe('vscode-vfs://host/w/b.mae');
    expect(diskFileSystem.read(resolveImport('untitled:Untitled-1', '/etc/hosts'))).toBeUndefined();
  });
});
