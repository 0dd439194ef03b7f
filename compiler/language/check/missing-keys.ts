import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { Place } from '../schema/key-entry.ts';
import { keysOf } from '../schema.ts';
import type { Span } from '../span.ts';
import { isExcused, joinPath, type Settings } from './settings.ts';

/** What lacks a key: a declaration, or the key of a block in it. */
interface Owner {
  readonly name: string;
  readonly span: Span;
}

/**
 * Reports required keys that nothing sets, one diagnostic a block. They are excused from then on, so that a
 * declaration that inherits the gap is not reported too.
 */
export function reportMissingKeys(
  settings: Settings,
  place: Place,
  owner: Owner,
  report: Report,
  prefix = '',
): void {
  const missing = [];
  for (const entry of keysOf(place).values()) {
    const path = joinPath(prefix, entry.key);
    const setting = settings.byPath.get(path);
    if (setting === undefined) {
      if (entry.required === true && !isExcused(settings, path)) missing.push({ entry, path });
    } else if (entry.block !== undefined) {
      reportMissingKeys(settings, entry.block, { name: entry.key, span: setting.head }, report, path);
    }
  }
  if (missing.length === 0) return;
  const keys = missing.map(({ entry }) => entry.key);
  const examples = missing.map(({ entry }) => entry.example);
  report(diagnostics.missingKeys.at(owner.span, { owner: owner.name, keys, examples }));
  for (const { path } of missing) settings.excused.add(path);
}
