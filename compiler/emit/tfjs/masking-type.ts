import { assert } from '../../ir/assert.ts';
import type { Port } from '../../ir/graph.ts';
import type { Imports } from './imports.ts';
import { rowsOf } from './methods.ts';

/** Counts of tokens of a picture that follow from the row numbers which a graph takes. */
export interface TokenCounts {
  readonly visible: number;
  readonly removed: number;
  readonly prefix: number;
}

/** The counts behind a graph's index inputs; undefined where it has none. */
export function tokenCounts(ports: readonly Port[]): TokenCounts | undefined {
  const indices = new Map(
    ports.filter(({ role }) => role === 'index').map(({ of, value }) => [of, rowsOf(value)]),
  );
  if (indices.size === 0) return undefined;
  const visible = indices.get('visible');
  const removed = indices.get('removed.token');
  const restored = indices.get('restore');
  const known = visible !== undefined && removed !== undefined && restored !== undefined;
  assert(known, 'a class with masking needs the row numbers visible, removed.token and restore');
  return { visible, removed, prefix: restored - visible - removed };
}

/** `Masking<49, 147, 1>`. */
export function maskingType(ports: readonly Port[], imports: Imports): string {
  const counts = tokenCounts(ports);
  assert(counts !== undefined, 'a masking is made of row numbers');
  return `${imports.type('Masking')}<${counts.visible}, ${counts.removed}, ${counts.prefix}>`;
}
