import type { CompiledParameter } from '../../../model/compiled-spec.ts';
import { EngineError, type OptimizerUpdate } from '../../engine.ts';
import type { StepInputs, StepParameters } from '../graph-parameters.ts';
import type { GraphResults } from '../graph-runner.ts';
import type { GpuOptimizer } from './gpu-optimizer.ts';
import type { TensorTable } from './tensor-table.ts';

/** Feeds a graph with AdamW inside from tables of parameters and moments, and takes the next ones from its outputs. */
export class CompiledStep implements StepParameters {
  readonly outputs: readonly string[];
  readonly #optimizer: GpuOptimizer;
  readonly #trainable: readonly CompiledParameter[];
  /** By the prefix of an output, the table that its tensors go into. */
  readonly #tables: readonly (readonly [prefix: string, table: TensorTable])[];
  /** Throws while no step may be taken. */
  readonly #check: () => void;

  constructor(
    optimizer: GpuOptimizer,
    trainable: readonly CompiledParameter[],
    values: TensorTable,
    check: () => void,
  ) {
    this.#optimizer = optimizer;
    this.#trainable = trainable;
    this.#check = check;
    this.#tables = [
      ['next:', values],
      ['next-first-moment:', optimizer.first],
      ['next-second-moment:', optimizer.second],
    ];
    this.outputs = this.#tables.flatMap(([prefix]) => trainable.map(({ name }) => prefix + name));
  }

  async begin(update: OptimizerUpdate): Promise<StepInputs> {
    this.#check();
    if (this.#optimizer.hasGradients) {
      throw new EngineError('gradients of other batches wait for an update: take it first');
    }
    if (update.kind !== 'adamw')
      throw new EngineError(`the compiled step has AdamW inside, not ${update.kind}`);
    await this.#optimizer.begin(update.kind);
    const taken = this.#optimizer.step + 1;
    const [beta1, beta2] = update.betas;
    return {
      moments: {
        ...this.#optimizer.first.feeds('first-moment:'),
        ...this.#optimizer.second.feeds('second-moment:'),
      },
      learningRate: update.learningRate,
      biasCorrections: [1 - beta1 ** taken, 1 - beta2 ** taken],
    };
  }

  take(results: GraphResults): void {
    for (const [prefix, table] of this.#tables) {
      for (const { name } of this.#trainable) table.set(name, results.tensor(prefix + name));
    }
    this.#optimizer.countStep();
  }

  discard(results: GraphResults): void {
    for (const output of this.outputs) results.tensor(output).dispose();
  }
}
