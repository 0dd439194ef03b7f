/** Numbers as people read them; no locale, so that output is the same everywhere. */

/** 111907840 → "111.91 M". */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} G`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)} M`;
  if (count >= 1e3) return `${(count / 1e3).toFixed(1)} k`;
  return String(count);
}

/** 19562266624 → "19.56"; small numbers keep three digits. */
export function formatGigaflops(flops: number): string {
  const giga = flops / 1e9;
  return giga >= 1 ? giga.toFixed(2) : giga.toPrecision(3);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 130401692 → "124.4 MiB". */
export function formatBytes(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 2 ** (10 * unit);
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
