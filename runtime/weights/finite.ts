import { UserError } from '../user-error.ts';

/** Throws a `UserError` when a tensor of a file holds a number that is none, or is infinite. */
export function requireFinite(path: string, name: string, numbers: Float32Array): void {
  // Zero times a finite number is zero; anything else makes the sum NaN.
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += 0 * (numbers[i] ?? 0);
  if (sum === 0) return;
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  const bad = numbers.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  throw new UserError(
    `${path} holds numbers that are not finite: ${bad} of the ${numbers.length} of tensor ${name}, the first is ${numbers[at]}`,
    'its training had diverged, or the file is damaged: use an earlier checkpoint or another copy of it',
  );
}
