import { PickledObject, PickledTensor, PickleError, PickleMap, type PickleValue } from '../pickle/values.ts';

/**
 * Where checkpoints keep the weights, in the order in which they are looked for: at the top, or under a name. The official
 * code and timm write `model`, Lightning and timm `state_dict`.
 */
const KEYS = [
  'model',
  'state_dict',
  'model_state_dict',
  'module',
  'network',
  'model_ema',
  'state_dict_ema',
] as const;

/** How many names a message lists. */
const LISTED = 6;

/** The tensors of a checkpoint by their names. Throws a `PickleError` when it holds none. */
export function findStateDict(value: PickleValue): ReadonlyMap<string, PickledTensor> {
  if (!(value instanceof PickleMap)) throw new PickleError('it does not hold a table of tensors');
  for (const candidate of [value, ...KEYS.map((key) => value.get(key))]) {
    const tensors = tensorsOf(candidate);
    if (tensors.size > 0) return tensors;
  }
  const keys = [...value.keys()].filter((key) => typeof key === 'string');
  const more = keys.length > LISTED ? `, and ${keys.length - LISTED} more` : '';
  throw new PickleError(
    `it holds no weights, at the top or under ${KEYS.join(', ')}; what it holds: ${keys.slice(0, LISTED).join(', ')}${more}`,
  );
}

function tensorsOf(value: PickleValue | undefined): ReadonlyMap<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  if (!(value instanceof PickleMap)) return tensors;
  for (const [name, tensor] of value) {
    if (typeof name === 'string' && tensor instanceof PickledTensor) tensors.set(name, tensor);
  }
  return tensors;
}

/**
 * What a checkpoint says beside its tensors, as texts: numbers and texts at its top, and those of its `args`, as
 * "args.blr".
 */
export function plainMetadata(value: PickleValue): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const add = (prefix: string, table: PickleValue | undefined): void => {
    if (!(table instanceof PickleMap)) return;
    for (const [key, item] of table) {
      if (typeof key === 'string' && isPlain(item)) metadata.set(prefix + key, String(item));
    }
  };
  add('', value);
  const args = value instanceof PickleMap ? value.get('args') : undefined;
  add('args.', args instanceof PickledObject ? args.state : args);
  return metadata;
}

function isPlain(value: PickleValue): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
