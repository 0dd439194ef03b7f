import type { Value } from '../ast.ts';
import type { DiagnosticDetails, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { suggestion } from '../fixes.ts';
import type { LoadedFile } from '../load.ts';
import { reservedWords } from '../reserved-words.ts';
import { suggest } from '../suggest.ts';
import { quote } from '../words.ts';
import type { ConstantScope } from './constant-scope.ts';
import type { Constant, NameAt } from './outline.ts';
import type { Visibility } from './visibility.ts';

/** Comparing names takes time; who has this many wrong ones does not need it for each. */
const mostSuggestions = 200;
/** Of a circle of many constants, so many are named. */
const mostOfCircle = 8;

/** What defines a constant: another one, or a value; without one where it is wrong, which has been reported. */
type Step = { readonly by: Constant } | { readonly meaning: Value | undefined };

/** Finds what constants stand for. A file knows its own and those of the files it imports itself. */
export class Constants {
  private readonly files: ReadonlyMap<string, LoadedFile>;
  private readonly visibility: Visibility;
  private readonly report: Report;
  /** By name, the first of each file. */
  private readonly declared = new Map<string, Constant[]>();
  private readonly scopes = new Map<string, ConstantScope>();
  private readonly meanings = new Map<Constant, Value | undefined>();
  private suggestionsLeft = mostSuggestions;

  /** Reports all that is wrong with the constants themselves. */
  constructor(files: ReadonlyMap<string, LoadedFile>, visibility: Visibility, report: Report) {
    this.files = files;
    this.visibility = visibility;
    this.report = report;
    const all = [...files.values()].flatMap(({ constants }) => constants);
    for (const constant of all) this.declare(constant);
    for (const constant of all) this.resolve(constant);
  }

  /** The constants that a file knows. */
  scopeOf(file: string): ConstantScope {
    const known = this.scopes.get(file);
    if (known !== undefined) return known;
    const scope: ConstantScope = {
      find: (name, report) => {
        const visible = this.lookUp(name, file, report);
        if (visible.length === 0) return undefined;
        const [only, second] = visible;
        return { value: only === undefined || second !== undefined ? undefined : this.meanings.get(only) };
      },
      help: (name, fits) => this.help(name, this.namesThatFit(file, fits)),
      mayHoldMore: this.visibility.mayLack(file, 'constant'),
    };
    this.scopes.set(file, scope);
    return scope;
  }

  private declare(constant: Constant): void {
    const { text, span } = constant.name;
    const keys = reservedWords.get(text);
    if (keys !== undefined) this.report(diagnostics.reservedName.at(span, { name: text, keys }));
    const known = this.declared.get(text) ?? [];
    const first = known.find(({ name }) => name.span.file === span.file);
    if (first !== undefined) {
      const related = [{ span: first.name.span, message: 'first declared here' }];
      const values = { kind: 'constant', name: text };
      this.report(diagnostics.duplicateDeclaration.at(span, values, { related }));
    } else known.push(constant);
    this.declared.set(text, known);
  }

  /** Finds the value at the end of a chain of constants, for all of it. A chain may be as long as it likes. */
  private resolve(start: Constant): void {
    const chain = new Set<Constant>();
    let step: Step = { by: start };
    while ('by' in step) {
      const { by }: { by: Constant } = step;
      if (this.meanings.has(by)) step = { meaning: this.meanings.get(by) };
      else if (chain.has(by)) {
        const all = [...chain];
        this.reportCycle(all.slice(all.indexOf(by)));
        step = { meaning: undefined };
      } else {
        chain.add(by);
        step = this.stepFrom(by);
      }
    }
    for (const each of chain) this.meanings.set(each, step.meaning);
  }

  private stepFrom({ name, value }: Constant): Step {
    if (value?.kind !== 'name' || reservedWords.has(value.text)) return { meaning: value };
    const { file } = name.span;
    const [only, second] = this.lookUp(value, file, this.report);
    if (only !== undefined) return second === undefined ? { by: only } : { meaning: undefined };
    if (!this.visibility.mayLack(file, 'constant')) {
      const values = { kind: 'constant', name: value.text };
      const details = this.help(value, this.wordsFor(name));
      this.report(diagnostics.unknownDeclaration.at(value.span, values, details));
    }
    return { meaning: undefined };
  }

  /** All that a name could mean in a file; more than one are reported. */
  private lookUp({ text, span }: NameAt, file: string, report: Report): readonly Constant[] {
    const all = this.declared.get(text);
    if (all === undefined) return [];
    const visible = all.filter(({ name }) => this.visibility.sees(file, name.span.file));
    for (const { name } of visible) this.visibility.use(file, name.span.file);
    if (visible.length > 1) {
      const related = visible.map(({ name }) => ({ span: name.span, message: 'one of them' }));
      report(diagnostics.ambiguousName.at(span, { kind: 'constant', name: text }, { related }));
    }
    return visible;
  }

  /** What a name that is no constant may have been meant to be. */
  private help({ text, span }: NameAt, candidates: Iterable<string>): DiagnosticDetails {
    const [elsewhere] = this.declared.get(text) ?? [];
    if (elsewhere !== undefined) {
      const { name } = elsewhere;
      const related = [{ span: name.span, message: 'the constant of this name' }];
      return { help: `it is declared in ${quote(name.span.file)}: import that file`, related };
    }
    const meant = this.suggestionsLeft-- > 0 ? suggest(text, candidates) : undefined;
    return meant === undefined ? {} : suggestion(span, meant);
  }

  /** What a constant could be defined by. */
  private *wordsFor({ text, span }: NameAt): Generator<string> {
    for (const each of this.namesThatFit(span.file, () => true)) if (each !== text) yield each;
    yield* reservedWords.keys();
  }

  private *namesThatFit(file: string, fits: (value: Value) => boolean): Generator<string> {
    for (const each of this.visibility.seenBy(file)) {
      for (const constant of this.files.get(each)?.constants ?? []) {
        const meaning = this.meanings.get(constant);
        if (meaning === undefined || fits(meaning)) yield constant.name.text;
      }
    }
  }

  /** Each constant of a circle is reported: which of them should have a value, only the author knows. */
  private reportCycle(cycle: readonly Constant[]): void {
    const shown = Math.min(cycle.length, mostOfCircle);
    for (const [index, { name, value }] of cycle.entries()) {
      const from = (step: number) => cycle[(index + step) % cycle.length];
      const round = Array.from({ length: shown }, (_, step) => from(step)?.name.text ?? '');
      const names = [...round, ...(shown < cycle.length ? ['…'] : []), name.text];
      const related = Array.from({ length: shown - 1 }, (_, step) => from(step + 1)?.value?.span).flatMap(
        (span) => (span === undefined ? [] : [{ span, message: 'on the way round' }]),
      );
      this.report(diagnostics.constantCycle.at(value?.span ?? name.span, { names }, { related }));
    }
  }
}
