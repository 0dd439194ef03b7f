import type { CompiledGraph, CompiledSpec } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import {
  type ChosenPrecision,
  EngineError,
  type LossScaleReport,
  type OptimizerState,
  type OptimizerUpdate,
  type UpdateResult,
} from '../engine.ts';
import { LossScaler } from '../loss-scale.ts';
import type { GraphParameters } from './graph-parameters.ts';
import type { GraphResults, GraphRunner } from './graph-runner.ts';
import { type OpenParameters, openParameters } from './open-parameters.ts';
import { type ChoosePrecision, choosePrecision } from './precision.ts';

/** What an engine finds out or is made of when it is opened. */
export interface EngineParts {
  readonly choosePrecision: ChoosePrecision;
  readonly openParameters: OpenParameters;
}

export const PARTS: EngineParts = { choosePrecision, openParameters };

/** A graph that the recipe asked for. Throws an `EngineError` where it was not compiled. */
export function presentGraph(
  { model }: Pick<CompiledSpec, 'model'>,
  name: string,
  graph: CompiledGraph | undefined,
): NamedGraph {
  if (graph) return { name, graph };
  throw new EngineError(
    `${model.name} has no graph ${name}, though its recipe has precision float16`,
    'compile the model again: mae-compile spec/ --out generated',
  );
}

/** What a run of a training graph takes besides its batch and its parameters, and yields besides loss and gradients. */
export interface Attempt {
  readonly lossScale?: number;
  readonly fetches: Readonly<Record<string, null>>;
}

/** The part of an engine that trains: a step in float16 has its loss scaled, and is computed again where the scale was too large. */
export abstract class OnnxTraining extends DelegatedParameters<GraphParameters> {
  readonly kind = 'onnx';
  readonly precision: ChosenPrecision;
  protected readonly runner: GraphRunner;
  readonly #scaler: LossScaler | undefined;

  constructor(runner: GraphRunner, store: GraphParameters, precision: ChosenPrecision) {
    super(store);
    this.runner = runner;
    this.precision = precision;
    this.#scaler = precision.type === 'float16' ? new LossScaler() : undefined;
  }

  get description(): string {
    const { type } = this.precision;
    return `${this.runner.description}, ${type === 'float16' ? 'steps in float16' : type}`;
  }

  get lossScale(): LossScaleReport | undefined {
    return this.#scaler && { scale: this.#scaler.scale, overflows: this.#scaler.overflows };
  }

  override async loadOptimizerState(state: OptimizerState): Promise<void> {
    await super.loadOptimizerState(state);
    if (state.lossScale) this.#scaler?.load(state.lossScale);
  }

  override async readOptimizerState(): Promise<OptimizerState> {
    const state = await super.readOptimizerState();
    return this.#scaler === undefined ? state : { ...state, lossScale: this.#scaler.state };
  }

  override async update(update: OptimizerUpdate): Promise<UpdateResult> {
    const result = await super.update(update);
    this.countStep();
    return result;
  }

  protected countStep(): void {
    this.#scaler?.countStep();
  }

  /**
   * Runs a training graph until all of its gradients are finite, with an ever smaller loss scale; `discard` lets go of the
   * results of a run in vain. A loss that is not finite itself is the caller's to see: no scale changes it. Throws an
   * `EngineError` where there is no scale left.
   */
  protected async untilFinite(
    run: (attempt: Attempt) => Promise<GraphResults>,
    discard: (results: GraphResults) => void,
  ): Promise<GraphResults> {
    const scaler = this.#scaler;
    if (scaler === undefined) return run({ fetches: {} });
    for (;;) {
      const results = await run({ lossScale: scaler.scale, fetches: { 'gradient-total': null } });
      const numbers = [results.scalar('loss'), results.scalar('gradient-total')];
      if (!Number.isFinite(numbers[0]) || Number.isFinite(numbers[1])) return results;
      discard(results);
      scaler.halve();
    }
  }
}
