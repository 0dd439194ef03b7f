import type { DiagnosticDetails, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { suggestion } from '../fixes.ts';
import type { Unit } from '../load.ts';
import { suggest } from '../suggest.ts';
import { quote } from '../words.ts';
import type { Declaration } from './declarations.ts';
import type { DeclarationKind, NameAt } from './outline.ts';
import type { Visibility } from './visibility.ts';

/** Comparing names takes time; who has this many wrong ones does not need it for each. */
const mostSuggestions = 200;

/** Finds what names mean. A file knows its own declarations and those of the files it imports itself. */
export class NameIndex {
  private readonly units: ReadonlyMap<string, Unit>;
  private readonly visibility: Visibility;
  /** By kind and name, the first of each file. */
  private readonly declared = new Map<string, Declaration[]>();
  private readonly report: Report;
  private suggestionsLeft = mostSuggestions;

  /** Reports models of the same name, whatever their files, and recipes of the same name in one file. */
  constructor(units: ReadonlyMap<string, Unit>, visibility: Visibility, report: Report) {
    this.units = units;
    this.visibility = visibility;
    this.report = report;
    for (const { declarations } of units.values()) {
      for (const declaration of declarations) this.declare(declaration);
    }
  }

  /** What a name means in a file; undefined, and reported, if it means nothing. */
  find(kind: DeclarationKind, name: NameAt, file: string): Declaration | undefined {
    const all = this.declared.get(keyOf(kind, name.text)) ?? [];
    const visible = all.filter((each) => this.visibility.sees(file, each.file));
    const [found] = visible;
    if (found === undefined) {
      this.reportUnknown(kind, name, file, all[0]);
      return undefined;
    }
    for (const each of visible) this.visibility.use(file, each.file);
    // Models of the same name have been reported where they are declared.
    if (visible.length > 1 && kind === 'recipe') {
      const related = visible.map(({ span }) => ({ span, message: 'one of them' }));
      this.report(diagnostics.ambiguousName.at(name.span, { kind, name: name.text }, { related }));
    }
    return found;
  }

  private declare(declaration: Declaration): void {
    const { kind, name, file, span } = declaration;
    if (name === undefined) return;
    const key = keyOf(kind, name.text);
    const known = this.declared.get(key) ?? [];
    const first = kind === 'model' ? known[0] : known.find((each) => each.file === file);
    if (first !== undefined) {
      const related = [{ span: first.span, message: 'first declared here' }];
      this.report(diagnostics.duplicateDeclaration.at(span, { kind, name: name.text }, { related }));
    }
    if (!known.some((each) => each.file === file)) known.push(declaration);
    this.declared.set(key, known);
  }

  private reportUnknown(
    kind: DeclarationKind,
    name: NameAt,
    file: string,
    elsewhere: Declaration | undefined,
  ): void {
    if (this.visibility.mayLack(file, kind)) return;
    const visible = this.visibility.seenBy(file).flatMap((each) => this.units.get(each) ?? []);
    const details = this.help(kind, name, visible, elsewhere);
    this.report(diagnostics.unknownDeclaration.at(name.span, { kind, name: name.text }, details));
  }

  private help(
    kind: DeclarationKind,
    { text, span }: NameAt,
    visible: readonly Unit[],
    elsewhere: Declaration | undefined,
  ): DiagnosticDetails {
    if (elsewhere !== undefined) {
      const related = [{ span: elsewhere.span, message: `the ${kind} of this name` }];
      return { help: `it is declared in ${quote(elsewhere.file)}: import that file`, related };
    }
    const other: DeclarationKind = kind === 'model' ? 'recipe' : 'model';
    if (this.declared.has(keyOf(other, text))) return { help: `${quote(text)} is a ${other}, not a ${kind}` };
    const meant = this.suggestionsLeft-- > 0 ? suggest(text, namesOf(visible, kind)) : undefined;
    return meant === undefined
      ? { help: `declare it, or import the file that does` }
      : suggestion(span, meant);
  }
}

function keyOf(kind: DeclarationKind, name: string): string {
  return `${kind} ${name}`;
}

function* namesOf(units: readonly Unit[], kind: DeclarationKind): Generator<string> {
  for (const { declarations } of units) {
    for (const each of declarations) if (each.kind === kind && each.name !== undefined) yield each.name.text;
  }
}
