import { EngineError } from './engine.ts';

/** Where a loss scale stands: a checkpoint keeps it, so that a resumed run goes on with the same bits. */
export interface LossScaleState {
  /** What the loss is multiplied by: a power of two, so that dividing by it loses nothing. */
  readonly scale: number;
  /** Steps in a row without an overflow. */
  readonly goodSteps: number;
}

/** The values that `torch.amp.GradScaler` has unless it is told otherwise (PyTorch 2, torch/amp/grad_scaler.py). */
export const INITIAL_SCALE = 65536;
export const GROWTH_INTERVAL = 2000;
const FACTOR = 2;

/** Below it there is no use in going on: the gradients are not finite unscaled, either. */
const LEAST_SCALE = 1;
/** Twice as much would not be finite in float32. */
const LARGEST_SCALE = 2 ** 126;

/**
 * Dynamic loss scaling (Micikevicius et al. 2018) by the schedule of `torch.amp.GradScaler`: the scale halves whenever it is too large
 * for float16, and doubles after 2000 good steps. Where that class skips the step, a step here is computed again with the
 * smaller scale: that takes the same time, and no pictures and no step of the schedule are lost.
 */
export class LossScaler {
  #state: LossScaleState = { scale: INITIAL_SCALE, goodSteps: 0 };
  #overflows = 0;

  get scale(): number {
    return this.#state.scale;
  }

  /** How often the scale was halved since the scaler was made. */
  get overflows(): number {
    return this.#overflows;
  }

  get state(): LossScaleState {
    return this.#state;
  }

  load(state: LossScaleState): void {
    this.#state = state;
  }

  /** A gradient was not finite. Throws an `EngineError` when that is not the scale's fault. */
  halve(): void {
    const scale = this.#state.scale / FACTOR;
    if (scale < LEAST_SCALE) {
      throw new EngineError(
        `the gradients are not finite in float16, not even with a loss scale of ${this.#state.scale}: no step was taken`,
        'go on from the last checkpoint with --resume and a lower learning rate (--lr); or set precision float32 in the recipe, compile the model again, and go on with that',
      );
    }
    this.#state = { scale, goodSteps: 0 };
    this.#overflows++;
  }

  /** A step was taken. */
  countStep(): void {
    const { scale, goodSteps } = this.#state;
    const isDue = goodSteps + 1 >= GROWTH_INTERVAL;
    this.#state = isDue
      ? { scale: scale < LARGEST_SCALE ? scale * FACTOR : scale, goodSteps: 0 }
      : { scale, goodSteps: goodSteps + 1 };
  }
}
