import { dirname } from 'node:path';
import type { CompiledSources, Unreadable } from '../language/compile-sources.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { checkSpecs } from './check-specs.ts';
import type { CommandIo } from './command-io.ts';
import {
  type CompileOptions,
  reportDiagnostics,
  sayNotes,
  talk,
  unchangedModels,
  writeRecorded,
} from './compile-command.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { count } from './formats/report.ts';
import { generateModels, type LoadGenerator } from './generate-models.ts';
import { specText } from './generation-record.ts';
import { reportError } from './report-error.ts';
import { findSources, SourceFiles, sourceFolders } from './source-files.ts';
import { reason, SourceError } from './system-errors.ts';

/**
 * Compiles, and compiles again what changes, until the signal: the models whose resolved spec has become another, be it through
 * their file, one that it imports or an override. Mistakes are printed and waited out. Resolves to the exit code 0.
 */
export async function watchCommand(
  paths: readonly string[],
  options: CompileOptions,
  io: CommandIo,
  load: LoadGenerator,
  signal: AbortSignal,
): Promise<number> {
  const session = new WatchSession(paths, options, io, load);
  const watcher = new FolderWatcher();
  const say = talk(options, io);
  try {
    while (!signal.aborted) {
      const polled = watcher.polls;
      watcher.watch(session.folders());
      await session.update(signal);
      // What has been imported for the first time may lie in other folders, and have changed before they were watched.
      if (watcher.watch(session.folders())) continue;
      if (watcher.polls && !polled) say('the system cannot watch all folders: looking every second instead');
      await watcher.change(signal);
    }
  } finally {
    watcher.close();
  }
  return 0;
}

type Found = ReadonlyMap<string, string | Unreadable | undefined>;

class WatchSession {
  private readonly paths: readonly string[];
  private readonly options: CompileOptions;
  private readonly io: CommandIo;
  private readonly load: LoadGenerator;
  private readonly say: (text: string) => void;
  /** What was found in each file the last time; undefined before. */
  private found: Found | undefined;
  /** What kept the last update from its end. */
  private problem: string | undefined;
  /** The resolved spec of each model when it was generated, as text. */
  private readonly generated = new Map<string, string>();

  constructor(paths: readonly string[], options: CompileOptions, io: CommandIo, load: LoadGenerator) {
    this.paths = paths;
    this.options = options;
    this.io = io;
    this.load = load;
    this.say = talk(options, io);
  }

  /** Where a change may matter. */
  folders(): string[] {
    const files = [...(this.found?.keys() ?? [])];
    try {
      return [...sourceFolders(this.paths), ...files.map((file) => dirname(file))];
    } catch {
      return [...this.paths, ...files].map((path) => dirname(path));
    }
  }

  /** Looks at all files, and does what their changes ask for. */
  async update(signal: AbortSignal): Promise<void> {
    try {
      const entries = findSources(this.paths);
      const files = new SourceFiles(entries);
      const compiled = checkSpecs(entries, this.options, files);
      const changes = changedFiles(this.found, files.found);
      if (changes.length === 0 && this.problem === undefined) return;
      if (this.found !== undefined && changes.length > 0) this.say(`\n${changes.join(', ')} changed`);
      this.found = files.found;
      await this.compile(compiled, signal);
      this.problem = undefined;
    } catch (error) {
      this.reportOnce(error);
    }
  }

  private async compile(compiled: CompiledSources, signal: AbortSignal): Promise<void> {
    if (reportDiagnostics({ ...compiled, fixed: [] }, this.options, this.io) === 0) {
      await this.generate(compiled.models, signal);
    }
    if (!signal.aborted) this.say(`watching ${count(compiled.sources.size, 'file')}; ctrl-C ends`);
  }

  private async generate(models: readonly ModelSpec[], signal: AbortSignal): Promise<void> {
    if (!this.options.emit) return this.say(`${count(models.length, 'model')}: nothing wrong`);
    const isFirst = this.generated.size === 0;
    const changed = models.filter((spec) => this.generated.get(spec.name) !== specText(spec));
    const unchanged = unchangedModels(changed, this.options);
    for (const [spec, { model }] of unchanged)
      this.tell(spec, `unchanged, ${count(model.files.length, 'file')}`);
    const due = changed.filter((spec) => !unchanged.has(spec));
    for await (const { spec, model, seconds } of generateModels(due, this.load)) {
      if (signal.aborted) return;
      const written = writeRecorded(this.options.out, spec, model);
      const files = `${written} of ${count(model.files.length, 'file')} changed`;
      this.tell(spec, `${files}, ${seconds.toFixed(2)} s`);
    }
    const isGone = this.forgetAllBut(models);
    if (isFirst || isGone) sayNotes(models, this.options, this.io);
    if (changed.length === 0) this.say('no model has changed');
  }

  /** Tells of a model whose files are now what they should be. */
  private tell(spec: ModelSpec, text: string): void {
    this.say(`${this.options.out}/${spec.name}: ${text}`);
    this.generated.set(spec.name, specText(spec));
  }

  /** Returns whether a model is no longer there. */
  private forgetAllBut(models: readonly ModelSpec[]): boolean {
    const names = new Set(models.map(({ name }) => name));
    const gone = [...this.generated.keys()].filter((name) => !names.has(name));
    for (const name of gone) this.generated.delete(name);
    return gone.length > 0;
  }

  /** Whatever goes wrong, the next change may put it right. */
  private reportOnce(error: unknown): void {
    const problem = reason(error);
    if (error instanceof SourceError && problem === this.problem) return;
    this.problem = problem;
    reportError(error, this.io);
    this.say('waiting for changes; ctrl-C ends');
  }
}

/** The files that are new, gone or not what they were, in the order in which they were met. */
function changedFiles(before: Found | undefined, now: Found): string[] {
  const all = new Set([...now.keys(), ...(before?.keys() ?? [])]);
  const contentIn = (found: Found | undefined, file: string) => JSON.stringify(found?.get(file));
  return [...all].filter(
    (file) => before?.has(file) !== now.has(file) || contentIn(before, file) !== contentIn(now, file),
  );
}
