import type { GlobalRule } from '../pickle/machine.ts';
import {
  GlobalName,
  PickledObject,
  PickledStorage,
  PickledTensor,
  PickleError,
  PickleMap,
  type PickleValue,
} from '../pickle/values.ts';

/** Of a class whose objects stay data. */
const inert = (className: string): [string, GlobalRule] => [
  className,
  { construct: (args) => new PickledObject(className, args) },
];

/** Of a class whose objects are what they are made from: a list of items. */
const sequence = (className: string): [string, GlobalRule] => [
  className,
  { construct: ([items]) => (Array.isArray(items) ? [...items] : []) },
];

/** Of a name that is only mentioned. */
const mention = (name: string): [string, GlobalRule] => [name, {}];

/**
 * Every class and function that a pickle of weights may name, and what it becomes here: plain data. Modules that
 * were renamed are there under both names.
 */
const GLOBALS: ReadonlyMap<string, GlobalRule> = new Map<string, GlobalRule>([
  ['collections.OrderedDict', { construct: ordered }],
  ['collections.defaultdict', { construct: () => new PickleMap() }],
  ['collections.Counter', { construct: ([map]) => (map instanceof PickleMap ? map : new PickleMap()) }],
  ...['builtins', '__builtin__'].flatMap((module) => [
    sequence(`${module}.set`),
    sequence(`${module}.frozenset`),
    ...['dict', 'list', 'int', 'float', 'str', 'bool'].map((name) => mention(`${module}.${name}`)),
  ]),
  ['_codecs.encode', { construct: encodeLatin1 }],
  ['torch._utils._rebuild_tensor', { construct: rebuildTensor }],
  ['torch._utils._rebuild_tensor_v2', { construct: rebuildTensor }],
  ['torch._utils._rebuild_tensor_v3', { construct: rebuildTypedTensor }],
  ['torch._utils._rebuild_parameter', { construct: rebuildParameter }],
  ['torch._utils._rebuild_parameter_with_state', { construct: rebuildParameter }],
  sequence('torch.Size'),
  inert('torch.device'),
  inert('argparse.Namespace'),
  ...['PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath'].map((name) => inert(`pathlib.${name}`)),
  inert('numpy.dtype'),
  mention('numpy.ndarray'),
  ...['numpy.core', 'numpy._core'].flatMap((module) => [
    inert(`${module}.multiarray.scalar`),
    inert(`${module}.multiarray._reconstruct`),
    // How protocol 5 writes arrays.
    inert(`${module}.numeric._frombuffer`),
  ]),
]);

/** Storages of any type ("torch.FloatStorage", "torch.cuda.HalfStorage"), and types ("torch.float32"). */
const STORAGE = /^torch\.(?:cuda\.|storage\.)?(\w+)Storage$/;
const TYPE =
  /^torch\.(?:float|bfloat|complex|u?int)\d+\w*$|^torch\.(?:bool|double|float|half|int|long|short)$/;

/** The rule of a global, by its full name; `undefined` for one that weights do not consist of. */
export function torchGlobal(name: string): GlobalRule | undefined {
  const known = GLOBALS.get(name);
  if (known !== undefined) return known;
  return STORAGE.test(name) || TYPE.test(name) ? {} : undefined;
}

/**
 * The storage that a persistent identifier stands for: ("storage", class, key, device, elements), and in legacy
 * files a view of another one, which must be none.
 */
export function persistentStorage(id: PickleValue): PickledStorage {
  if (Array.isArray(id)) {
    const [kind, type, key, , elements, view = null] = id;
    const typeName = type instanceof GlobalName ? STORAGE.exec(type.name)?.[1] : undefined;
    const isStorage =
      kind === 'storage' && typeName !== undefined && typeof key === 'string' && view === null;
    if (isStorage && isCount(elements)) return new PickledStorage(key, typeName, elements);
  }
  throw new PickleError('a reference to the numbers of a tensor is not as PyTorch writes it');
}

function ordered([items]: readonly PickleValue[]): PickleMap {
  const pairs = Array.isArray(items) ? items : [];
  return new PickleMap(
    pairs.map((pair): [PickleValue, PickleValue] => {
      if (!Array.isArray(pair) || pair.length !== 2) throw new PickleError('a dictionary has a wrong entry');
      return [pair[0] ?? null, pair[1] ?? null];
    }),
  );
}

/** Axes of the tensors with the most; PyTorch allows no more. */
const MOST_AXES = 64;

/** How pickles of protocol 2 write bytes: as the text of the same codes. */
function encodeLatin1([text, encoding]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1')
    throw new PickleError('it encodes a text in no known way');
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** (storage, offset, shape, strides, …) */
function rebuildTensor(args: readonly PickleValue[]): PickledTensor {
  const [storage, offset, shape, strides] = args;
  const whole =
    storage instanceof PickledStorage && isInteger(offset) && isIntegers(shape) && isIntegers(strides);
  if (!whole || shape.length !== strides.length || shape.length > MOST_AXES) {
    throw new PickleError('a tensor in it is not as PyTorch writes it');
  }
  return new PickledTensor({ storage, offset, shape, strides });
}

/** (storage, offset, shape, strides, requires_grad, hooks, type, …) */
function rebuildTypedTensor(args: readonly PickleValue[]): PickledTensor {
  const type = args[6];
  if (!(type instanceof GlobalName)) throw new PickleError('a tensor in it is not as PyTorch writes it');
  return new PickledTensor({ ...rebuildTensor(args), typeName: type.name });
}

function rebuildParameter([tensor]: readonly PickleValue[]): PickledTensor {
  if (!(tensor instanceof PickledTensor)) throw new PickleError('a parameter in it is no tensor');
  return tensor;
}

function isInteger(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isCount(value: PickleValue | undefined): value is number {
  return isInteger(value) && value >= 0;
}

function isIntegers(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isInteger);
}
