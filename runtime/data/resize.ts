import type { Placement, Size } from './crop.ts';

/** Decoded pixels: height * width * channels bytes, row by row, the channels of a pixel side by side. */
export interface Pixels extends Size {
  readonly channels: number;
  readonly data: Uint8Array;
}

/**
 * Cuts, resizes, mirrors and normalises a picture: `table[channel * 256 + byte]` is what a byte becomes, and `target` receives
 * channels * height * width of them, one channel after the other.
 *
 * The resize is the BICUBIC of Pillow 11 to the bit (Catmull-Rom, stretched over the source pixels when it shrinks, so that it does
 * not alias; the horizontal pass first, 22-bit coefficients, bytes in between): what the official training code reads.
 */
export function resizeInto(
  pixels: Pixels,
  placement: Placement,
  table: Float32Array,
  target: Float32Array,
): void {
  const { height, width } = placement.window;
  resizeLines(pixels, placement, (line, channel, y) => {
    writeLine(line, placement, table, channel * 256, target, (channel * height + y) * width);
  });
}

/** Cuts, resizes and mirrors a picture as `resizeInto` does, but leaves the bytes as they are and the channels of a pixel together. */
export function resizePixels(pixels: Pixels, placement: Placement): Pixels {
  const { channels } = pixels;
  const { height, width } = placement.window;
  const data = new Uint8Array(height * width * channels);
  resizeLines(pixels, placement, (line, channel, y) => {
    const first = (placement.flip ? (y + 1) * width - 1 : y * width) * channels + channel;
    const step = placement.flip ? -channels : channels;
    for (let x = 0, to = first; x < width; x++, to += step) data[to] = line[x] ?? 0;
  });
  return { height, width, channels, data };
}

/** Gives `write` each line of each channel; the line is valid during the call, and longer than the window is wide. */
function resizeLines(
  pixels: Pixels,
  placement: Placement,
  write: (line: Uint8Array, channel: number, y: number) => void,
): void {
  const { source, resized, window } = placement;
  const across = filterTaps(source.width, resized.width, window.left, window.width);
  const down = filterTaps(source.height, resized.height, window.top, window.height);
  const stride = Math.ceil(window.width / 4) * 4;
  const rows = new Uint8Array(pixels.channels * source.height * stride);
  if (pixels.channels === 3) resizeRowsOfThree(pixels, placement, across, rows, stride);
  else resizeRows(pixels, placement, across, rows, stride);
  const line = new Uint8Array(stride);
  for (let channel = 0; channel < pixels.channels; channel++) {
    for (let y = 0; y < window.height; y++) {
      resizeLine(rows, channel * source.height * stride, stride, down, y, line);
      write(line, channel, y);
    }
  }
}

/** For each output pixel of one axis: the first source pixel it is made of, how many, and their weights times 2^22. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  /** Weights of output i start at i * perOutput. */
  readonly perOutput: number;
}

const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** Bicubic convolution with a = -0.5, as Keys (1981) chose it. */
export function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5;
  return 0;
}

