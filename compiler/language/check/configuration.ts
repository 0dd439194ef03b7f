import type { Place } from '../schema/key-entry.ts';
import type { Multiple, Resolved } from '../schema/value-type.ts';
import { entryAt, slotOf } from '../schema.ts';
import type { Span } from '../span.ts';
import { joinPath, type Settings } from './settings.ts';

/**
 * The values of a model or a recipe, defaults filled in, by dotted path. A value is undefined where the spec's is
 * wrong or missing, which has been reported. Asking for a path or a type that the schema does not have is a mistake
 * of ours and throws.
 */
export class Configuration {
  private readonly root: Place;
  private readonly settings: Settings;
  private readonly prefix: string;

  constructor(root: Place, settings: Settings, prefix = '') {
    this.root = root;
    this.settings = settings;
    this.prefix = prefix;
  }

  /** The same values seen from the block of a key. */
  within(path: string): Configuration {
    return new Configuration(this.root, this.settings, joinPath(this.prefix, path));
  }

  /** Whether the spec sets the key, rightly or wrongly. */
  isSet(path: string): boolean {
    return this.settings.byPath.has(joinPath(this.prefix, path));
  }

  /** Where a key and its values stand; undefined for a default. */
  span(path: string): Span | undefined {
    return this.settings.byPath.get(joinPath(this.prefix, path))?.head;
  }

  number(path: string, slot?: string): number | undefined {
    const value = this.get(path, slot);
    return value === undefined || typeof value === 'number' ? value : mistyped(path);
  }

  numbers(path: string, slot?: string): readonly number[] | undefined {
    const value = this.get(path, slot);
    return value === undefined || isNumbers(value) ? value : mistyped(path);
  }

  flag(path: string): boolean | undefined {
    const value = this.get(path);
    return value === undefined || typeof value === 'boolean' ? value : mistyped(path);
  }

  name(path: string, slot?: string): string | undefined {
    const value = this.get(path, slot);
    return value === undefined || typeof value === 'string' ? value : mistyped(path);
  }

  /** A choice; `options` is the table that the schema uses for it. */
  choice<Option extends string>(path: string, options: Readonly<Record<Option, string>>): Option | undefined {
    const value = this.name(path);
    if (value === undefined) return undefined;
    return isOption(value, options) ? value : mistyped(path);
  }

  numberOrMultiple(path: string): number | Multiple | undefined {
    const value = this.get(path);
    if (value === undefined || typeof value === 'number') return value;
    return typeof value === 'object' && 'factor' in value ? value : mistyped(path);
  }

  private get(path: string, slotName?: string): Resolved | undefined {
    const whole = joinPath(this.prefix, path);
    const slot = slotOf(entryAt(this.root, whole), slotName);
    const setting = this.settings.byPath.get(whole);
    if (setting === undefined) return slot.default;
    return setting.valid ? (setting.values.get(slot.name)?.value ?? slot.default) : undefined;
  }
}

function isNumbers(value: Resolved): value is readonly number[] {
  return Array.isArray(value);
}

function isOption<Option extends string>(
  value: string,
  options: Readonly<Record<Option, string>>,
): value is Option {
  return Object.hasOwn(options, value);
}

function mistyped(path: string): never {
  throw new Error(`the schema gives ${path} another type`);
}
