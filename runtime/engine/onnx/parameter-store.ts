import type { Tensor, TensorConstructor } from 'onnxruntime-node';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import {
  EngineError,
  type NamedTensor,
  type OptimizerKind,
  type OptimizerState,
  type OptimizerUpdate,
  type UpdateResult,
} from '../engine.ts';
import { type AveragesState, checkDecay, refuseInUse, stateInUse } from '../optimizer/averages.ts';
import { checkKind, checkMoments, OPTIMIZER_TRAITS } from '../optimizer/kinds.ts';
import { ParameterArena } from '../optimizer/parameter-arena.ts';
import { clipGradients, takeStep } from '../optimizer/take-step.ts';
import type { GraphParameters } from './graph-parameters.ts';
import { type ArrayOf, checkedLoad, officialCopies, officialViews } from './official-tensors.ts';

/** What a store must know of a model. */
export interface StoredModel {
  /** The model's name, for messages. */
  readonly name: string;
  readonly parameters: readonly CompiledParameter[];
}

/**
 * The parameters of a model in WebAssembly memory, where ONNX Runtime reads them and writes their gradients, with the
 * optimizer beside them. All numbers are zero at first.
 */
export class ParameterStore implements GraphParameters {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly #model: StoredModel;
  readonly #trainable: readonly CompiledParameter[];
  readonly #Tensor: TensorConstructor;
  readonly #arena: ParameterArena;
  /** Batches since the last update. */
  #accumulated = 0;
  #kind: OptimizerKind = 'adamw';
  #step = 0;
  #averages: AveragesState = 'none';

