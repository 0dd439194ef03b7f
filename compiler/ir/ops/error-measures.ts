import { present } from '../assert.ts';

export type ErrorKind = 'squared' | 'absolute';

type Emit = (opType: string, inputs: readonly string[]) => string;

interface ErrorMeasure {
  /** The measure of a difference, element by element. */
  onnx(emit: Emit, difference: string): string;
  /** Its derivative, less a constant factor. */
  slope(emit: Emit, difference: string): string;
  readonly factor: number;
  /** Names of the runtime's tfjs operations. */
  readonly mean: string;
  readonly maskedMean: string;
}

/** How a prediction's difference from its target is measured. */
const MEASURES: Readonly<Record<ErrorKind, ErrorMeasure>> = {
  squared: {
    onnx: (emit, difference) => emit('Mul', [difference, difference]),
    slope: (_, difference) => difference,
    factor: 2,
    mean: 'meanSquaredError',
    maskedMean: 'maskedMeanSquaredError',
  },
  absolute: {
    onnx: (emit, difference) => emit('Abs', [difference]),
    slope: (emit, difference) => emit('Sign', [difference]),
    factor: 1,
    mean: 'meanAbsoluteError',
    maskedMean: 'maskedMeanAbsoluteError',
  },
};

export function errorMeasure(kind: string): ErrorMeasure {
  return present(Object.entries(MEASURES).find(([name]) => name === kind)?.[1], `error measure ${kind}`);
}
