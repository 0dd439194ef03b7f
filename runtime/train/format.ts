/** Seconds as people say them: "45 s", "12 min", "3 h 20 min", "2 d 4 h". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A positive number with three significant digits, or all of them left of the point: "0.523", "2.41", "209", "12345". */
export function formatCount(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Bytes in the unit that suits them, in powers of 1000 as disks are sold: "812 kB", "1.34 GB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${power === 0 ? bytes : formatCount(bytes / 1000 ** power)} ${units[power]}`;
}

/** Millions with the digits that papers give: "5.62 M", "111.91 M". */
export function formatMillions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`;
}
