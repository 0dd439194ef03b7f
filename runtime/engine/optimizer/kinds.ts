import { EngineError, type OptimizerKind, type OptimizerState } from '../engine.ts';

interface OptimizerTraits {
  /** For people. */
  readonly label: string;
  /** Whether it keeps second moments, too. */
  readonly secondMoments: boolean;
}

export const OPTIMIZER_TRAITS: Readonly<Record<OptimizerKind, OptimizerTraits>> = {
  adamw: { label: 'AdamW', secondMoments: true },
  lars: { label: 'LARS', secondMoments: false },
  sgd: { label: 'SGD', secondMoments: false },
};

export const OPTIMIZER_KINDS = ['adamw', 'lars', 'sgd'] as const satisfies readonly OptimizerKind[];

/** Throws an `EngineError` when a step of one optimizer would go on from the moments of another. */
export function checkKind(state: Pick<OptimizerState, 'kind' | 'step'>, kind: OptimizerKind): void {
  if (state.step === 0 || state.kind === kind) return;
  const steps = `${state.step} step${state.step === 1 ? '' : 's'}`;
  throw new EngineError(
    `the optimizer state is of ${steps} with ${OPTIMIZER_TRAITS[state.kind].label}; ${OPTIMIZER_TRAITS[kind].label} cannot go on from it`,
    `train on with ${OPTIMIZER_TRAITS[state.kind].label}, or start a new run from the weights`,
  );
}

/** Throws an `EngineError` when a state has second moments that its optimizer does not use. */
export function checkMoments({ kind, secondMoments }: OptimizerState): void {
  if (OPTIMIZER_TRAITS[kind].secondMoments || secondMoments.length === 0) return;
  throw new EngineError(
    `${OPTIMIZER_TRAITS[kind].label} has no second moments; the state has ${secondMoments.length}`,
  );
}
