import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { main } from '../../cli/main.ts';
import { type Folder, folderWith, recordingIo, twoModels } from './compile-support.ts';

/** Runs `mae`; names in `folder` without it. */
export async function mae(
  folder: Folder,
  argv: readonly string[],
  terminal: { readonly isTTY?: boolean } = {},
) {
  const { io, texts } = recordingIo(terminal);
  const exitCode = await main(argv, io);
  const relative = (text: string) => text.replaceAll(`${folder.path}/`, '');
  return { exitCode, out: relative(texts.out), error: relative(texts.error) };
}

/** Works in a folder until the test has ended. */
export function enter(folder: Folder): void {
  const before = process.cwd();
  process.chdir(folder.path);
  onTestFinished(() => process.chdir(before));
}

export function git(folder: Folder, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A repository whose branch `main` has two models; the working folder. */
export function repository(): Folder {
  const folder = folderWith(twoModels);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'first');
  enter(folder);
  return folder;
}

export const deeper = twoModels['spec/a.mae'].replace('depth 12', 'depth 8');
export const trained = twoModels['spec/recipes.mae'].replace('epochs    10', 'epochs    20');
