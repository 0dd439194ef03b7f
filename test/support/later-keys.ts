/** Keys of a compiled model that came after the first files with one, with what the compilers did that did not know them. */
export const LATER_MODEL_KEYS: Readonly<Record<string, unknown>> = {
  accept: 'exact',
  'patch.pad': false,
  'patch.norm': false,
  'encoder.qkNorm': false,
  'encoder.layerScale': 0,
  'encoder.dropPath': 0,
  'encoder.dropout': 0,
  'encoder.registers': 0,
  'decoder.qkNorm': false,
  'decoder.layerScale': 0,
  'decoder.dropPath': 0,
  'decoder.dropout': 0,
  'mask.unit': { height: 1, width: 1 },
  'mask.tokensInEncoder': false,
};

/** The same of a recipe. */
export const LATER_RECIPE_KEYS: Readonly<Record<string, unknown>> = {
  recompute: 'none',
  precision: 'float32',
  clip: 0,
  ema: 0,
  'augment.colorJitter': 0,
};

/** Every key of an object and of those in it, dotted; lists count as one value. */
export function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    prefix + key,
    ...keysOf(inner, `${prefix}${key}.`),
  ]);
}

/** What is behind a dotted key. */
export function valueAt(value: unknown, key: string): unknown {
  return key.split('.').reduce((inner, part) => entriesOf(inner).get(part), value);
}

/** The object without some of its keys, dotted. */
export function without(value: unknown, keys: readonly string[], prefix = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      keys.includes(prefix + key) ? [] : [[key, without(inner, keys, `${prefix}${key}.`)]],
    ),
  );
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
