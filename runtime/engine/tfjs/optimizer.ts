import * as tf from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { type AdamWUpdate, EngineError, type NamedTensor, type OptimizerState } from '../engine.ts';
import { adamw } from './adamw.ts';
import { checkTensors, readTensors, storedTensor } from './named-tensors.ts';
import type { ParameterStore } from './parameters.ts';

type Moments = {
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
};

/** Gradients and AdamW's moments of a model's trainable parameters, on the backend, in the layout of the parameters. */
export class Optimizer {
  readonly #store: ParameterStore;
  readonly #trainable: readonly CompiledParameter[];
  /** By parameter; empty until the first batch after an update. */
  #gradients = new Map<string, tf.Tensor>();
  /** By parameter; empty, which means zeros, until the first update. */
  #moments = new Map<string, Moments>();
  #step = 0;

  constructor(store: ParameterStore, parameters: readonly CompiledParameter[]) {
    this.#store = store;
    this.#trainable = parameters.filter(({ trainable }) => trainable);
  }

  /** Adds `weight` times the gradient of a loss, which is returned: a scalar that the caller disposes of. */
  accumulate(loss: () => tf.Scalar, weight: number): tf.Scalar {
    const variables = this.#trainable.map(({ name }) => this.#store.variable(name));
    const sums = new Map<string, tf.Tensor>();
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      for (const { name } of this.#trainable) {
        const gradient = grads[this.#store.variable(name).name];
        if (!gradient) throw new EngineError(`the loss does not depend on ${name}`);
        const share = weight === 1 ? gradient : tf.mul(gradient, weight);
        const before = this.#gradients.get(name);
        sums.set(name, tf.keep(before ? tf.add(before, share) : share));
      }
      return value;
    });
    this.#setGradients(sums);
    return value;
  }

  /** Zeros where nothing has been accumulated. */
  readGradients(): Promise<NamedTensor[]> {
    return readTensors(this.#trainable, (name) => this.#gradients.get(name));
  }

  /** Takes one AdamW step and clears the gradients. */
  update(update: AdamWUpdate): void {
    if (this.#gradients.size === 0) {
      throw new EngineError('an update needs gradients: accumulate a batch first');
    }
    const step = this.#step + 1;
    for (const { name, decay } of this.#trainable) {
      const settings = decay ? update : { ...update, weightDecay: 0 };
      this.#setMoments(
        name,
        tf.tidy(() => this.#updateOne(name, settings, step)),
      );
    }
    this.#step = step;
    this.#setGradients(new Map());
  }

  #updateOne(name: string, update: AdamWUpdate, step: number): Moments {
    const parameter = this.#store.variable(name);
    const moments = this.#moments.get(name);
    const tensors = {
      parameter,
      firstMoment: moments?.first ?? tf.zerosLike(parameter),
      secondMoment: moments?.second ?? tf.zerosLike(parameter),
    };
    const gradient = this.#gradients.get(name) ?? tf.zerosLike(parameter);
    const next = adamw(tensors, gradient, update, step);
    parameter.assign(next.parameter);
    return { first: tf.keep(next.firstMoment), second: tf.keep(next.secondMoment) };
  }

  /** Throws an `EngineError`, and changes nothing, when a moment is missing or of another shape. */
  load(state: OptimizerState): void {
    const first = checkTensors('first moments', state.firstMoments, this.#trainable);
    const second = checkTensors('second moments', state.secondMoments, this.#trainable);
    for (const parameter of this.#trainable) {
      this.#setMoments(parameter.name, {
        first: storedTensor(parameter, first(parameter.name)),
        second: storedTensor(parameter, second(parameter.name)),
      });
    }
    this.#step = state.step;
  }

  async read(): Promise<OptimizerState> {
    return {
      step: this.#step,
      firstMoments: await readTensors(this.#trainable, (name) => this.#moments.get(name)?.first),
      secondMoments: await readTensors(this.#trainable, (name) => this.#moments.get(name)?.second),
    };
  }

  dispose(): void {
    this.#setGradients(new Map());
    for (const { first, second } of this.#moments.values()) tf.dispose([first, second]);
    this.#moments.clear();
  }

  #setGradients(gradients: Map<string, tf.Tensor>): void {
    tf.dispose([...this.#gradients.values()]);
    this.#gradients = gradients;
  }

  #setMoments(name: string, moments: Moments): void {
    const before = this.#moments.get(name);
    if (before) tf.dispose([before.first, before.second]);
    this.#moments.set(name, moments);
  }
}
