import * as tf from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { EngineError, type NamedTensor } from '../engine.ts';
import { type AveragesState, checkDecay, refuseInUse, stateInUse } from '../optimizer/averages.ts';
import { checkTensors, readTensors, storedTensor } from './named-tensors.ts';
import type { Variables } from './parameters.ts';

/** The exponential moving averages of a model's trainable parameters; while these are in use, the parameters themselves. */
export class Averages {
  readonly #variables: Variables;
  readonly #trainable: readonly CompiledParameter[];
  #state: AveragesState = 'none';
  /** By parameter: its average, or while averages are in use its trained value. */
  readonly #kept = new Map<string, tf.Tensor>();

  constructor(variables: Variables, trainable: readonly CompiledParameter[]) {
    this.#variables = variables;
    this.#trainable = trainable;
  }

  /** Throws an `EngineError` while the averages are in use. */
  refuseInUse(what: string): void {
    refuseInUse(this.#state, what);
  }

  update(decay: number): void {
    checkDecay(decay);
    this.refuseInUse('the averages cannot be updated');
    for (const { name } of this.#trainable) {
      const variable = this.#variables.variable(name);
      const before = this.#kept.get(name);
      const next = tf.tidy(() =>
        before ? tf.add(before, tf.mul(tf.sub(variable, before), 1 - decay)) : tf.clone(variable),
      );
      this.#keep(name, next);
    }
    this.#state = 'kept';
  }

  async read(): Promise<NamedTensor[]> {
    if (this.#state === 'none') return [];
    return readTensors(this.#trainable, ({ name }) =>
      this.#state === 'in-use' ? this.#variables.variable(name) : this.#kept.get(name),
    );
  }

  load(averages: Iterable<NamedTensor>): void {
    this.refuseInUse('no averages can be loaded');
    const numbers = checkTensors('averages', averages, this.#trainable);
    for (const parameter of this.#trainable) {
      this.#keep(parameter.name, storedTensor(parameter, numbers(parameter.name)));
    }
    this.#state = 'kept';
  }

  use(on: boolean): void {
    const next = stateInUse(this.#state, on);
    if (next === this.#state) return;
    for (const { name } of this.#trainable) {
      const variable = this.#variables.variable(name);
      const other = this.#kept.get(name);
      if (!other) throw new EngineError(`the parameter ${name} has no average`);
      // Neither copies any numbers: both only point to others.
      const current = tf.clone(variable);
      variable.assign(other);
      this.#keep(name, current);
    }
    this.#state = next;
  }

  /** The trained value of a parameter, in use or not. */
  trained({ name, trainable }: CompiledParameter): tf.Tensor | undefined {
    return this.#state === 'in-use' && trainable ? this.#kept.get(name) : this.#variables.variable(name);
  }

  clear(): void {
    tf.dispose([...this.#kept.values()]);
    this.#kept.clear();
    this.#state = 'none';
  }

  #keep(name: string, tensor: tf.Tensor): void {
    this.#kept.get(name)?.dispose();
    this.#kept.set(name, tensor);
  }
}
