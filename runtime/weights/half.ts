/** The largest finite number of IEEE 754 binary16. */
export const LARGEST_HALF = 65504;

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The nearest binary16 numbers, of two equally near ones the even one. What rounds beyond `LARGEST_HALF` becomes infinite, and what is
 * no larger than 2^-25, half of the smallest, zero.
 */
export function toHalves(numbers: Float32Array): Uint16Array {
  const halves = new Uint16Array(numbers.length);
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (let i = 0; i < halves.length; i++) halves[i] = halfOfFloat(bits[i] ?? 0);
  return halves;
}

/** Of the bits of a binary32: 1 sign bit, 8 exponent bits (bias 127), 23 fraction bits. */
function halfOfFloat(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff - 112) return sign | (fraction === 0 ? 0x7c00 : 0x7e00);
  if (exponent > 30) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // A carry out of the fraction goes into the exponent, which is then right, too: that of infinity after the largest.
  if (exponent > 0) return sign | shiftToEven((exponent << 23) | fraction, 13);
  // Subnormal: the leading one, which is not stored, comes into the fraction.
  return sign | shiftToEven(fraction | 0x800000, 14 - exponent);
}

/** A whole number over 2^shift, rounded to the nearest one, of two to the even one. */
function shiftToEven(value: number, shift: number): number {
  const whole = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}
