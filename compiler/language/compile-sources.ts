import { buildModel } from './check/build-model.ts';
import { checkImports, reportUnusedImports } from './check/check-imports.ts';
import { Configuration } from './check/configuration.ts';
import { Constants } from './check/constants.ts';
import type { Declaration } from './check/declarations.ts';
import { Inheritance } from './check/inherit.ts';
import { reportMissingKeys } from './check/missing-keys.ts';
import { checkModel } from './check/model-rules.ts';
import { NameIndex } from './check/name-index.ts';
import { targetsOfOverrides } from './check/override-targets.ts';
import { checkRecipe, checkTraining } from './check/recipe-rules.ts';
import type { Settings } from './check/settings.ts';
import { Visibility } from './check/visibility.ts';
import type { Diagnostic, Report } from './diagnostic.ts';
import { loadFiles, readUnits, type SourceReader } from './load.ts';
import type { ModelSpec } from './model-spec.ts';
import { overrideFile, parseOverrides } from './overrides.ts';
import type { Training } from './schema/key-entry.ts';
import type { SourceText } from './source-text.ts';
import { quote } from './words.ts';

export type { SourceReader, Unreadable } from './load.ts';

export interface CompileSourcesOptions {
  /**
   * `NAME.KEY=VALUE` each: keys of models and recipes that are set as if they were written last in them. A value that is left
   * out stays as it was. Their spans are in the file `--set`, an override a line.
   */
  readonly overrides?: readonly string[];
}

/** What the specs say, and what is wrong with them. */
export interface CompiledSources {
  /** The models that the entry files declare, in order, but for those of files with errors. */
  readonly models: readonly ModelSpec[];
  /** In the order of the files and of the places in them, each once. */
  readonly diagnostics: readonly Diagnostic[];
  /** All files that were read, by name, and the overrides as one: what `renderDiagnostic` needs. */
  readonly sources: ReadonlyMap<string, SourceText>;
}

/**
 * Reads, parses and checks spec files and all that they import. A pure function of what the reader returns; never
 * throws for a mistake in a spec. While any diagnostic is an error, nothing should be generated.
 */
export function compileSources(
  entries: readonly string[],
  reader: SourceReader,
  options: CompileSourcesOptions = {},
): CompiledSources {
  const { overrides: texts = [] } = options;
  const found = new Diagnostics();
  const { report } = found;
  const files = loadFiles(entries, reader, report);
  checkImports(files.values(), report);
  const visibility = new Visibility(files);
  const units = readUnits(files, new Constants(files, visibility, report), report);
  const names = new NameIndex(units, visibility, report);
  const overrides = parseOverrides(texts, report);
  const targets = targetsOfOverrides(overrides.all, units.values(), report);
  const checked = new Map<Declaration, Settings>();
  const check = (declaration: Declaration, settings: Settings) => {
    checkDeclaration(declaration, settings, report);
    checked.set(declaration, settings);
  };
  const inheritance = new Inheritance(names, check, report, (declaration) => targets.get(declaration) ?? []);
  for (const { declarations } of units.values()) {
    for (const declaration of declarations) inheritance.settingsOf(declaration);
  }
  reportUnusedImports(files.values(), visibility.used, found.all, report);

  const wrongFiles = new Set(found.all.filter(isError).map(({ span }) => span.file));
  const models = [...new Set(entries)]
    .flatMap((file) => units.get(file)?.declarations ?? [])
    .filter(({ kind, file }) => kind === 'model' && !wrongFiles.has(file))
    .flatMap((declaration) => modelOf(declaration, checked.get(declaration)) ?? []);
  const sources = new Map([...units].map(([file, { source }]) => [file, source]));
  if (texts.length > 0) sources.set(overrideFile, overrides.source);
  return { models, diagnostics: found.inOrder([...entries, ...units.keys(), overrideFile]), sources };
}

const trainings: readonly Training[] = ['pretrain', 'finetune', 'linear-probe'];

function checkDeclaration({ kind, name, span }: Declaration, settings: Settings, report: Report): void {
  const owner = name === undefined ? `this ${kind}` : `${kind} ${quote(name.text)}`;
  reportMissingKeys(settings, kind, { name: owner, span }, report);
  const configuration = new Configuration(kind, settings);
  if (kind === 'recipe') {
    checkRecipe(configuration, report);
  } else {
    checkModel(configuration, report);
    for (const training of trainings) {
      if (!configuration.isSet(training)) continue;
      checkRecipe(configuration.within(training), report);
      checkTraining(training, configuration.within(training), report);
    }
  }
}

/** Undefined where a mistake in another file, which it draws on, leaves it incomplete. */
function modelOf(declaration: Declaration, settings: Settings | undefined): ModelSpec | undefined {
  const { name, description, file, former } = declaration;
  if (name === undefined || settings === undefined || !isSound(settings)) return undefined;
  const spans = new Map([...settings.byPath].map(([path, { head }]) => [path, head]));
  return buildModel(
    {
      name: name.text,
      description,
      source: file,
      spans,
      ...(former === undefined ? {} : { formerName: former.text }),
    },
    new Configuration('model', settings),
  );
}

function isSound({ byPath, excused, misplaced }: Settings): boolean {
  return excused.size === 0 && misplaced.size === 0 && [...byPath.values()].every(({ valid }) => valid);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

/** Collects diagnostics. What a declaration inherits is checked again with it; the same mistake is kept once. */
class Diagnostics {
  readonly all: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  readonly report: Report = (diagnostic) => {
    const { code, message, span } = diagnostic;
    const key = [code, span.file, span.start, span.end, message].join('\n');
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.all.push(diagnostic);
  };

  inOrder(files: readonly string[]): Diagnostic[] {
    const rank = new Map<string, number>();
    for (const file of files) if (!rank.has(file)) rank.set(file, rank.size);
    const rankOf = ({ span }: Diagnostic) => rank.get(span.file) ?? 0;
    return [...this.all].sort(
      (a, b) => rankOf(a) - rankOf(b) || a.span.start - b.span.start || a.code.localeCompare(b.code, 'en'),
    );
  }
}
