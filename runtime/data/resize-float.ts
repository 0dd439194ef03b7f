import type { CompiledModel } from '../model/compiled-spec.ts';
import type { Placement } from './crop.ts';
import { bicubic } from './kernels/taps.ts';
import type { FloatPixels } from './source.ts';

/** What each output of one axis is made of: the first input, and the weights of it and those after it, whose sum is 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * `resizeInto` of pixels that are numbers: the same filter, in float64, with nothing rounded to bytes or cut off in between; and
 * (value - mean) / deviation of the channel. `target` is [channels, height, width].
 */
export function resizeFloatInto(
  pixels: FloatPixels,
  { source, resized, window, flip }: Placement,
  image: Pick<CompiledModel['image'], 'mean' | 'deviation'>,
  target: Float32Array,
): void {
  const { channels, data } = pixels;
  const across = axisTaps(source.width, resized.width, window.left, window.width);
  const down = axisTaps(source.height, resized.height, window.top, window.height);
  const rows = new Float64Array(source.height * window.width);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < source.height; y++) {
      const row = ((source.top + y) * pixels.width + source.left) * channels + channel;
      across.forEach(({ first, weights }, x) => {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += (data[row + (first + k) * channels] ?? 0) * (weights[k] ?? 0);
        }
        rows[y * window.width + x] = sum;
      });
    }
    const mean = image.mean[channel] ?? 0;
    const deviation = image.deviation[channel] ?? 1;
    down.forEach(({ first, weights }, y) => {
      const line = (channel * window.height + y) * window.width;
      for (let x = 0; x < window.width; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += (rows[(first + k) * window.width + x] ?? 0) * (weights[k] ?? 0);
        }
        target[line + (flip ? window.width - 1 - x : x)] = (sum - mean) / deviation;
      }
    });
  }
}

function axisTaps(inputs: number, outputs: number, start: number, count: number): Taps[] {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  return Array.from({ length: count }, (_, i) => {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(inputs, Math.trunc(centre + support + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, k) =>
      bicubic((first + k - centre + 0.5) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
