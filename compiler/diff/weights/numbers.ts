import type { NumberDifference } from '../report.ts';

/** The numbers of a tensor as a file holds them: row-major, little-endian. */
export interface Numbers {
  /** As ONNX names it: "float32". */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export type Values = Float32Array | Float64Array;

/** Of the bytes, which may begin anywhere in their buffer. */
const decoders: Readonly<Record<string, (bytes: Uint8Array) => Values>> = {
  float32: (bytes) => new Float32Array(aligned(bytes)),
  float64: (bytes) => new Float64Array(aligned(bytes)),
  float16: (bytes) => Float32Array.from(new Uint16Array(aligned(bytes)), halfToNumber),
  // The upper half of a float32.
  bfloat16: (bytes) =>
    new Float32Array(Uint32Array.from(new Uint16Array(aligned(bytes)), (bits) => bits << 16).buffer),
};

/** Undefined for types that hold no fractions, and for a length that is not one of whole numbers. */
export function decodeNumbers({ type, bytes }: Numbers): Values | undefined {
  try {
    return decoders[type]?.(bytes);
  } catch {
    return undefined;
  }
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** How two tensors differ, number by number: of float32 by the bits, of other types by the values. Both have as many numbers. */
export function differenceOf(old: Values, now: Values): NumberDifference {
  const ofBits = old instanceof Float32Array && now instanceof Float32Array;
  const [a, b] = ofBits ? [bitsOf(old), bitsOf(now)] : [old, now];
  let differing = 0;
  let largest = 0;
  let finite = true;
  for (let index = 0; index < old.length; index++) {
    if (Object.is(a[index], b[index])) continue;
    differing++;
    const distance = Math.abs((old[index] ?? 0) - (now[index] ?? 0));
    if (!Number.isFinite(distance)) finite = false;
    else if (distance > largest) largest = distance;
  }
  return { differing, of: old.length, largest: finite ? largest : null };
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/** Several differences as one. */
export function joinDifferences(differences: readonly NumberDifference[]): NumberDifference {
  return differences.reduce(
    (sum, each) => ({
      differing: sum.differing + each.differing,
      of: sum.of + each.of,
      largest: sum.largest === null || each.largest === null ? null : Math.max(sum.largest, each.largest),
    }),
    { differing: 0, of: 0, largest: 0 },
  );
}

/** "by at most 0.0031"; a sign of zero or the bits of something that is no number are a difference, too. */
export function describeLargest({ largest }: NumberDifference): string {
  if (largest === null) return 'some of them not finite';
  return `by at most ${Number(largest.toPrecision(2))}`;
}
