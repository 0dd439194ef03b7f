import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommands } from './built-commands.ts';
import { type Folder, folderWith, twoModels } from './compile-support.ts';

let built = '';

beforeAll(async () => {
  built = await buildCommands();
});
afterAll(() => rm(built, { recursive: true, force: true }));

const page = readFileSync(new URL('../../docs/diff.md', import.meta.url), 'utf8');

/** A command of the documentation, with `mae` as it was built. */
function documented(key: string): string {
  const [, command = ''] =
    new RegExp(`^git config ${key.replaceAll('.', '\\.')} '(.*)'$`, 'm').exec(page) ?? [];
  expect(command, key).not.toBe('');
  return command.replace(/^mae /, `"${process.execPath}" "${join(built, 'cli/mae.js')}" `);
}

function git(folder: Folder, ...args: string[]) {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect([status, stderr], args.join(' ')).toEqual([0, '']);
  return stdout;
}

function repository(): Folder {
  const folder = folderWith(twoModels);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'first');
  return folder;
}

describe('as docs/diff.md says', () => {
  it('mae diff is a git difftool, for changed and for new files', () => {
    const folder = repository();
    folder.write('spec/a.mae', twoModels['spec/a.mae'].replace('depth 12', 'depth 8'));
    folder.write('spec/c.mae', twoModels['spec/b.mae'].replace('vit-b', 'vit-c'));
    git(folder, 'add', '--all');
    git(folder, 'config', 'difftool.mae.cmd', documented('difftool.mae.cmd'));
    const out = git(folder, 'difftool', '--no-prompt', '--tool=mae', 'main', '--', 'spec/');
    expect(out).toMatch(/encoder depth 12 → 8: .*fewer/);
    expect(out).toContain('1 change: 1 weights');
    expect(out).toContain('model vit-c is new');
  });

  it('mae diff --textconv hides the layout from git diff', () => {
    const folder = repository();
    folder.write('.gitattributes', '*.mae diff=mae\n');
    git(folder, 'config', 'diff.mae.textconv', documented('diff.mae.textconv'));
    const loose = twoModels['spec/a.mae']
      .replace('  patch    4\n', '')
      .replace('image    32x32x3', 'patch 4; image 32x32x3');
    folder.write('spec/a.mae', loose);
    expect(git(folder, 'diff', '--no-textconv', '--', 'spec')).toContain('+  patch 4; image 32x32x3');
    expect(git(folder, 'diff', '--', 'spec')).toBe('');
    folder.write('spec/a.mae', loose.replace('depth 12', 'depth 8'));
    const lines = git(folder, 'diff', '--', 'spec').split('\n');
    expect(lines.filter((line) => /^[+-] /.test(line))).toEqual([
      '-  encoder  { width 192, depth 12, heads 3 }',
      '+  encoder  { width 192, depth 8, heads 3 }',
    ]);
  });
});
