import { ByteReader } from './byte-reader.ts';
import {
  ForbiddenGlobalError,
  GlobalName,
  PickledObject,
  PickledTensor,
  PickleError,
  PickleMap,
  type PickleValue,
} from './values.ts';

/** What may be done with a class or function that a pickle names. */
export interface GlobalRule {
  /** What a call of it yields; it cannot be called if left out. Throws a `PickleError` for wrong arguments. */
  readonly construct?: (args: readonly PickleValue[]) => PickleValue;
}

/** What a pickle may refer to. */
export interface PickleEnvironment {
  /** The rule of a global, by its full name; `undefined` refuses it. */
  readonly globals: (name: string) => GlobalRule | undefined;
  /** What a persistent identifier stands for. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

/**
 * The stack machine that pickles are programs of (Python's `pickletools` documents it). It builds data and calls
 * nothing but the rules of its environment. There is no recursion in it: nesting of any depth takes room in
 * arrays only.
 */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly #environment: PickleEnvironment;
  readonly #memo = new Map<number, PickleValue>();
  /** Where the stack was when each open mark was set. */
  readonly #marks: number[] = [];
  readonly #stack: PickleValue[] = [];

  constructor(bytes: Uint8Array, position: number, environment: PickleEnvironment) {
    this.reader = new ByteReader(bytes, position);
    this.#environment = environment;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const top = this.top();
    this.#stack.pop();
    return top;
  }

  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw new PickleError('it takes a value where there is none');
    }
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** The values since the last mark, taken off with it. */
  popToMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) throw new PickleError('it goes back to a mark that was never set');
    return this.#stack.splice(start);
  }

  popArray(): PickleValue[] {
    const value = this.pop();
    if (!Array.isArray(value)) throw new PickleError('it has something else where a list should be');
    return value;
  }

  topArray(): PickleValue[] {
    const value = this.top();
    if (!Array.isArray(value)) throw new PickleError('it adds items to something that is no list');
    return value;
  }

  popText(): string {
    const value = this.pop();
    if (typeof value !== 'string') throw new PickleError('it has something else where a text should be');
    return value;
  }

  /** Sets entries, keys and values in turn, of the dictionary on top. */
  setItems(items: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof PickleMap))
      throw new PickleError('it sets entries of something that is no dictionary');
    if (items.length % 2 !== 0) throw new PickleError('it has a key without a value');
    for (let i = 0; i < items.length; i += 2) map.set(items[i] ?? null, items[i + 1] ?? null);
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError('it recalls a value that it never stored');
    this.push(value);
  }

  /** Names a class or function, if that is allowed. */
  name(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (this.#environment.globals(full) === undefined) throw new ForbiddenGlobalError(full);
    this.push(new GlobalName(full));
  }

  /** Calls what lies under the arguments. */
  call(args: readonly PickleValue[]): void {
    const called = this.pop();
    const rule = called instanceof GlobalName ? this.#environment.globals(called.name) : undefined;
    if (rule?.construct === undefined) throw new PickleError('it calls something that cannot be called');
    this.push(rule.construct(args));
  }

  /** Sets the state of the object on top; what containers and tensors have as state is no part of their data. */
  build(state: PickleValue): void {
    const target = this.top();
    if (target instanceof PickledObject) target.state = state;
    else if (!(target instanceof PickleMap || target instanceof PickledTensor)) {
      throw new PickleError('it sets the state of something that has none');
    }
  }

  persistent(id: PickleValue): void {
    this.push(this.#environment.persistent(id));
  }
}
