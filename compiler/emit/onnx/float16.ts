/** Largest number that float16 has. */
export const FLOAT16_MAX = 65504;

/** Digits after the point of a float16's significand, and what its exponents begin with. */
const FRACTION = 10;
const LEAST_EXPONENT = -14;
const BIAS = 15;

/** The bits of the float16 (IEEE 754-2008 binary16) that is nearest to a number, the even one of two. */
export function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  // In binary64 `size / unit` is exact: only the rounding to a whole number of units loses anything.
  const exponent = Math.max(exponentOf(size), LEAST_EXPONENT);
  const unit = 2 ** (exponent - FRACTION);
  const units = roundToEven(size / unit);
  if (units * unit > FLOAT16_MAX) return sign | 0x7c00;
  // A carry into the next exponent, and from the subnormal numbers to the normal ones, comes out by itself.
  return sign | (((exponent + BIAS - 1) << FRACTION) + units);
}

/** The power of two that a number begins with: float64 has it in eleven bits. */
function exponentOf(size: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + (below % 2);
  return rest < 0.5 ? below : below + 1;
}