  constructor(model: StoredModel, Tensor: TensorConstructor) {
    this.#model = model;
    this.#trainable = model.parameters.filter(({ trainable }) => trainable);
    this.#Tensor = Tensor;
    this.#arena = new ParameterArena(
      model.parameters.map(({ name, shape, trainable }) => {
        return { name, elements: shape.reduce((product, side) => product * side, 1), trainable };
      }),
    );
    this.feeds = this.#tensors(model.parameters, '', ({ name }) => this.#arena.value(name));
  }

  /**
   * Where the graph that is run next writes its gradients, by output: in place, so the copies that the binding returns
   * besides are to be ignored. `keepGradients` must follow when it has run.
   */
  gradientOutputs(): Record<string, Tensor> {
    refuseInUse(this.#averages, 'no gradients can be accumulated');
    return this.#tensors(this.#trainable, 'gradient:', ({ name }) => this.#written(name));
  }

  /** Adds the gradients that were written to those of earlier batches. */
  async keepGradients(): Promise<void> {
    if (this.#accumulated > 0) {
      for (const { name } of this.#trainable) {
        this.#arena.axpy(this.#arena.gradient(name), this.#written(name), 1);
      }
    }
    this.#accumulated++;
  }

  /** They were written where the next ones will be. */
  discardGradients(): void {}

  async setState(name: string, stored: Float32Array): Promise<void> {
    this.#arena.value(name).set(stored);
  }

  async readGradients(): Promise<NamedTensor[]> {
    if (this.#accumulated === 0) this.#arena.zeroGradients();
    return officialCopies(this.#trainable, ({ name }) => this.#arena.gradient(name));
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    refuseInUse(this.#averages, 'no parameters can be loaded');
    const value: ArrayOf = ({ name }) => this.#arena.value(name);
    this.#checked('parameter', this.#model.parameters, value, parameters)();
    this.#averages = 'none';
  }

  async readParameters(): Promise<NamedTensor[]> {
    const swapped = this.#averages === 'in-use';
    return officialCopies(this.#model.parameters, ({ name, trainable }) =>
      swapped && trainable ? this.#arena.average(name) : this.#arena.value(name),
    );
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    checkMoments(state);
    const first: ArrayOf = ({ name }) => this.#arena.firstMoment(name);
    const second: ArrayOf = ({ name }) => this.#arena.secondMoment(name);
    const ofSecond = OPTIMIZER_TRAITS[state.kind].secondMoments ? this.#trainable : [];
    const write = [
      this.#checked('first moment', this.#trainable, first, state.firstMoments),
      this.#checked('second moment', ofSecond, second, state.secondMoments),
    ];
    for (const each of write) each();
    this.#kind = state.kind;
    this.#step = state.step;
  }

  async readOptimizerState(): Promise<OptimizerState> {
    const ofSecond = OPTIMIZER_TRAITS[this.#kind].secondMoments ? this.#trainable : [];
    return {
      kind: this.#kind,
      step: this.#step,
      firstMoments: officialViews(this.#trainable, ({ name }) => this.#arena.firstMoment(name)),
      secondMoments: officialViews(ofSecond, ({ name }) => this.#arena.secondMoment(name)),
    };
  }

  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    refuseInUse(this.#averages, 'no step can be taken');
    if (this.#accumulated === 0) throw new EngineError('an update needs gradients: accumulate a batch first');
    checkKind({ kind: this.#kind, step: this.#step }, update.kind);
    const { clip } = update;
    const result =
      clip === undefined ? {} : { gradientNorm: clipGradients(this.#arena, this.#trainable, clip) };
    this.#begin(update.kind);
    takeStep(this.#arena, this.#trainable, update, this.#step + 1);
    this.#step++;
    this.#accumulated = 0;
    return result;
  }

  async updateAverages(decay: number): Promise<void> {
    checkDecay(decay);
    refuseInUse(this.#averages, 'the averages cannot be updated');
    for (const { name } of this.#trainable) {
      const [average, value] = [this.#arena.average(name), this.#arena.value(name)];
      if (this.#averages === 'none') average.set(value);
      else this.#arena.lerp(average, value, 1 - decay);
    }
    this.#averages = 'kept';
  }

  async readAverages(): Promise<NamedTensor[]> {
    if (this.#averages === 'none') return [];
    return officialViews(this.#trainable, ({ name }) =>
      this.#averages === 'in-use' ? this.#arena.value(name) : this.#arena.average(name),
    );
  }

  async loadAverages(averages: Iterable<NamedTensor>): Promise<void> {
    refuseInUse(this.#averages, 'no averages can be loaded');
    this.#checked('average', this.#trainable, ({ name }) => this.#arena.average(name), averages)();
    this.#averages = 'kept';
  }

  async useAverages(on: boolean): Promise<void> {
    const next = stateInUse(this.#averages, on);
    if (next === this.#averages) return;
    for (const { name } of this.#trainable)
      this.#arena.swap(this.#arena.value(name), this.#arena.average(name));
    this.#averages = next;
  }

  /** The memory goes with the store. */
  async dispose(): Promise<void> {}

  /** Moments that another optimizer was to begin with are not this one's. */
  #begin(kind: OptimizerKind): void {
    if (kind === this.#kind) return;
    for (const { name } of this.#trainable) {
      this.#arena.firstMoment(name).fill(0);
      if (OPTIMIZER_TRAITS[kind].secondMoments) this.#arena.secondMoment(name).fill(0);
    }
    this.#kind = kind;
  }

  /** Where the gradients of the batch after those accumulated go. */
  #written(name: string): Float32Array {
    return this.#accumulated === 0 ? this.#arena.gradient(name) : this.#arena.microBatchGradient(name);
  }

  #tensors(
    parameters: readonly CompiledParameter[],
    prefix: string,
    arrayOf: ArrayOf,
  ): Record<string, Tensor> {
    return Object.fromEntries(
      parameters.map((parameter) => {
        const tensor = new this.#Tensor('float32', arrayOf(parameter), parameter.storedShape);
        return [prefix + parameter.name, tensor];
      }),
    );
  }

  #checked(
    what: string,
    parameters: readonly CompiledParameter[],
    arrayOf: ArrayOf,
    tensors: Iterable<NamedTensor>,
  ): () => void {
    return checkedLoad({ model: this.#model.name, what, parameters, arrayOf }, tensors);
  }
}
