import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { errorCode } from './system-errors.ts';

/** Programs write a file in several steps; what comes within so many milliseconds is one change. */
const settleTime = 80;
/** … but not for longer than this, where something is written all the time. */
const longestWait = 1000;
/** Milliseconds between two looks where the system cannot tell of changes. */
const pollInterval = 1000;

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

/**
 * Tells when something may have changed in a set of folders. It watches folders and not files: editors replace files rather
 * than write them. What it tells is only that there is reason to look.
 */
export class FolderWatcher {
  /** Whether the system could not watch a folder, so that there is reason to look every second. */
  polls = false;
  private readonly watched = new Map<string, Watched>();
  private poll: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private firstOfBurst = 0;
  private changed = false;
  private wake: () => void = () => undefined;

  /**
   * Watches these folders from now on, and no others; of one that is not there, the nearest above. Returns whether some were not
   * watched before, so that a change in them may have been missed.
   */
  watch(folders: Iterable<string>): boolean {
    const wanted = new Set([...folders].map(nearestFolder));
    for (const folder of [...this.watched.keys()]) {
      if (!wanted.has(folder) || this.watched.get(folder)?.identity !== identityOf(folder)) this.drop(folder);
    }
    let isNew = false;
    for (const folder of wanted) if (!this.watched.has(folder) && this.add(folder)) isNew = true;
    return isNew;
  }

  /** Resolves when something may have changed since the last time, or when `signal` is aborted. */
  async change(signal: AbortSignal): Promise<void> {
    if (!this.changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.changed = false;
  }

  close(): void {
    for (const folder of [...this.watched.keys()]) this.drop(folder);
    clearTimeout(this.timer);
    clearInterval(this.poll);
  }

  private add(folder: string): boolean {
    try {
      const watcher = watch(folder, (event, name) => this.hear(folder, event, name));
      watcher.on('error', () => {
        this.drop(folder);
        this.note();
      });
      this.watched.set(folder, { watcher, identity: identityOf(folder) });
      return true;
    } catch (error) {
      // A folder that has gone in the meantime is the business of the one above it.
      if (errorCode(error) !== 'ENOENT') this.startPolling();
      return false;
    }
  }

  private hear(folder: string, event: 'rename' | 'change', name: string | null): void {
    const isOther = name !== null && !name.endsWith('.mae');
    // The content of other files does not matter; their coming and going may be that of folders.
    if (isOther && (event === 'change' || name.startsWith('.'))) return;
    // When the folder itself goes, so does what watches it.
    if (event === 'rename' && (name === null || name === basename(folder))) this.drop(folder);
    this.note();
  }

  private note(): void {
    const now = performance.now();
    if (this.timer === undefined) this.firstOfBurst = now;
    else if (now - this.firstOfBurst > longestWait) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.changed = true;
      this.wake();
    }, settleTime);
  }

  private startPolling(): void {
    this.polls = true;
    this.poll ??= setInterval(() => this.note(), pollInterval);
  }

  private drop(folder: string): void {
    this.watched.get(folder)?.watcher.close();
    this.watched.delete(folder);
  }
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** What tells a folder from another that has been made in its place. */
function identityOf(folder: string): string {
  const status = statSync(folder, { throwIfNoEntry: false });
  return status === undefined ? '' : `${status.dev} ${status.ino} ${status.birthtimeMs}`;
}
