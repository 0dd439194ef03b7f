import * as tf from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import {
  EngineError,
  type NamedTensor,
  type OptimizerKind,
  type OptimizerSettingsByKind,
  type OptimizerState,
  type OptimizerUpdate,
  type UpdateResult,
} from '../engine.ts';
import { checkKind, checkMoments, OPTIMIZER_TRAITS } from '../optimizer/kinds.ts';
import { clipFactor, type ParameterStep, parameterStep } from '../optimizer/step-settings.ts';
import { checkTensors, readTensors, storedTensor } from './named-tensors.ts';
import type { Moments } from './optimizers/optimizer.ts';
import { TENSOR_OPTIMIZERS } from './optimizers/registry.ts';
import type { Variables } from './parameters.ts';

/** Gradients and moments of a model's trainable parameters, on the backend, in the layout of the parameters. */
export class Optimizer {
  readonly #variables: Variables;
  readonly #trainable: readonly CompiledParameter[];
  /** By parameter; empty until the first batch after an update. */
  #gradients = new Map<string, tf.Tensor>();
  /** By parameter; empty, which means zeros, until the first update. */
  #moments = new Map<string, Moments>();
  #kind: OptimizerKind = 'adamw';
  #step = 0;

  constructor(variables: Variables, trainable: readonly CompiledParameter[]) {
    this.#variables = variables;
    this.#trainable = trainable;
  }

  /** Adds `weight` times the gradient of a loss, which is returned: a scalar that the caller disposes of. */
  accumulate(loss: () => tf.Scalar, weight: number): tf.Scalar {
    const variables = this.#trainable.map(({ name }) => this.#variables.variable(name));
    const sums = new Map<string, tf.Tensor>();
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      for (const { name } of this.#trainable) {
        const gradient = grads[this.#variables.variable(name).name];
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
    return readTensors(this.#trainable, ({ name }) => this.#gradients.get(name));
  }

  /** Takes one step and clears the gradients; throws as the engines do. */
  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    if (this.#gradients.size === 0) {
      throw new EngineError('an update needs gradients: accumulate a batch first');
    }
    checkKind({ kind: this.#kind, step: this.#step }, update.kind);
    const norm = update.clip === undefined ? undefined : await this.#gradientNorm();
    const factor = norm === undefined ? 1 : clipFactor(norm, update.clip ?? norm);
    // Moments that another optimizer was to begin with are not this one's.
    if (update.kind !== this.#kind) this.#clearMoments();
    this.#kind = update.kind;
    for (const parameter of this.#trainable) {
      const taken = parameterStep(update, parameter, this.#step + 1);
      const moments = tf.tidy(() => this.#updateOne(update.kind, update, taken, factor));
      this.#setMoments(parameter.name, moments);
    }
    this.#step++;
    this.#setGradients(new Map());
    return norm === undefined ? {} : { gradientNorm: norm };
  }

  #updateOne<Kind extends OptimizerKind>(
    kind: Kind,
    settings: OptimizerSettingsByKind[Kind],
    taken: ParameterStep,
    factor: number,
  ): Moments {
    const { name } = taken.parameter;
    const parameter = this.#variables.variable(name);
    const whole = this.#gradients.get(name) ?? tf.zerosLike(parameter);
    const gradient = factor < 1 ? tf.mul(whole, factor) : whole;
    const next = TENSOR_OPTIMIZERS[kind](parameter, gradient, this.#moments.get(name), settings, taken);
    parameter.assign(next.parameter);
    for (const moment of tensorsOf(next.moments)) tf.keep(moment);
    return next.moments;
  }

  /** The global L2 norm; each gradient's squares are summed on the backend, in float32. */
  async #gradientNorm(): Promise<number> {
    const squares = tf.tidy(() =>
      tf.stack([...this.#gradients.values()].map((each) => tf.sum(tf.square(each)))),
    );
    const numbers = await squares.data<'float32'>();
    squares.dispose();
    return Math.sqrt(numbers.reduce((sum, square) => sum + square, 0));
  }

  /** Throws an `EngineError`, and changes nothing, when a moment is missing or of another shape. */
  load(state: OptimizerState): void {
    checkMoments(state);
    const { secondMoments } = OPTIMIZER_TRAITS[state.kind];
    const first = checkTensors('first moments', state.firstMoments, this.#trainable);
    const second = checkTensors('second moments', state.secondMoments, secondMoments ? this.#trainable : []);
    for (const parameter of this.#trainable) {
      const { name } = parameter;
      this.#setMoments(name, {
        first: storedTensor(parameter, first(name)),
        ...(secondMoments ? { second: storedTensor(parameter, second(name)) } : {}),
      });
    }
    this.#kind = state.kind;
    this.#step = state.step;
  }

  async read(): Promise<OptimizerState> {
    const ofSecond = OPTIMIZER_TRAITS[this.#kind].secondMoments ? this.#trainable : [];
    return {
      kind: this.#kind,
      step: this.#step,
      firstMoments: await readTensors(this.#trainable, ({ name }) => this.#moments.get(name)?.first),
      secondMoments: await readTensors(ofSecond, ({ name }) => this.#moments.get(name)?.second),
    };
  }

  dispose(): void {
    this.#setGradients(new Map());
    this.#clearMoments();
  }

  #setGradients(gradients: Map<string, tf.Tensor>): void {
    tf.dispose([...this.#gradients.values()]);
    this.#gradients = gradients;
  }

  #setMoments(name: string, moments: Moments): void {
    const before = this.#moments.get(name);
    if (before) tf.dispose(tensorsOf(before));
    this.#moments.set(name, moments);
  }

  #clearMoments(): void {
    for (const moments of this.#moments.values()) tf.dispose(tensorsOf(moments));
    this.#moments.clear();
  }
}

function tensorsOf({ first, second }: Moments): tf.Tensor[] {
  return second ? [first, second] : [first];
}
