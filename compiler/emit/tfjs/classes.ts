import { assert, present } from '../../ir/assert.ts';
import { classNames } from './class-names.ts';
import { childModules, type Module, parametersOf, type Recording } from './modules.ts';
import { pictureGrid } from './picture-grid.ts';
import { recordingKey } from './recording-key.ts';
import { type SideParameter, sideParameters, sidesOf } from './sides.ts';

/** One class of the generated file: modules that are built alike and compute alike. */
export interface ModelClass {
  readonly name: string;
  /** At least one. */
  readonly modules: readonly Module[];
  readonly sideParameters: readonly SideParameter[];
}

/** The classes of a model, each before those that use it, and which one each module is of. */
export interface ModelClasses {
  readonly classes: readonly ModelClass[];
  classOf(module: Module): ModelClass;
}

type UnnamedClass = Omit<ModelClass, 'name'>;

/**
 * Sorts modules into classes. Modules with children are of one class when they are equal in everything but the number of tokens;
 * those without (a linear, a norm) also when they differ in widths: these become type parameters.
 */
export function modelClasses(root: Module): ModelClasses {
  const modules = postOrder(root);
  const unnamed = new Map<Module, UnnamedClass>();
  for (const leaf of leafClasses(modules)) for (const module of leaf.modules) unnamed.set(module, leaf);
  for (const group of compositeClasses(modules, unnamed))
    for (const module of group.modules) unnamed.set(module, group);
  const ordered = [
    ...new Set(modules.map((module) => present(unnamed.get(module), `class of ${module.path}`))),
  ];
  const names = classNames(ordered.map((each) => each.modules));
  const named = new Map(
    ordered.map((each, index) => [each, { ...each, name: present(names[index], 'class name') }]),
  );
  return {
    classes: [...named.values()],
    classOf: (module) => {
      const found = unnamed.get(module);
      return present(found && named.get(found), `class of ${module.path}`);
    },
  };
}

/** The first module of a class stands for all of them. */
export function representative({ modules }: Pick<ModelClass, 'modules'>): Module {
  return present(modules[0], 'module of a class');
}

/** All recordings of a method of a class, the representative's first. */
export function recordingsOf({ modules }: Pick<ModelClass, 'modules'>, method: string): readonly Recording[] {
  return modules.flatMap((module) => module.methods.get(method) ?? []);
}

/** The numbers that a module gives for the type parameters of its class, in order. */
export function sideArguments(of: Pick<ModelClass, 'sideParameters'>, module: Module): number[] {
  const sides = sidesOf(module);
  return of.sideParameters.map(({ name, places }) => {
    return present(
      sides.find(({ place }) => places.has(place)),
      `${name} of ${module.path}`,
    ).length;
  });
}

function postOrder(module: Module): Module[] {
  return [...childModules(module).flatMap(postOrder), module];
}

function leafClasses(modules: readonly Module[]): UnnamedClass[] {
  const leaves = modules.filter((module) => childModules(module).length === 0);
  return groupBy(leaves, (module) => moduleKey(module, () => 'side')).flatMap((group): UnnamedClass[] => {
    const shared = sideParameters(group);
    if (shared) return [{ modules: group, sideParameters: shared }];
    const equal = groupBy(group, (module) => JSON.stringify(sidesOf(module)));
    return equal.map((same) => ({ modules: same, sideParameters: [] }));
  });
}

function compositeClasses(
  modules: readonly Module[],
  leaves: ReadonlyMap<Module, UnnamedClass>,
): UnnamedClass[] {
  const known = new Map<Module, string>();
  // Short names for long keys, which contain those of the modules inside.
  const numbers = new Map<UnnamedClass | string, number>();
  const numberOf = (of: UnnamedClass | string) => {
    const number = numbers.get(of) ?? numbers.size;
    numbers.set(of, number);
    return number;
  };
  const keyOf = (module: Module): string => {
    const leaf = leaves.get(module);
    if (leaf) return `${numberOf(leaf)} [${sideArguments(leaf, module)}]`;
    const key = known.get(module) ?? `${numberOf(moduleKey(module, String, keyOf))}`;
    known.set(module, key);
    return key;
  };
  const composites = modules.filter((module) => !leaves.has(module));
  return groupBy(composites, keyOf).map((same) => ({ modules: same, sideParameters: [] }));
}

function moduleKey(
  module: Module,
  sideKey: (side: number) => string,
  childKey: (module: Module) => string = () => '',
): string {
  const local = (prefix: string) => prefix.slice(module.officialPrefix.length);
  const parameters = parametersOf(module).map(({ localName, value, permutation }) => {
    return [
      localName,
      permutation,
      value.shape.map((side) => (typeof side === 'number' ? sideKey(side) : '')),
    ];
  });
  const children = childModules(module).map((child) => [
    child.segment,
    local(child.officialPrefix),
    childKey(child),
  ]);
  const methods = Array.from(module.methods, ([name, recordings]) => {
    const free = pictureGrid(recordings) !== undefined;
    const keys = recordings.map((recording) => recordingKey(recording, sideKey, childKey, free));
    assert(new Set(keys).size === 1, `${module.path || 'the root'} has two different methods ${name}`);
    return [name, keys[0]];
  });
  return JSON.stringify([module.kind, parameters, children, methods]);
}

/** Groups in the order of their first elements. */
function groupBy<Element>(elements: readonly Element[], keyOf: (element: Element) => string): Element[][] {
  const groups = new Map<string, Element[]>();
  for (const element of elements) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group) group.push(element);
    else groups.set(key, [element]);
  }
  return [...groups.values()];
}
