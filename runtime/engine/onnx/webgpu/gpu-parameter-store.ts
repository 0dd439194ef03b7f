import type { CompiledParameter } from '../../../model/compiled-spec.ts';
import {
  EngineError,
  type NamedTensor,
  type OptimizerState,
  type OptimizerUpdate,
  type UpdateResult,
} from '../../engine.ts';
import { type AveragesState, checkDecay, refuseInUse, stateInUse } from '../../optimizer/averages.ts';
import { checkMoments, OPTIMIZER_TRAITS } from '../../optimizer/kinds.ts';
import type { GraphParameters, StepParameters } from '../graph-parameters.ts';
import type { GraphResults } from '../graph-runner.ts';
import { matchTensors } from '../official-tensors.ts';
import type { OnnxRuntime } from '../onnx-runtime.ts';
import type { StoredModel } from '../parameter-store.ts';
import { CompiledStep } from './compiled-step.ts';
import { GpuOptimizer } from './gpu-optimizer.ts';
import { GpuTensors } from './gpu-tensors.ts';
import { ADD, MOVE, UPLOAD } from './programs.ts';
import { readTables, TensorTable } from './tensor-table.ts';

/**
 * The parameters of a model in the graphics device's memory, with gradients, moments and averages: from step to step nothing of
 * them is read back. Nothing is there until parameters are loaded.
 */
export class GpuParameterStore implements GraphParameters {
  readonly compiledStep: StepParameters;
  readonly #model: StoredModel;
  readonly #trainable: readonly CompiledParameter[];
  readonly #gpu: GpuTensors;
  readonly #values = new TensorTable('value');
  readonly #gradients = new TensorTable('gradient');
  readonly #averages = new TensorTable('average');
  readonly #optimizer: GpuOptimizer;
  #averagesState: AveragesState = 'none';

  private constructor(model: StoredModel, gpu: GpuTensors) {
    this.#model = model;
    this.#trainable = model.parameters.filter(({ trainable }) => trainable);
    this.#gpu = gpu;
    this.#optimizer = new GpuOptimizer(gpu, this.#trainable, this.#values, this.#gradients);
    this.compiledStep = new CompiledStep(this.#optimizer, this.#trainable, this.#values, () =>
      refuseInUse(this.#averagesState, 'no step can be taken'),
    );
  }

  /** Throws an `EngineError` where there is no adapter. */
  static async create(model: StoredModel, runtime: OnnxRuntime): Promise<GpuParameterStore> {
    const gpu = new GpuTensors(runtime);
    const probe = await gpu.upload(Float32Array.of(1), [1]);
    probe.dispose();
    return new GpuParameterStore(model, gpu);
  }

  get feeds() {
    return this.#values.feeds();
  }

  gradientOutputs(): Record<string, null> {
    refuseInUse(this.#averagesState, 'no gradients can be accumulated');
    return Object.fromEntries(this.#trainable.map(({ name }) => [`gradient:${name}`, null]));
  }

  async keepGradients(results: GraphResults): Promise<void> {
    const fresh = this.#trainable.map(({ name }) => ({ name, tensor: results.tensor(`gradient:${name}`) }));
    if (this.#gradients.isEmpty) {
      for (const { name, tensor } of fresh) this.#gradients.set(name, tensor);
      return;
    }
    const lanes = fresh.map(({ name, tensor }) => {
      return { name, tensors: { sum: this.#gradients.get(name), tensor } };
    });
    for await (const { lane, results } of this.#gpu.run(ADD, lanes)) {
      if (results.sum) this.#gradients.set(lane.name, results.sum);
      lane.tensors.tensor.dispose();
    }
  }

  discardGradients(results: GraphResults): void {
    for (const { name } of this.#trainable) results.tensor(`gradient:${name}`).dispose();
  }

  async setState(name: string, stored: Float32Array): Promise<void> {
    const dims = this.#model.parameters.find((parameter) => parameter.name === name)?.storedShape ?? [];
    this.#values.set(name, await this.#gpu.upload(stored, dims));
  }

  readGradients(): Promise<NamedTensor[]> {
    return readTables(this.#gpu, this.#trainable, () => this.#gradients);
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    refuseInUse(this.#averagesState, 'no parameters can be loaded');
    await this.#values.load(
      this.#gpu,
      matchTensors(this.#group('parameter', this.#model.parameters), parameters),
    );
    this.#averages.clear();
    this.#averagesState = 'none';
  }

  readParameters(): Promise<NamedTensor[]> {
    const swapped = this.#averagesState === 'in-use';
    return readTables(this.#gpu, this.#model.parameters, ({ trainable }) =>
      swapped && trainable ? this.#averages : this.#values,
    );
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    checkMoments(state);
    const ofSecond = OPTIMIZER_TRAITS[state.kind].secondMoments ? this.#trainable : [];
    const first = matchTensors(this.#group('first moment', this.#trainable), state.firstMoments);
    const second = matchTensors(this.#group('second moment', ofSecond), state.secondMoments);
    await this.#optimizer.load(state, first, second);
  }

  readOptimizerState(): Promise<OptimizerState> {
    return this.#optimizer.read();
  }

  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    refuseInUse(this.#averagesState, 'no step can be taken');
    if (this.#gradients.isEmpty) {
      throw new EngineError('an update needs gradients: accumulate a batch first');
    }
    return this.#optimizer.update(update);
  }

  async updateAverages(decay: number): Promise<void> {
    checkDecay(decay);
    refuseInUse(this.#averagesState, 'the averages cannot be updated');
    const values = this.#trainable.map(({ name }) => ({ name, value: this.#values.get(name) }));
    if (this.#averagesState === 'none') {
      const lanes = values.map(({ name, value }) => ({ name, tensors: { tensor: value } }));
      for await (const { lane, results } of this.#gpu.run(UPLOAD, lanes)) {
        if (results.copy) this.#averages.set(lane.name, results.copy);
      }
    } else {
      const lanes = values.map(({ name, value }) => {
        return { name, tensors: { average: this.#averages.get(name), value }, numbers: [1 - decay] };
      });
      for await (const { lane, results } of this.#gpu.run(MOVE, lanes)) {
        if (results.average) this.#averages.set(lane.name, results.average);
      }
    }
    this.#averagesState = 'kept';
  }

  async readAverages(): Promise<NamedTensor[]> {
    if (this.#averagesState === 'none') return [];
    const table = this.#averagesState === 'in-use' ? this.#values : this.#averages;
    return readTables(this.#gpu, this.#trainable, () => table);
  }

  async loadAverages(averages: Iterable<NamedTensor>): Promise<void> {
    refuseInUse(this.#averagesState, 'no averages can be loaded');
    await this.#averages.load(this.#gpu, matchTensors(this.#group('average', this.#trainable), averages));
    this.#averagesState = 'kept';
  }

  async useAverages(on: boolean): Promise<void> {
    const next = stateInUse(this.#averagesState, on);
    if (next === this.#averagesState) return;
    for (const { name } of this.#trainable) this.#values.swap(this.#averages, name);
    this.#averagesState = next;
  }

  async dispose(): Promise<void> {
    for (const table of [this.#values, this.#gradients, this.#averages]) table.clear();
    this.#optimizer.dispose();
    await this.#gpu.dispose();
  }

  #group(what: string, parameters: readonly CompiledParameter[]) {
    return { model: this.#model.name, what, parameters };
  }
}
