import type { CompiledParameter } from '../../../model/compiled-spec.ts';
import type {
  OptimizerKind,
  OptimizerSettingsByKind,
  OptimizerState,
  OptimizerUpdate,
  StepSettings,
  UpdateResult,
} from '../../engine.ts';
import { checkKind, OPTIMIZER_TRAITS } from '../../optimizer/kinds.ts';
import { clipFactor, parameterStep } from '../../optimizer/step-settings.ts';
import type { MatchedTensor } from '../official-tensors.ts';
import { floatsOf, type GpuTensors } from './gpu-tensors.ts';
import { PROGRAM_OPTIMIZERS, type StepProgram } from './optimizers.ts';
import { SCALE, SQUARES } from './programs.ts';
import { readTables, TensorTable } from './tensor-table.ts';

/** Steps and moments of trainable parameters in the graphics device's memory. */
export class GpuOptimizer {
  /** Empty, which means zeros, until the first step. */
  readonly first = new TensorTable('first moment');
  readonly second = new TensorTable('second moment');
  readonly #gpu: GpuTensors;
  readonly #trainable: readonly CompiledParameter[];
  readonly #values: TensorTable;
  readonly #gradients: TensorTable;
  #kind: OptimizerKind = 'adamw';
  #step = 0;

  constructor(
    gpu: GpuTensors,
    trainable: readonly CompiledParameter[],
    values: TensorTable,
    gradients: TensorTable,
  ) {
    this.#gpu = gpu;
    this.#trainable = trainable;
    this.#values = values;
    this.#gradients = gradients;
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  /** Whether micro-batches wait for a step. */
  get hasGradients(): boolean {
    return !this.#gradients.isEmpty;
  }

  /** Takes a step with the gradients, and clears them. */
  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    checkKind({ kind: this.#kind, step: this.#step }, update.kind);
    const norm = update.clip === undefined ? undefined : await this.#gradientNorm();
    if (norm !== undefined) await this.#scaleGradients(clipFactor(norm, update.clip ?? norm));
    await this.begin(update.kind);
    await this.#takeStep(update.kind, update);
    this.countStep();
    this.#gradients.clear();
    return norm === undefined ? {} : { gradientNorm: norm };
  }

  /** Makes moments ready for a step of an optimizer: those that another was to begin with are not its own. */
  async begin(kind: OptimizerKind): Promise<void> {
    checkKind({ kind: this.#kind, step: this.#step }, kind);
    if (kind !== this.#kind) this.#clearMoments();
    this.#kind = kind;
    if (this.first.isEmpty) await this.first.fillZeros(this.#gpu, this.#trainable);
    const { secondMoments } = OPTIMIZER_TRAITS[kind];
    if (secondMoments && this.second.isEmpty) await this.second.fillZeros(this.#gpu, this.#trainable);
  }

  countStep(): void {
    this.#step++;
  }

  async load(
    { kind, step }: Pick<OptimizerState, 'kind' | 'step'>,
    first: readonly MatchedTensor[],
    second: readonly MatchedTensor[],
  ): Promise<void> {
    this.#clearMoments();
    await this.first.load(this.#gpu, first);
    await this.second.load(this.#gpu, second);
    this.#kind = kind;
    this.#step = step;
  }

  async read(): Promise<OptimizerState> {
    const ofSecond = OPTIMIZER_TRAITS[this.#kind].secondMoments ? this.#trainable : [];
    return {
      kind: this.#kind,
      step: this.#step,
      firstMoments: await readTables(this.#gpu, this.#trainable, () => this.first),
      secondMoments: await readTables(this.#gpu, ofSecond, () => this.second),
    };
  }

  dispose(): void {
    this.#clearMoments();
  }

  #clearMoments(): void {
    this.first.clear();
    this.second.clear();
  }

  async #takeStep<Kind extends OptimizerKind>(
    kind: Kind,
    settings: OptimizerSettingsByKind[Kind] & StepSettings,
  ): Promise<void> {
    const optimizer = PROGRAM_OPTIMIZERS[kind];
    const { secondMoments } = OPTIMIZER_TRAITS[kind];
    const byProgram = new Map<string, { program: StepProgram; parameters: CompiledParameter[] }>();
    for (const parameter of this.#trainable) {
      const program = optimizer.program(settings, parameter);
      const group = byProgram.get(program.name) ?? { program, parameters: [] };
      group.parameters.push(parameter);
      byProgram.set(program.name, group);
    }
    for (const { program, parameters } of byProgram.values()) {
      const lanes = parameters.map((parameter) => {
        const { name } = parameter;
        const step = parameterStep(settings, parameter, this.#step + 1);
        const moments = {
          first: this.first.get(name),
          ...(secondMoments ? { second: this.second.get(name) } : {}),
        };
        const tensors = { value: this.#values.get(name), gradient: this.#gradients.get(name), ...moments };
        return { name, tensors, numbers: optimizer.numbers(settings, step) };
      });
      for await (const { lane, results } of this.#gpu.run(program, lanes)) {
        if (results.value) this.#values.set(lane.name, results.value);
        if (results.first) this.first.set(lane.name, results.first);
        if (results.second) this.second.set(lane.name, results.second);
      }
    }
  }

  /** The global L2 norm; each gradient's squares are summed on the device, in float32. */
  async #gradientNorm(): Promise<number> {
    const lanes = this.#trainable.map(({ name }) => ({ tensors: { tensor: this.#gradients.get(name) } }));
    let sum = 0;
    for await (const { results } of this.#gpu.run(SQUARES, lanes)) {
      sum += results.squares ? (floatsOf(results.squares)[0] ?? 0) : 0;
    }
    return Math.sqrt(sum);
  }

  async #scaleGradients(factor: number): Promise<void> {
    if (!(factor < 1)) return;
    const lanes = this.#trainable.map(({ name }) => {
      return { name, tensors: { tensor: this.#gradients.get(name) }, numbers: [factor] };
    });
    for await (const { lane, results } of this.#gpu.run(SCALE, lanes)) {
      if (results.scaled) this.#gradients.set(lane.name, results.scaled);
    }
  }
}
