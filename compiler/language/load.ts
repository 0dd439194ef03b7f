import { type FileContents, type Import, readFile } from './check/declarations.ts';
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
  readonly target: Unit | undefined;
}

/** A file with what it declares. */
export interface Unit extends FileContents {
  readonly source: SourceText;
  readonly imports: readonly ResolvedImport[];
}

/** Reads the entry files and all they import, each once; in the order in which they are met, entries first. */
export function loadUnits(
  entries: readonly string[],
  reader: SourceReader,
  report: Report,
): Map<string, Unit> {
  const units = new Map<string, Draft>();
  const failures = new Map<string, Failure>();
  const load = (file: string): Draft | Failure => {
    const known = units.get(file) ?? failures.get(file);
    if (known !== undefined) return known;
    const loaded = loadUnit(file, reader.read(file), report);
    if ('unit' in loaded) units.set(file, loaded);
    else failures.set(file, loaded);
    return loaded;
  };
  for (const file of entries) {
    const loaded = load(file);
    if ('unit' in loaded) continue;
    const span = { file, start: 0, end: 0, line: 1, column: 1 };
    report(diagnostics.unreadableFile.at(span, { file, because: loaded.because }, { help: loaded.help }));
  }
  // The map grows while it is walked: imports of imports come after those of the entries.
  for (const [file, unit] of units) {
    for (const { specifier, span } of unit.contents.imports) {
      const target = reader.resolve(file, specifier);
      const loaded = load(target);
      if (!('unit' in loaded)) {
        const values = { specifier, file: target, because: loaded.because };
        report(diagnostics.unreadableImport.at(span, values, { help: loaded.help }));
      }
      unit.imports.push({ specifier, span, target: 'unit' in loaded ? loaded.unit : undefined });
    }
  }
  return new Map([...units].map(([file, { unit }]) => [file, unit]));
}

/** A unit whose imports are not resolved yet. */
interface Draft {
  readonly contents: FileContents;
  readonly imports: ResolvedImport[];
  readonly unit: Unit;
}

/** A file that could not be read, and why if that is known. */
type Failure = Partial<Unreadable>;

function loadUnit(file: string, text: ReturnType<SourceReader['read']>, report: Report): Draft | Failure {
  if (typeof text !== 'string') return text ?? {};
  const source = new SourceText(file, text);
  const contents = readFile(parseSource(source, report), source, report);
  const imports: ResolvedImport[] = [];
  return { contents, imports, unit: { ...contents, source, imports } };
}
