import type { NamedTensor } from '../engine/engine.ts';

/** A loss that is NaN or infinite. */
export class NonFiniteLoss extends Error {
  readonly loss: number;
  /** The step that could not be taken, from 1. */
  readonly step: number;
  readonly learningRate: number;

  constructor(at: { readonly loss: number; readonly step: number; readonly learningRate: number }) {
    super(`the loss of step ${at.step} is ${at.loss}`);
    this.name = 'NonFiniteLoss';
    this.loss = at.loss;
    this.step = at.step;
    this.learningRate = at.learningRate;
  }
}

/** The name of the first tensor that holds a number that is not finite. */
export function firstNonFinite(tensors: Iterable<NamedTensor>): string | undefined {
  for (const { name, data } of tensors) {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return name;
  }
  return undefined;
}
