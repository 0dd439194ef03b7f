/** How long a run is, in optimizer steps. */
export interface RunLength {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly epochs: number;
}

/** The length of a run of so many epochs, which may be a fraction; at least one step is taken. */
export function runLength(epochs: number, stepsPerEpoch: number): RunLength {
  return { stepsPerEpoch, steps: Math.max(1, Math.round(epochs * stepsPerEpoch)), epochs };
}

/** Where a run is after so many steps. */
export interface EpochPosition {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done of the epoch under way. */
  readonly stepInEpoch: number;
}

export function epochPosition(length: RunLength, step: number): EpochPosition {
  return { epoch: Math.floor(step / length.stepsPerEpoch), stepInEpoch: step % length.stepsPerEpoch };
}
