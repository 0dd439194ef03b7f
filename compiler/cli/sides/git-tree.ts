import { spawnSync } from 'node:child_process';
import { posix } from 'node:path';
import type { Unreadable } from '../../language/compile-sources.ts';
import { decode } from '../source-files.ts';
import { errorCode, SourceError } from '../system-errors.ts';
import type { FileTree } from './file-tree.ts';

/** More than any spec.json has. */
const mostBytes = 64 * 2 ** 20;

/** What git printed; undefined where it failed. Throws a `SourceError` where there is no git. */
function git(args: readonly string[], folder: string): Buffer | undefined {
  const { status, stdout, error } = spawnSync('git', args, {
    cwd: folder,
    maxBuffer: mostBytes,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined && errorCode(error) === 'ENOENT') {
    throw new SourceError('git cannot be run', 'install git, or compare files and folders instead');
  }
  return status === 0 && error === undefined ? stdout : undefined;
}

function gitLine(args: readonly string[], folder: string): string | undefined {
  return git(args, folder)?.toString('utf8').trimEnd();
}

/**
 * The files of a revision; paths are from the root of the repository. Throws a `SourceError` outside of a repository and for a
 * revision that it does not have.
 */
export function gitTree(revision: string, folder = '.'): FileTree {
  const root = gitLine(['rev-parse', '--show-toplevel'], folder);
  if (root === undefined) {
    throw new SourceError(
      `cannot read ${revision}: this folder is in no git repository`,
      'run it inside of the repository, or name files and folders',
    );
  }
  // Behind --end-of-options a revision cannot be taken for an option.
  const commit = gitLine(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    root,
  );
  if (commit === undefined) {
    throw new SourceError(
      `git knows no revision ${revision} here`,
      'name a branch, a tag or a commit, such as main or HEAD~1; git branch --all lists the branches',
    );
  }
  return new GitTree(root, commit, revision);
}

/** A path relative to the working folder, as one from the root of the repository. */
export function pathInRepository(path: string): string {
  const prefix = gitLine(['rev-parse', '--show-prefix'], '.') ?? '';
  return clean(posix.join(prefix, path));
}

function clean(path: string): string {
  const normal = posix.normalize(path.replaceAll('\\', '/')).replace(/\/$/, '');
  return normal === '.' ? '' : normal;
}

class GitTree implements FileTree {
  readonly revision: string;
  private readonly root: string;
  private readonly commit: string;

  constructor(root: string, commit: string, revision: string) {
    this.root = root;
    this.commit = commit;
    this.revision = revision;
  }

  kindOf(path: string): 'file' | 'folder' | undefined {
    const type = gitLine(['cat-file', '-t', this.object(path)], this.root);
    return type === 'tree' ? 'folder' : type === 'blob' ? 'file' : undefined;
  }

  specsIn(folder: string): string[] {
    const files = this.list(['-r', '--name-only'], folder).filter((path) => path.endsWith('.mae'));
    if (files.length > 0) return files.sort();
    throw new SourceError(
      `there are no .mae files in ${this.revision}:${folder}`,
      'name a folder that has some in that revision',
    );
  }

  entriesOf(folder: string): string[] {
    return this.list(['--name-only'], folder).map((path) => posix.basename(path));
  }

  readonly reader = () => ({
    read: (file: string) => {
      if (this.kindOf(file) !== 'file') return undefined;
      const text = this.readText(file);
      return typeof text === 'string' ? text : ({ because: text.because } satisfies Unreadable);
    },
    resolve: (from: string, specifier: string) => clean(posix.join(posix.dirname(from), specifier)),
  });

  readText(path: string): string | { because: string } {
    const bytes = git(['cat-file', 'blob', this.object(path)], this.root);
    return bytes === undefined ? { because: 'git cannot show it' } : decode(bytes);
  }

  readBytes(): { because: string } {
    return { because: 'weights are not read from git' };
  }

  private object(path: string): string {
    return `${this.commit}:${clean(path)}`;
  }

  private list(options: readonly string[], folder: string): string[] {
    const inside = clean(folder) === '' ? [] : [`${clean(folder)}/`];
    const names = git(['ls-tree', '-z', ...options, this.commit, '--', ...inside], this.root);
    return (names?.toString('utf8') ?? '').split('\0').filter((name) => name !== '');
  }
}
