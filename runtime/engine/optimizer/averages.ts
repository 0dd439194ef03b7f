import { EngineError } from '../engine.ts';

/** Whether an engine has averages of its parameters, and whether these are in the parameters' place. */
export type AveragesState = 'none' | 'kept' | 'in-use';

/** Throws an `EngineError` while the averages are in use. `what` must wait until they are not. */
export function refuseInUse(state: AveragesState, what: string): void {
  if (state !== 'in-use') return;
  throw new EngineError(
    `${what} while the averaged parameters are in use`,
    'put the trained parameters back first: useAverages(false)',
  );
}

/**
 * The state after a call of `useAverages`. Throws an `EngineError` when there is nothing to use.
 */
export function stateInUse(state: AveragesState, on: boolean): AveragesState {
  if (state !== 'none') return on ? 'in-use' : 'kept';
  if (!on) return state;
  throw new EngineError('there are no averaged parameters: none were kept or loaded');
}

/** Throws a `RangeError` for what is no decay of an average. */
export function checkDecay(decay: number): void {
  if (!(decay >= 0 && decay <= 1)) throw new RangeError(`an average decays by 0 to 1, not by ${decay}`);
}
