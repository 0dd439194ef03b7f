import type { KeyEntry } from '../schema/key-entry.ts';
import type { Resolved } from '../schema/value-type.ts';
import type { Span } from '../span.ts';

/** A value with the place it was written at. */
export interface Given {
  readonly value: Resolved;
  readonly span: Span;
}

/** One key as a spec sets it. */
export interface Setting {
  readonly entry: KeyEntry;
  readonly key: Span;
  /** The key and its values. */
  readonly head: Span;
  /** By slot. Values that were left out or are wrong are not there. */
  readonly values: ReadonlyMap<string, Given>;
  /** False when some value is wrong, which has been reported: nothing should be concluded from it. */
  readonly valid: boolean;
}

/** What a declaration, or a chain of them, sets: by dotted path from the model or the recipe. */
export interface Settings {
  readonly byPath: Map<string, Setting>;
  /** Paths where a required key may be missing without a report, because of something reported already; '' is all. */
  readonly excused: Set<string>;
  /** Keys that stand in a wrong place and so are not to be missed in the right one. */
  readonly misplaced: Set<string>;
}

export function emptySettings(): Settings {
  return { byPath: new Map(), excused: new Set(), misplaced: new Set() };
}

/** Lays one set of settings over another, with `prefix` before its paths. */
export function overlay(target: Settings, added: Settings, prefix = ''): void {
  for (const [path, setting] of added.byPath) target.byPath.set(joinPath(prefix, path), setting);
  for (const path of added.excused) target.excused.add(joinPath(prefix, path));
  for (const key of added.misplaced) target.misplaced.add(key);
}

/** Takes out a path and everything below it. */
export function removeBelow(settings: Settings, path: string): void {
  const isBelow = (candidate: string) => candidate === path || candidate.startsWith(`${path}.`);
  for (const candidate of settings.byPath.keys()) if (isBelow(candidate)) settings.byPath.delete(candidate);
  for (const candidate of settings.excused) if (isBelow(candidate)) settings.excused.delete(candidate);
}

/** Whether a key at the path may be missing without a report. */
export function isExcused(settings: Settings, path: string): boolean {
  if (settings.excused.has('') || settings.misplaced.has(lastKey(path))) return true;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    if (settings.excused.has(path.slice(0, end))) return true;
  }
  return false;
}

export function joinPath(prefix: string, path: string): string {
  return prefix === '' || path === '' ? prefix + path : `${prefix}.${path}`;
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
