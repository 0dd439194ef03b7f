import { expect, it } from 'vitest';
import { LossScaler, type LossScaleState } from '../../runtime/engine/loss-scale.ts';
import recorded from './loss-scale.json' with { type: 'json' };

/** Takes so many steps. */
function count(scaler: LossScaler, steps: number): LossScaleState {
  for (let step = 0; step < steps; step++) scaler.countStep();
  return scaler.state;
}

it('the scale goes up and down as that of torch.amp.GradScaler', () => {
  const scaler = new LossScaler();
  const states = recorded.rows.flatMap((steps) => {
    const before = steps === 0 ? [] : [count(scaler, steps)];
    scaler.halve();
    return [...before, scaler.state];
  });
  expect(states.map(({ scale, goodSteps }) => [scale, goodSteps])).toEqual(recorded.states);
  expect(scaler.overflows).toBe(recorded.rows.length);
});

it('the scale never is below 1: what is not finite then never was', () => {
  const scaler = new LossScaler();
  for (let halvings = 0; halvings < 16; halvings++) scaler.halve();
  expect(scaler.scale).toBe(1);
  expect(() => scaler.halve()).toThrow('not finite in float16, not even with a loss scale of 1');
  expect(scaler.state).toEqual({ scale: 1, goodSteps: 0 });
});

it('the scale stays finite in float32, however long no gradient is too large', () => {
  const scaler = new LossScaler();
  expect(count(scaler, 2000 * 200).scale).toBe(2 ** 126);
  expect(Math.fround(2 ** 126)).toBeLessThan(Number.POSITIVE_INFINITY);
});

it('a scaler goes on from where another was', () => {
  const scaler = new LossScaler();
  scaler.load({ scale: 512, goodSteps: 1999 });
  expect(count(scaler, 1)).toEqual({ scale: 1024, goodSteps: 0 });
});
