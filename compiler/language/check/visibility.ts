import type { LoadedFile, ResolvedImport } from '../load.ts';
import type { NamedKind } from './outline.ts';

/** Which names a file knows: those that it declares itself and those of the files that it imports itself. */
export class Visibility {
  /** The imports that some reference needed. */
  readonly used = new Set<ResolvedImport>();
  private readonly files: ReadonlyMap<string, LoadedFile>;
  /** By file, the first import of each other one. */
  private readonly imports = new Map<string, ReadonlyMap<string, ResolvedImport>>();

  constructor(files: ReadonlyMap<string, LoadedFile>) {
    this.files = files;
    for (const [name, file] of files) this.imports.set(name, importsByFile(file));
  }

  /** Whether one file knows what another declares. */
  sees(file: string, other: string): boolean {
    return file === other || this.imports.get(file)?.has(other) === true;
  }

  /** Takes down that one file needed what another declares. */
  use(file: string, other: string): void {
    const through = this.imports.get(file)?.get(other);
    if (through !== undefined) this.used.add(through);
  }

  /** The names of the file itself and of those that it imports. */
  seenBy(file: string): string[] {
    return [file, ...(this.imports.get(file)?.keys() ?? [])];
  }

  /** Whether a name that the file does not know may be that of something that could not be read, which has been reported. */
  mayLack(file: string, kind: NamedKind): boolean {
    const own = this.files.get(file);
    if (own === undefined) return false;
    if (own.unread.has('import') || own.imports.some(({ target }) => target === undefined)) return true;
    return this.seenBy(file).some((each) => this.files.get(each)?.unread.has(kind) === true);
  }
}

function importsByFile({ imports }: LoadedFile): Map<string, ResolvedImport> {
  const byFile = new Map<string, ResolvedImport>();
  for (const each of imports) {
    const file = each.target?.source.file;
    if (file !== undefined && !byFile.has(file)) byFile.set(file, each);
  }
  return byFile;
}
