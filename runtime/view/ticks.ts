/** Round numbers (1, 2 or 5 times a power of ten apart) within an interval, about `wanted` of them, in ascending order. */
export function roundTicks(low: number, high: number, wanted: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const magnitude = 10 ** Math.floor(Math.log10(span / wanted));
  const factor = [1, 2, 5, 10].find((candidate) => span / (candidate * magnitude) <= wanted) ?? 10;
  const step = factor * magnitude;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Through the nearest decimal, or 3 * 0.1 would not be 0.3.
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return Array.from({ length: last - first + 1 }, (_, i) =>
    digits > 100 ? (first + i) * step : Number(((first + i) * step).toFixed(digits)),
  );
}

/** A number as briefly as it can be read: 1500, 20k, 1.5M, 0.35, 1.5e-4. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  if (size < 1e-3)
    return value
      .toExponential(3)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(6)));
}
