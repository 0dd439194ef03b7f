import type { CompiledModel } from '../model/compiled-spec.ts';

interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How many names a message lists of each kind of difference. */
const LISTED = 4;

/**
 * What distinguishes the tensors that are there from those that should be, as clauses of a sentence: missing
 * ones, ones too many, and ones of another shape, each with its count and its first few names. Empty when
 * there is no difference.
 */
export function tensorDifferences(found: Iterable<TensorShape>, expected: Iterable<TensorShape>): string[] {
  const there = new Map(Array.from(found, (tensor) => [tensor.name, tensor.shape]));
  const missing: string[] = [];
  const reshaped: string[] = [];
  for (const { name, shape } of expected) {
    const actual = there.get(name);
    there.delete(name);
    if (actual === undefined) missing.push(name);
    else if (actual.length !== shape.length || actual.some((side, axis) => side !== shape[axis])) {
      reshaped.push(`${name} [${actual.join(', ')}] instead of [${shape.join(', ')}]`);
    }
  }
  return [
    ...clause(missing, 'is missing', 'are missing'),
    ...clause([...there.keys()], 'is unknown to the model', 'are unknown to the model'),
    ...clause(reshaped, 'has another shape', 'have another shape'),
  ];
}

function clause(items: readonly string[], one: string, many: string): string[] {
  if (items.length === 0) return [];
  const listed = items.slice(0, LISTED).join(', ');
  const more = items.length > LISTED ? ` and ${items.length - LISTED} more` : '';
  return [`${items.length} ${items.length === 1 ? `tensor ${one}` : `tensors ${many}`} (${listed}${more})`];
}

/** The parts of a model that say what its weights mean; `mask` and `loss` say how they are trained. */
export const ARCHITECTURE = ['image', 'patch', 'encoder', 'decoder'] as const;
/** What a classifier is made of. */
export const CLASSIFIED_MODEL = ['image', 'patch', 'encoder'] as const;
export const WHOLE_MODEL = [...ARCHITECTURE, 'mask', 'loss'] as const;

/** The settings that differ between two models in the given parts, as "encoder.heads 16 instead of 12". */
export function modelDifferences(
  found: CompiledModel,
  expected: CompiledModel,
  parts: readonly (typeof WHOLE_MODEL)[number][],
): string[] {
  return parts.flatMap((part) => {
    const actual = new Map<string, unknown>(Object.entries(found[part]));
    return Object.entries(expected[part]).flatMap(([key, value]) => {
      const other = JSON.stringify(actual.get(key));
      const wanted = JSON.stringify(value);
      return other === wanted ? [] : [`${part}.${key} ${other} instead of ${wanted}`];
    });
  });
}
