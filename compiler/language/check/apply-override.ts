import type { Statement } from '../ast.ts';
import type { Diagnostic, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { Override } from '../overrides.ts';
import type { KeyEntry, Slot } from '../schema/key-entry.ts';
import type { ConstantScope } from './constant-scope.ts';
import type { Declaration } from './declarations.ts';
import { readBlock } from './read-block.ts';
import { type ReadValues, readValues, type ValueReading } from './read-values.ts';
import { emptySettings, type Setting, type Settings } from './settings.ts';

/** What an override sets in a declaration of which `held` is all that holds without it; reports its mistakes. */
export function settingsOfOverride(
  { block, leading }: Override,
  { kind, constants }: Pick<Declaration, 'kind' | 'constants'>,
  held: Settings,
  report: Report,
): Settings {
  const settings = emptySettings();
  readBlock(block, kind, '', settings, report, valuesOver(held, constants));
  // A key that only leads to another stays as it is.
  for (const path of leading) if (held.byPath.has(path)) settings.byPath.delete(path);
  return settings;
}

/**
 * Reads values of which some may be left out, as long as it is clear which and they are set already: `mask 60%` keeps the kind
 * of the mask, `lr 1e-4` the batch that it is given for.
 */
function valuesOver(held: Settings, constants: ConstantScope): ValueReading {
  return (statement, entry, siblings, report, path) => {
    const before = held.byPath.get(path);
    const attempts = selections(statement, entry, before).map((slots) =>
      attempt(statement, { ...entry, slots }, siblings, constants),
    );
    const [whole] = attempts;
    const chosen = attempts.find(isRight) ?? attempts.find(isOfRightShape) ?? whole;
    if (chosen === undefined) return readValues(statement, entry, siblings, constants, report);
    for (const diagnostic of chosen.found) report(diagnostic);
    if (chosen === whole || before?.valid !== true) return chosen.read;
    return { ...chosen.read, values: new Map([...before.values, ...chosen.read.values]) };
  };
}

interface Attempt {
  readonly read: ReadValues;
  readonly found: readonly Diagnostic[];
}

function attempt(
  statement: Statement,
  entry: KeyEntry,
  siblings: ReadonlyMap<string, KeyEntry>,
  constants: ConstantScope,
): Attempt {
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => found.push(diagnostic);
  return { read: readValues(statement, entry, siblings, constants, report), found };
}

function isRight({ read, found }: Attempt): boolean {
  return read.valid && found.length === 0;
}

const wrongShapes = new Set(
  [diagnostics.wrongValue, diagnostics.missingValue, diagnostics.surplusValue].map(({ code }) => code),
);

/** Whether the values are those of the slots, if not within their bounds. */
function isOfRightShape({ found }: Attempt): boolean {
  return found.every(({ code }) => !wrongShapes.has(code));
}

/** The slots that the values may be meant for: all; then fewer, the first ones first; then without their keywords. */
function selections(
  { block, values }: Statement,
  { slots }: KeyEntry,
  before: Setting | undefined,
): Slot[][] {
  const isSet = ({ name, optional, default: fallback }: Slot) =>
    optional === true || fallback !== undefined || (before?.valid === true && before.values.has(name));
  const subsets = subsetsOf(slots)
    .filter((subset) => slots.every((slot) => subset.includes(slot) || isSet(slot)))
    // Without any value there must be a block that says something.
    .filter((subset) => subset.length > 0 || block !== undefined || slots.length === 0)
    .filter((subset) => subset.length === slots.length || subset.length <= values.length);
  const whole = [...slots];
  const bare = subsets.map((subset) => subset.map(({ keyword: _, ...slot }) => slot));
  return [whole, ...subsets.filter((subset) => subset.length < slots.length), ...bare];
}

/** All subsets, in their order; those with the first item before those without. */
function subsetsOf<Item>([first, ...rest]: readonly Item[]): Item[][] {
  if (first === undefined) return [[]];
  const others = subsetsOf(rest);
  return [...others.map((subset) => [first, ...subset]), ...others];
}