/** The taps of outputs start..start+count-1 of an axis resized from `inputs` pixels to `outputs`. */
function filterTaps(inputs: number, outputs: number, start: number, count: number): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const perOutput = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * perOutput),
    perOutput,
  };
  const exact = new Float64Array(perOutput);
  for (let i = 0; i < count; i++) {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const size = Math.min(inputs, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const weight = bicubic((first + k - centre + 0.5) / stretch);
      exact[k] = weight;
      sum += weight;
    }
    taps.first[i] = first;
    taps.count[i] = size;
    for (let k = 0; k < size; k++) {
      const weight = ((exact[k] ?? 0) / sum) * (1 << PRECISION);
      // Halves are rounded away from zero, as Pillow does.
      taps.weights[i * perOutput + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return taps;
}

/** The horizontal pass of any number of channels, into one plane a channel. */
function resizeRows(
  pixels: Pixels,
  placement: Placement,
  taps: Taps,
  rows: Uint8Array,
  stride: number,
): void {
  const { data, channels } = pixels;
  const { source, window } = placement;
  for (let y = 0; y < source.height; y++) {
    const row = ((source.top + y) * pixels.width + source.left) * channels;
    for (let x = 0; x < window.width; x++) {
      const begin = x * taps.perOutput;
      const end = begin + (taps.count[x] ?? 0);
      for (let channel = 0; channel < channels; channel++) {
        let from = row + (taps.first[x] ?? 0) * channels + channel;
        let sum = HALF;
        for (let k = begin; k < end; k++, from += channels) {
          sum += Math.imul(data[from] ?? 0, taps.weights[k] ?? 0);
        }
        rows[(channel * source.height + y) * stride + x] = toByte(sum);
      }
    }
  }
}

/** `resizeRows` of three channels: reading each weight once makes it half as long. */
function resizeRowsOfThree(
  pixels: Pixels,
  placement: Placement,
  taps: Taps,
  rows: Uint8Array,
  stride: number,
): void {
  const { data } = pixels;
  const { source, window } = placement;
  const { first, count, weights } = taps;
  const plane = source.height * stride;
  for (let y = 0; y < source.height; y++) {
    const row = ((source.top + y) * pixels.width + source.left) * 3;
    for (let x = 0; x < window.width; x++) {
      const begin = x * taps.perOutput;
      const end = begin + (count[x] ?? 0);
      let from = row + (first[x] ?? 0) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = begin; k < end; k++, from += 3) {
        const weight = weights[k] ?? 0;
        red += Math.imul(data[from] ?? 0, weight);
        green += Math.imul(data[from + 1] ?? 0, weight);
        blue += Math.imul(data[from + 2] ?? 0, weight);
      }
      const to = y * stride + x;
      rows[to] = toByte(red);
      rows[to + plane] = toByte(green);
      rows[to + 2 * plane] = toByte(blue);
    }
  }
}

/** The vertical pass of one output line, four pixels at a time; `stride` is a multiple of four. */
function resizeLine(
  rows: Uint8Array,
  plane: number,
  stride: number,
  taps: Taps,
  y: number,
  line: Uint8Array,
): void {
  const { weights } = taps;
  const begin = y * taps.perOutput;
  const end = begin + (taps.count[y] ?? 0);
  const top = plane + (taps.first[y] ?? 0) * stride;
  for (let x = 0; x < stride; x += 4) {
    let from = top + x;
    let sum0 = HALF;
    let sum1 = HALF;
    let sum2 = HALF;
    let sum3 = HALF;
    for (let k = begin; k < end; k++, from += stride) {
      const weight = weights[k] ?? 0;
      sum0 += Math.imul(rows[from] ?? 0, weight);
      sum1 += Math.imul(rows[from + 1] ?? 0, weight);
      sum2 += Math.imul(rows[from + 2] ?? 0, weight);
      sum3 += Math.imul(rows[from + 3] ?? 0, weight);
    }
    line[x] = toByte(sum0);
    line[x + 1] = toByte(sum1);
    line[x + 2] = toByte(sum2);
    line[x + 3] = toByte(sum3);
  }
}

function writeLine(
  line: Uint8Array,
  placement: Placement,
  table: Float32Array,
  row: number,
  target: Float32Array,
  offset: number,
): void {
  const { width } = placement.window;
  if (placement.flip) {
    const last = offset + width - 1;
    for (let x = 0; x < width; x++) target[last - x] = table[row + (line[x] ?? 0)] ?? 0;
  } else {
    for (let x = 0; x < width; x++) target[offset + x] = table[row + (line[x] ?? 0)] ?? 0;
  }
}

/** A sum of bytes times weights, which began at one half, as a byte. */
function toByte(sum: number): number {
  const value = sum >> PRECISION;
  return Math.max(0, Math.min(255, value));
}

/** Mirrors if `flip`, and normalises as `resizeInto` does, pixels that have the right size already. */
export function normalizeInto(
  pixels: Pixels,
  flip: boolean,
  table: Float32Array,
  target: Float32Array,
): void {
  const { height, width, channels, data } = pixels;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = data[(y * width + (flip ? width - 1 - x : x)) * channels + channel] ?? 0;
        target[(channel * height + y) * width + x] = table[channel * 256 + byte] ?? 0;
      }
    }
  }
}

/** The picture mirrored left to right. */
export function mirror({ height, width, channels, data }: Pixels): Pixels {
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) mirrored[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { height, width, channels, data: mirrored };
}
