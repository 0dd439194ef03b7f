import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { suggestion } from '../fixes.ts';
import type { Unit } from '../load.ts';
import type { Override } from '../overrides.ts';
import { keysOf } from '../schema.ts';
import { suggest } from '../suggest.ts';
import type { Declaration } from './declarations.ts';

/**
 * The overrides of each declaration that has any, in order. A name that a model and a recipe share means the one that
 * has the key. Reports overrides of what is not declared.
 */
export function targetsOfOverrides(
  overrides: readonly Override[],
  units: Iterable<Unit>,
  report: Report,
): ReadonlyMap<Declaration, readonly Override[]> {
  const targets = new Map<Declaration, Override[]>();
  if (overrides.length === 0) return targets;
  const declarations = [...units].flatMap((unit) => unit.declarations);
  for (const override of overrides) {
    const { target, block } = override;
    const named = declarations.filter(({ name }) => name?.text === target.text);
    const key = block.statements[0]?.key.text ?? '';
    const fitting = named.filter(({ kind }) => keysOf(kind).has(key));
    if (named.length === 0) reportUnknown(override, declarations, report);
    // Where the key fits none of them, reading it into one says so.
    for (const declaration of fitting.length > 0 ? fitting : named.slice(0, 1)) {
      targets.set(declaration, [...(targets.get(declaration) ?? []), override]);
    }
  }
  return targets;
}

function reportUnknown({ target }: Override, declarations: readonly Declaration[], report: Report): void {
  const { text, span } = target;
  const names = declarations.flatMap(({ name }) => name?.text ?? []);
  const meant = suggest(text, names);
  const details =
    meant === undefined ? { help: 'these specs declare none of that name' } : suggestion(span, meant);
  report(diagnostics.unknownDeclaration.at(span, { kind: 'model or recipe', name: text }, details));
}
