import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { UserError } from '../../user-error.ts';
import type { FloatPixels, RawPixels } from '../source.ts';

/** The types of numbers that are read, by NumPy's name without the byte order: bytes each, and what value is 1. */
const TYPES = {
  u1: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  u2: { bytes: 2, read: (view: DataView, at: number, little: boolean) => view.getUint16(at, little) / 65535 },
  f4: { bytes: 4, read: (view: DataView, at: number, little: boolean) => view.getFloat32(at, little) },
} as const;

/** A picture from a .npy file; see `decodeNpy`. */
export async function readNpy(path: string, channels: number | undefined): Promise<RawPixels> {
  return decodeNpy(await readFile(path), channels);
}

/**
 * A picture from what `numpy.save` writes: [height, width], [channels, height, width] or [height, width, channels] of uint8 (where 255 is
 * 1), uint16 (where 65535 is 1) or float32 (as it is). Which axis is the channels follows from `channels`, or else from its being
 * the shortest; where both ends fit, the first is taken.
 *
 * @throws UserError for other arrays and for damaged files.
 */
export function decodeNpy(file: Uint8Array, channels?: number): RawPixels {
  const { type, little, shape, data } = readHeader(file);
  const axes = axesOf(shape, channels);
  const { height, width } = axes;
  const count = height * width * axes.channels;
  const { bytes, read } = TYPES[type];
  if (data.byteLength !== count * bytes) {
    throw new UserError(`it holds ${data.byteLength} bytes of numbers, but its shape takes ${count * bytes}`);
  }
  const interleave = <Target extends Uint8Array | Float32Array>(target: Target): Target => {
    for (let pixel = 0; pixel < height * width; pixel++) {
      for (let channel = 0; channel < axes.channels; channel++) {
        const from = axes.channelsFirst ? channel * height * width + pixel : pixel * axes.channels + channel;
        target[pixel * axes.channels + channel] = read(data, from * bytes, little);
      }
    }
    return target;
  };
  const size = { height, width, channels: axes.channels };
  if (type === 'u1') return { ...size, data: interleave(new Uint8Array(count)) };
  const pixels: FloatPixels = { ...size, data: interleave(new Float32Array(count)) };
  if (!pixels.data.every(Number.isFinite)) throw new UserError('it holds numbers that are not finite');
  return pixels;
}

interface Header {
  readonly type: keyof typeof TYPES;
  readonly little: boolean;
  readonly shape: readonly number[];
  readonly data: DataView;
}

/** The header of version 1, 2 or 3: a Python dictionary after a magic word and a length (numpy.lib.format). */
function readHeader(file: Uint8Array): Header {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 12 || Buffer.from(file.subarray(0, 6)).toString('latin1') !== '\x93NUMPY') {
    throw new UserError('it is not a NumPy array');
  }
  const [start, length] = file[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (start + length > file.byteLength) throw new UserError('it is cut short');
  const text = Buffer.from(file.subarray(start, start + length)).toString('latin1');
  const [, order = '', name = ''] = /'descr':\s*'([<>|=]?)(\w+)'/.exec(text) ?? [];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (!isType(name) || shape === undefined) {
    throw new UserError(
      `its numbers are ${name === '' ? 'of a compound type' : name}, not uint8, uint16 or float32`,
    );
  }
  if (/'fortran_order':\s*True/.test(text)) {
    throw new UserError('it is in Fortran order: save numpy.ascontiguousarray of it');
  }
  return {
    type: name,
    little: order === '<' || (order !== '>' && endianness() === 'LE'),
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
    data: new DataView(file.buffer, file.byteOffset + start + length, file.byteLength - start - length),
  };
}

function isType(name: string): name is keyof typeof TYPES {
  return Object.hasOwn(TYPES, name);
}

function axesOf(shape: readonly number[], wanted: number | undefined) {
  const [first = 0, second = 0, third = 0] = shape;
  if (shape.length < 2 || shape.length > 3 || shape.some((length) => !(length > 0))) {
    throw new UserError(
      `its shape is (${shape.join(', ')}), not (channels, height, width) or (height, width, channels)`,
    );
  }
  if (shape.length === 2) return { height: first, width: second, channels: 1, channelsFirst: true };
  const channelsFirst = first === wanted || (third !== wanted && first <= third);
  return channelsFirst
    ? { height: second, width: third, channels: first, channelsFirst }
    : { height: first, width: second, channels: third, channelsFirst };
}
