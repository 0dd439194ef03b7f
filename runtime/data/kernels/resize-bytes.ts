import type { Placement } from '../crop.ts';
import type { Pixels } from '../resize.ts';
import { instantiateLineKernels, type LineKernels } from './line-kernels.ts';
import { type Taps, writeTaps } from './taps.ts';
import { roundUp, Workspace } from './workspace.ts';

/** Rows of bytes, channel after channel, valid until the next picture is resized. */
export interface ResizedRows {
  readonly bytes: Uint8Array;
  /** Where the first row is. */
  readonly at: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
}

/**
 * Rows of the picture that the horizontal pass takes at a time: few enough to stay in the processor's cache, whatever the picture's
 * size.
 */
const BAND = 64;

let resizer: BytesResizer | undefined;

/** The resizer of this thread. */
export function bytesResizer(): BytesResizer {
  resizer ??= new BytesResizer();
  return resizer;
}

/** Some rows of a picture on their way through the horizontal pass. */
interface Band {
  /** As the picture has them: so many bytes, so far apart. */
  readonly rows: number;
  readonly rowLength: number;
  readonly rowStride: number;
  /** Transposed: the first column's first channel, its second, and so on, then the second column's first channel. */
  readonly columns: number;
  /** Resized columns of one channel. */
  readonly resized: number;
}

/** Where the resized rows of a band go. */
interface BandTarget {
  readonly at: number;
  readonly stride: number;
  /** Bytes from one channel's rows to the next one's. */
  readonly perChannel: number;
  readonly channels: number;
  readonly flip: boolean;
}

/**
 * Cuts, resizes and mirrors pictures to the bytes that Pillow's BICUBIC makes of them: the horizontal pass first, 22-bit weights, bytes in
 * between.
 *
 * Both passes add up lines, many bytes at once: output rows are sums of rows, and output columns sums of columns, which are lines in a
 * transposed picture.
 */
export class BytesResizer {
  readonly #workspace = new Workspace();
  readonly #kernels: LineKernels = instantiateLineKernels(this.#workspace.memory);

  resize(pixels: Pixels, { source, resized, window, flip }: Placement): ResizedRows {
    const workspace = this.#workspace;
    const { channels } = pixels;
    workspace.clear();
    const across = writeTaps(workspace, source.width, resized.width, window.left, window.width);
    const down = writeTaps(workspace, source.height, resized.height, window.top, window.height);
    const stride = roundUp(window.width, 16);
    const perChannel = roundUp(down.inputs, BAND) * stride;
    const rows = workspace.take(channels * perChannel);
    const band = this.#takeBand(across, channels);
    for (let done = 0; done < down.inputs; done += BAND) {
      const top = source.top + down.firstInput + done;
      const count = Math.min(BAND, down.inputs - done);
      this.#copyRows(pixels, { top, left: source.left + across.firstInput, count }, band);
      this.#resizeBand(band, across, { at: rows + done * stride, stride, perChannel, channels, flip });
    }
    const size = window.height * stride;
    const at = workspace.take(channels * size);
    for (let channel = 0; channel < channels; channel++) {
      const from = { at: rows + channel * perChannel, stride, length: window.width };
      this.#combine(down, from, { at: at + channel * size, stride });
    }
    return { bytes: workspace.bytes, at, stride };
  }

  /** As `resize`, and makes numbers of the bytes: `table[channel * 256 + byte]` is what a byte becomes; [channels, height, width]. */
  normalizeInto(pixels: Pixels, placement: Placement, table: Float32Array, target: Float32Array): void {
    const { at, stride } = this.resize(pixels, placement);
    const { height, width } = placement.window;
    const { channels } = pixels;
    const size = channels * height * width;
    const tables = this.#workspace.take(4 * table.length);
    const to = this.#workspace.take(4 * (size + 8));
    const numbers = new Float32Array(this.#workspace.memory.buffer);
    numbers.set(table, tables / 4);
    for (let channel = 0; channel < channels; channel++) {
      const from = at + channel * height * stride;
      const first = to + 4 * channel * height * width;
      this.#kernels.normalize(from, stride, width, height, tables + 1024 * channel, first);
    }
    target.set(numbers.subarray(to / 4, to / 4 + size));
  }

  #takeBand(across: Taps, channels: number): Band {
    const workspace = this.#workspace;
    const rowLength = across.inputs * channels;
    const rowStride = roundUp(rowLength, 16);
    return {
      rowLength,
      rowStride,
      rows: workspace.take(BAND * rowStride),
      columns: workspace.take(BAND * rowStride),
      resized: workspace.take(BAND * roundUp(across.outputs, 16)),
    };
  }

  #copyRows(
    { data, width, channels }: Pixels,
    { top, left, count }: { readonly top: number; readonly left: number; readonly count: number },
    { rows, rowLength, rowStride }: Band,
  ): void {
    const { bytes } = this.#workspace;
    for (let row = 0; row < count; row++) {
      const from = ((top + row) * width + left) * channels;
      bytes.set(data.subarray(from, from + rowLength), rows + row * rowStride);
    }
  }

  #resizeBand(band: Band, across: Taps, { at, stride, perChannel, channels, flip }: BandTarget): void {
    const { rows, rowLength, rowStride, columns, resized } = band;
    const { transpose } = this.#kernels;
    transpose(rows, rowStride, BAND, rowLength, columns, BAND);
    // Mirrored is written from the last column to the first.
    const to = flip
      ? { at: resized + (across.outputs - 1) * BAND, stride: -BAND }
      : { at: resized, stride: BAND };
    for (let channel = 0; channel < channels; channel++) {
      const from = { at: columns + channel * BAND, stride: channels * BAND, length: BAND };
      this.#combine(across, from, to);
      transpose(resized, BAND, across.outputs, BAND, at + channel * perChannel, stride);
    }
  }

  /** Writes the outputs of an axis, one line after the other. The line `from.at` is the first input of all. */
  #combine(
    { first, count, weights, perOutput, outputs }: Taps,
    from: { readonly at: number; readonly stride: number; readonly length: number },
    to: { readonly at: number; readonly stride: number },
  ): void {
    this.#kernels.combine(
      from.at,
      from.stride,
      from.length,
      first,
      count,
      weights,
      perOutput,
      to.at,
      to.stride,
      outputs,
    );
  }
}
