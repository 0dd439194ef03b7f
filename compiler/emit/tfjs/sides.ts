import type { Value } from '../../ir/graph.ts';
import { type Module, parametersOf } from './modules.ts';

/** A number in the shapes of a module that is the same for every batch and count of tokens. */
export interface Side {
  /** Which number it is, in words that are unique within the module. */
  readonly place: string;
  readonly of: 'parameter' | 'input' | 'output';
  readonly length: number;
}

export function parameterPlace(localName: string, axis: number): string {
  return `parameter ${localName}, axis ${axis}`;
}

export function inputPlace(method: string, name: string, axis: number): string {
  return `input ${name} of ${method}, axis ${axis}`;
}

export function outputPlace(method: string, name: string, axis: number): string {
  return `output ${name} of ${method}, axis ${axis}`;
}

/** What sides are called, in the order in which a class takes them. */
const SIDE_NAMES = ['Inputs', 'Outputs', 'Width', 'Size'] as const;
type SideName = (typeof SIDE_NAMES)[number];

/** A side that a class takes as a type parameter, because its modules differ in it. */
export interface SideParameter {
  readonly name: SideName;
  readonly places: ReadonlySet<string>;
}

export function sidesOf(module: Module): Side[] {
  const sides: Side[] = [];
  const add = ({ shape }: Value, of: Side['of'], place: (axis: number) => string) => {
    shape.forEach((length, axis) => {
      if (typeof length === 'number') sides.push({ place: place(axis), of, length });
    });
  };
  for (const { localName, value } of parametersOf(module)) {
    add(value, 'parameter', (axis) => parameterPlace(localName, axis));
  }
  for (const [method, [recording]] of module.methods) {
    for (const [name, value] of recording?.inputs ?? [])
      add(value, 'input', (axis) => inputPlace(method, name, axis));
    for (const [name, value] of recording?.outputs ?? [])
      add(value, 'output', (axis) => outputPlace(method, name, axis));
  }
  return sides;
}

/**
 * The type parameters that make one class of modules which differ in sides only: sides that agree in every module share one.
 * None where all sides are equal. Undefined where they make no readable class: two sides for which there is one name, or one
 * that differs and that no parameter has.
 */
export function sideParameters(modules: readonly Module[]): SideParameter[] | undefined {
  const all = modules.map(sidesOf);
  const groups = new Map<string, Side[]>();
  (all[0] ?? []).forEach((side, index) => {
    const key = all.map((sides) => sides[index]?.length).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), side]);
  });
  const varies = (lengths: string) => new Set(lengths.split(' ')).size > 1;
  if (![...groups.keys()].some(varies)) return [];
  // Where one side is a type parameter, so are the others of parameters, even if they happen to agree.
  const held = (sides: readonly Side[]) => sides.some((side) => side.of === 'parameter');
  const taken = [...groups]
    .filter(([lengths, sides]) => varies(lengths) || held(sides))
    .map(([, sides]) => sides);
  const parameters = taken.map((sides) => {
    return { name: sideName(sides), places: new Set(sides.map(({ place }) => place)) };
  });
  const unique = new Set(parameters.map(({ name }) => name)).size === parameters.length;
  if (!unique || !taken.every(held)) return undefined;
  return parameters.sort((a, b) => SIDE_NAMES.indexOf(a.name) - SIDE_NAMES.indexOf(b.name));
}

function sideName(sides: readonly Side[]): SideName {
  const goesIn = sides.some((side) => side.of === 'input');
  const comesOut = sides.some((side) => side.of === 'output');
  if (goesIn) return comesOut ? 'Width' : 'Inputs';
  return comesOut ? 'Outputs' : 'Size';
}

/** How the number at a place is written inside the class: as the type parameter it is, or as it is. */
export function sideText(parameters: readonly SideParameter[], place: string, length: number): string {
  return parameters.find(({ places }) => places.has(place))?.name ?? String(length);
}
