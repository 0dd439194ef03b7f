/** What every parameter may deviate by after a step, relative to its tensor's largest value. */
const ROUNDING = 5e-6;
/** How far a gradient may be from the recorded one, relative to its tensor's largest value. */
const GRADIENT = 2e-6;

interface AdamSteps {
  readonly steps: number;
  readonly learningRate: number;
  readonly epsilon: number;
}

/**
 * How far each element of a parameter may be from the recorded one after a few AdamW steps. Adam divides a gradient by its own
 * size, so where it is hardly above epsilon its rounding noise is amplified: the first step moves an element by
 * g / (|g| + epsilon), which is evaluated here at both ends of the gradient's own tolerance.
 */
export function adamTolerance(
  parameter: ArrayLike<number>,
  gradient: ArrayLike<number>,
  { steps, learningRate, epsilon }: AdamSteps,
): Float64Array {
  const noise = GRADIENT * largest(gradient);
  const rounding = ROUNDING * largest(parameter);
  const step = (g: number) => g / (Math.abs(g) + epsilon);
  return Float64Array.from(gradient, (g) => {
    const amplified = Math.max(Math.abs(step(g + noise) - step(g)), Math.abs(step(g - noise) - step(g)));
    return rounding + steps * learningRate * amplified;
  });
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
