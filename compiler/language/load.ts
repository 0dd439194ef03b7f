import { type FileContents, type Import, readFile } from './check/declarations.ts';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import { SourceText } from './source-text.ts';
import { parseSource } from './syntax-tree.ts';

/** How the compiler gets at files; it touches none itself. */
export interface SourceReader {
  /** The text of a file, or undefined when there is none or it cannot be read. */
  read(file: string): string | undefined;
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
  const load = (file: string) => units.get(file) ?? loadUnit(file, units, reader, report);
  for (const file of entries) {
    if (load(file) === undefined) {
      const span = { file, start: 0, end: 0, line: 1, column: 1 };
      report(diagnostics.unreadableFile.at(span, { file }));
    }
  }
  // The map grows while it is walked: imports of imports come after those of the entries.
  for (const [file, unit] of units) {
    for (const { specifier, span } of unit.contents.imports) {
      const target = reader.resolve(file, specifier);
      const loaded = load(target);
      if (loaded === undefined) report(diagnostics.unreadableImport.at(span, { specifier, file: target }));
      unit.imports.push({ specifier, span, target: loaded?.unit });
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

function loadUnit(
  file: string,
  units: Map<string, Draft>,
  reader: SourceReader,
  report: Report,
): Draft | undefined {
  const text = reader.read(file);
  if (text === undefined) return undefined;
  const source = new SourceText(file, text);
  const contents = readFile(parseSource(source, report), source, report);
  const imports: ResolvedImport[] = [];
  const draft = { contents, imports, unit: { ...contents, source, imports } };
  units.set(file, draft);
  return draft;
}
