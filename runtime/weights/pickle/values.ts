/**
 * What a pickle is read into: plain data and names. Lists, tuples and sets are arrays; dictionaries are maps;
 * what would be an object in Python is a record of its class's name and of what it was made from. Values may
 * be shared and may contain themselves.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleMap
  | PickledObject
  | GlobalName
  | PickledStorage
  | PickledTensor;

export class PickleMap extends Map<PickleValue, PickleValue> {}

/** A class or function that the pickle names, as "collections.OrderedDict". */
export class GlobalName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An object that stays data: what it was to be constructed from, and the state that was to be set. */
export class PickledObject {
  readonly className: string;
  readonly args: readonly PickleValue[];
  state: PickleValue = null;

  constructor(className: string, args: readonly PickleValue[]) {
    this.className = className;
    this.args = args;
  }
}

/** The numbers of one or several tensors: where they lie is for the reader of the file to know. */
export class PickledStorage {
  readonly key: string;
  /** As in "torch.FloatStorage"; "Untyped" where the tensors say it. */
  readonly typeName: string;
  readonly elements: number;

  constructor(key: string, typeName: string, elements: number) {
    this.key = key;
    this.typeName = typeName;
    this.elements = elements;
  }
}

/** A view of a storage: element [i, j, …] is number offset + i * strides[0] + j * strides[1] + … of it. */
export class PickledTensor {
  readonly storage: PickledStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** As PyTorch names the type, when the storage does not say it: "torch.uint16". */
  readonly typeName: string | undefined;

  constructor(view: {
    readonly storage: PickledStorage;
    readonly offset: number;
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly typeName?: string;
  }) {
    this.storage = view.storage;
    this.offset = view.offset;
    this.shape = view.shape;
    this.strides = view.strides;
    this.typeName = view.typeName;
  }
}

/** Why a pickle cannot be read; whoever opened the file adds its name. */
export class PickleError extends Error {}

/** A pickle that asks for a class or function that is not among those that weights consist of. */
export class ForbiddenGlobalError extends PickleError {
  readonly global: string;

  constructor(global: string) {
    super(`it asks for ${global}`);
    this.global = global;
  }
}
