import { formatCount } from '../emit/report/quantities.ts';

/** 12612345 → "12.61 M parameters"; 1 → "1 parameter". */
export function parameterCount(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'parameter' : 'parameters'}`;
}

/** A share as a percentage of about two digits: 0.3812 → "38%", 0.0042 → "0.42%". */
export function roughPercent(share: number): string {
  const percentage = Math.abs(share) * 100;
  if (percentage === 0) return '0%';
  if (percentage < 0.01) return 'less than 0.01%';
  return `${percentage >= 10 ? Math.round(percentage) : Number(percentage.toPrecision(2))}%`;
}

/** How far a quantity goes from old to new: "+38%", "−12%", "=", "new", "gone". */
export function relativeChange(old: number, now: number): string {
  if (old === now) return '=';
  if (old === 0) return 'new';
  if (now === 0) return 'gone';
  const share = (now - old) / old;
  const sign = share > 0 ? '+' : '−';
  return share >= 9.995 ? `×${Number((now / old).toPrecision(3))}` : `${sign}${roughPercent(share)}`;
}
