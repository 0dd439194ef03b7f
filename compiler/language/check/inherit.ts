import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { Override } from '../overrides.ts';
import { keysOf } from '../schema.ts';
import { settingsOfOverride } from './apply-override.ts';
import type { Declaration } from './declarations.ts';
import type { NameIndex } from './name-index.ts';
import type { NameAt } from './outline.ts';
import { emptySettings, joinPath, overlay, removeBelow, type Setting, type Settings } from './settings.ts';

/** What is laid over what is inherited. */
type Layer = Pick<Declaration, 'file' | 'base' | 'settings'>;

/** Lays declarations over what they extend, and the recipes of a model under its own changes of them. */
export class Inheritance {
  private readonly complete = new Map<Declaration, Settings>();
  private readonly names: NameIndex;
  private readonly check: (declaration: Declaration, settings: Settings) => void;
  private readonly report: Report;
  private readonly overridesOf: (declaration: Declaration) => readonly Override[];

  /** `check` is called once for each declaration that is asked for or drawn on, after those that it draws on. */
  constructor(
    names: NameIndex,
    check: (declaration: Declaration, settings: Settings) => void,
    report: Report,
    overridesOf: (declaration: Declaration) => readonly Override[] = () => [],
  ) {
    this.names = names;
    this.overridesOf = overridesOf;
    this.check = check;
    this.report = report;
  }

  /** All that holds for a declaration, inherited or its own. Reports names that are not declared and circles. */
  settingsOf(declaration: Declaration): Settings {
    const chain: Declaration[] = [];
    const inChain = new Set<Declaration>();
    let next: Declaration | undefined = declaration;
    while (next !== undefined && !this.complete.has(next)) {
      if (inChain.has(next)) {
        this.reportCycle(chain.slice(chain.indexOf(next)));
        break;
      }
      chain.push(next);
      inChain.add(next);
      next = this.baseOf(next);
    }
    let inherited = next === undefined ? undefined : this.complete.get(next);
    for (const each of chain.reverse()) {
      inherited = this.override(each, this.layer(each, inherited));
      this.complete.set(each, inherited);
      this.check(each, inherited);
    }
    return inherited ?? emptySettings();
  }

  /** Lays what was set from outside over a declaration, as if it were written last in it. */
  private override(declaration: Declaration, own: Settings): Settings {
    const { file } = declaration;
    let settings = own;
    for (const override of this.overridesOf(declaration)) {
      const added = settingsOfOverride(override, declaration, settings, this.report);
      settings = this.layer({ file, base: undefined, settings: added }, settings);
    }
    return settings;
  }

  private baseOf({ kind, base, file }: Declaration): Declaration | undefined {
    return base === undefined ? undefined : this.names.find(kind, base, file);
  }

  /** `inherited` is undefined where nothing is extended, or nothing that is known. */
  private layer(declaration: Layer, inherited: Settings | undefined): Settings {
    const result = emptySettings();
    if (inherited !== undefined) overlay(result, inherited);
    else if (declaration.base !== undefined) result.excused.add('');
    for (const [path, setting] of declaration.settings.byPath) {
      if (!setting.valid) result.excused.add(path);
      const slot = setting.entry.slots.find(({ type }) => type.refersTo === 'recipe');
      const given = slot === undefined ? undefined : setting.values.get(slot.name);
      if (given !== undefined) {
        this.useRecipe({ text: String(given.value), span: given.span }, path, declaration.file, result);
      }
    }
    for (const [path, { values }] of declaration.settings.byPath) forgetOthers(path, values, result);
    const kept = recipesOf(result);
    overlay(result, declaration.settings);
    // Changes of an inherited recipe (`pretrain { … }` without `using`) are still changes of that recipe.
    for (const [path, { values }] of kept) {
      const setting = result.byPath.get(path);
      if (setting?.values.size === 0) result.byPath.set(path, { ...setting, values });
    }
    return result;
  }

  /** Puts a recipe at a path, in place of one that may be there. */
  private useRecipe(name: NameAt, path: string, file: string, result: Settings): void {
    removeBelow(result, path);
    const recipe = this.names.find('recipe', name, file);
    if (recipe === undefined) result.excused.add(path);
    else overlay(result, this.settingsOf(recipe), path);
  }

  private reportCycle(cycle: readonly Declaration[]): void {
    const [first] = cycle;
    if (first?.base === undefined) return;
    const names = [...cycle, first].map(({ name, span }) => name?.text ?? String(span.line));
    const related = cycle
      .slice(1)
      .flatMap(({ base }) => (base === undefined ? [] : [{ span: base.span, message: 'on the way round' }]));
    this.report(diagnostics.extendsCycle.at(first.base.span, { kind: first.kind, names }, { related }));
  }
}

/** Another optimizer does not inherit what only the one before it has a meaning for. */
function forgetOthers(path: string, values: Setting['values'], inherited: Settings): void {
  const kind = values.get('kind')?.value;
  const before = inherited.byPath.get(path)?.entry;
  if (before?.block !== 'optimizer' || typeof kind !== 'string') return;
  for (const { key, optimizers } of keysOf('optimizer').values()) {
    if (optimizers?.includes(kind) === false) removeBelow(inherited, joinPath(path, key));
  }
}

function recipesOf({ byPath }: Settings): [string, Setting][] {
  return [...byPath].filter(([, { entry }]) => entry.slots.some(({ type }) => type.refersTo === 'recipe'));
}
