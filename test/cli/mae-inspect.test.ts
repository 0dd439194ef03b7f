import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderWith, twoModels } from './compile-support.ts';
import { mae } from './diff-support.ts';

describe('mae inspect and mae compare', () => {
  it('show one model as a tree, and several side by side', async () => {
    const folder = folderWith(twoModels);
    const tree = await mae(folder, ['inspect', folder.at('spec/a.mae')]);
    expect(tree.exitCode).toBe(0);
    expect(tree.out).toMatch(/\n {2}blocks ×12 {2,}\[batch\*17, 192\]/);
    const columns = await mae(folder, ['compare', folder.at('spec')]);
    expect(columns.out).toMatch(/^ +vit-a +vit-b\n/);
    const json = JSON.parse((await mae(folder, ['inspect', folder.at('spec'), '--format', 'json'])).out);
    expect(json.models.map(({ name }: { name: string }) => name)).toEqual(['vit-a', 'vit-b']);
    const table = await mae(folder, ['compare', folder.at('spec'), '--format', 'markdown']);
    expect(table.out).toMatch(/^\| +\| vit-a \| vit-b \|\n/);
  });

  it.each(['inspect', 'compare'])('%s refuses what it cannot read', async (name) => {
    const { exitCode, error } = await mae(folderWith({}), [name, 'nothing.mae']);
    expect([exitCode, error.split('\n')[0]]).toEqual([
      2,
      'error  cannot read nothing.mae: there is no such file or folder',
    ]);
  });
});

describe('mae draw', () => {
  it('prints a drawing, or writes it where it is told to', async () => {
    const folder = folderWith(twoModels);
    const printed = await mae(folder, ['draw', folder.at('spec/a.mae')]);
    expect([printed.exitCode, printed.error]).toEqual([0, '']);
    expect(printed.out).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(printed.out).toContain('>vit-a</text>');
    const written = await mae(folder, ['draw', folder.at('spec#vit-a'), '--out', folder.at('new/a.svg')]);
    expect([written.exitCode, written.out, written.error]).toEqual([0, '', '']);
    expect(readFileSync(folder.at('new/a.svg'), 'utf8')).toBe(printed.out);
  });

  it('draws one model at a time, and says where it cannot write', async () => {
    const folder = folderWith(twoModels);
    const several = await mae(folder, ['draw', folder.at('spec')]);
    expect([several.exitCode, several.out, several.error]).toEqual([
      2,
      '',
      'error  spec has 2 models, and one is drawn at a time\nhelp   name one of vit-a and vit-b: mae draw spec#vit-a\n',
    ]);
    const blocked = await mae(folder, [
      'draw',
      folder.at('spec/a.mae'),
      '--out',
      folder.at('spec/a.mae/x.svg'),
    ]);
    expect(blocked.exitCode).toBe(2);
    expect(blocked.error).toContain(
      'cannot write spec/a.mae/x.svg: a part of the path is a file, not a folder',
    );
  });
});
