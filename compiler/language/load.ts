import type { Constants } from './check/constants.ts';
import { type Declaration, readDeclaration } from './check/declarations.ts';
import { type FileOutline, type Import, readOutline } from './check/outline.ts';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import { SourceText } from './source-text.ts';
import { parseSource } from './syntax-tree.ts';

/** Why a file cannot be read, in words that go on from `cannot read ‘…’: `. */
export interface Unreadable {
  readonly because: string;
  /** What to do about it. */
  readonly help?: string;
}

/** How the compiler gets at files; it touches none itself. */
export interface SourceReader {
  /** The text of a file; why it cannot be read; or undefined when there is no more to say than that. Never throws. */
  read(file: string): string | Unreadable | undefined;
  /** The file that an import of `specifier` in the file `from` means. Entry files must be named in the same form. */
  resolve(from: string, specifier: string): string;
}

/** An import and the file it means; undefined when that cannot be read, which has been reported. */
export interface ResolvedImport extends Import {
  readonly target: LoadedFile | undefined;
}

/** A file with what can be told of it without the constants of others. */
export interface LoadedFile extends FileOutline {
  readonly source: SourceText;
  readonly imports: readonly ResolvedImport[];
}

/** A file with what it declares. */
export interface Unit extends LoadedFile {
  readonly declarations: readonly Declaration[];
}

/** Reads and parses the entry files and all they import, each once; in the order in which they are met, entries first. */
export function loadFiles(
  entries: readonly string[],
  reader: SourceReader,
  report: Report,
): Map<string, LoadedFile> {
  const files = new Map<string, Draft>();
  const failures = new Map<string, Failure>();
  const load = (name: string): Draft | Failure => {
    const known = files.get(name) ?? failures.get(name);
    if (known !== undefined) return known;
    const loaded = loadFile(name, reader.read(name), report);
    if ('file' in loaded) files.set(name, loaded);
    else failures.set(name, loaded);
    return loaded;
  };
  for (const file of entries) {
    const loaded = load(file);
    if ('file' in loaded) continue;
    const span = { file, start: 0, end: 0, line: 1, column: 1 };
    report(diagnostics.unreadableFile.at(span, { file, because: loaded.because }, { help: loaded.help }));
  }
  // The map grows while it is walked: imports of imports come after those of the entries.
  for (const [name, draft] of files) {
    for (const { specifier, span } of draft.outline.imports) {
      const target = reader.resolve(name, specifier);
      const loaded = load(target);
      if (!('file' in loaded)) {
        const values = { specifier, file: target, because: loaded.because };
        report(diagnostics.unreadableImport.at(span, values, { help: loaded.help }));
      }
      draft.imports.push({ specifier, span, target: 'file' in loaded ? loaded.file : undefined });
    }
  }
  return new Map([...files].map(([name, { file }]) => [name, file]));
}

/** Reads the models and recipes of files, whose values may name the constants that each file knows. */
export function readUnits(
  files: ReadonlyMap<string, LoadedFile>,
  constants: Constants,
  report: Report,
): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const [name, file] of files) {
    const scope = constants.scopeOf(name);
    units.set(name, {
      ...file,
      declarations: file.heads.map((head) => readDeclaration(head, scope, report)),
    });
  }
  return units;
}

/** A file whose imports are not resolved yet. */
interface Draft {
  readonly outline: FileOutline;
  readonly imports: ResolvedImport[];
  readonly file: LoadedFile;
}

/** A file that could not be read, and why if that is known. */
type Failure = Partial<Unreadable>;

function loadFile(name: string, text: ReturnType<SourceReader['read']>, report: Report): Draft | Failure {
  if (typeof text !== 'string') return text ?? {};
  const source = new SourceText(name, text);
  const outline = readOutline(parseSource(source, report), source, report);
  const imports: ResolvedImport[] = [];
  return { outline, imports, file: { ...outline, source, imports } };
}
