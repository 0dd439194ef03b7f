import type { DataReport, SplitReport, Spread } from './check-data.ts';
import type { Duplicates } from './duplicates.ts';

/** How many corrupt files, duplicates and classes are listed; `--json` has them all. */
const LISTED = { corrupt: 50, duplicates: 10, classes: 40 };
const BAR = 30;
/** Classes of which one has so many times the pictures of another are worth a word. */
const UNEVEN = 10;

/** A report for people. */
export function reportText(report: DataReport): string {
  const corrupt = report.splits.reduce((sum, split) => sum + split.corrupt.length, 0);
  const verdict =
    corrupt === 0
      ? 'every picture decodes'
      : `${amount(corrupt, 'picture')} cannot be decoded; training passes ${corrupt === 1 ? 'it' : 'them'} over`;
  return [
    ...report.splits.flatMap((split) => [...splitLines(split), '']),
    ...duplicateLines(report.duplicates),
    '',
    verdict,
  ].join('\n');
}

function splitLines(split: SplitReport): string[] {
  const { kind, pictures, corrupt, width, height, aspect, formats, traits } = split;
  const title = split.split === 'all' ? '' : `${split.split}: `;
  const special = countsText(traits);
  return [
    `${title}${amount(pictures, 'picture')} in ${split.location} (${kind})`,
    ...(width && height && aspect
      ? [
          `  width    ${spreadText(width, 0)}`,
          `  height   ${spreadText(height, 0)}`,
          `  aspect   ${spreadText(aspect, 2)}   width over height`,
          `  format   ${countsText(formats)}`,
        ]
      : []),
    ...(special === '' ? [] : [`  special  ${special}`]),
    ...corruptLines(corrupt),
    ...classLines(split),
  ];
}

function spreadText({ min, median, max }: Spread, digits: number): string {
  if (min === max) return min.toFixed(digits);
  return `${min.toFixed(digits)} to ${max.toFixed(digits)}, median ${median.toFixed(digits)}`;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function corruptLines(corrupt: SplitReport['corrupt']): string[] {
  if (corrupt.length === 0) return [];
  const more = corrupt.length - LISTED.corrupt;
  return [
    `  corrupt  ${corrupt.length}`,
    ...corrupt.slice(0, LISTED.corrupt).map(({ path, reason }) => `    ${path}: ${reason}`),
    ...(more > 0 ? [`    and ${more} more; --json lists them all`] : []),
  ];
}

function classLines({ classes, unlabelled, location }: SplitReport): string[] {
  if (classes === undefined) return [`  classes  none: ${location} ${unlabelled}`];
  const most = Math.max(1, ...classes.map(({ pictures }) => pictures));
  const fewest = Math.min(...classes.map(({ pictures }) => pictures));
  const shown = classes.slice(0, LISTED.classes);
  const nameWidth = Math.min(32, Math.max(...shown.map(({ name }) => name.length)));
  const countWidth = String(most).length;
  const rows = shown.map(({ name, pictures }) => {
    const label = name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name.padEnd(nameWidth);
    return `    ${label}  ${String(pictures).padStart(countWidth)}  ${bar(pictures / most)}`.trimEnd();
  });
  const empty = classes.filter(({ pictures }) => pictures === 0).length;
  return [
    `  classes  ${classes.length}`,
    ...rows,
    ...(classes.length > shown.length
      ? [`    and ${classes.length - shown.length} more, with ${fewest} to ${most} pictures each in all`]
      : []),
    ...(classes.length === 1 ? ['  note     there is one class only: nothing to tell apart'] : []),
    ...(empty > 0 ? [`  note     ${empty === 1 ? 'a class has' : `${empty} classes have`} no pictures`] : []),
    ...(fewest > 0 && most >= UNEVEN * fewest
      ? [`  note     the largest class has ${Math.round(most / fewest)} times the pictures of the smallest`]
      : []),
  ];
}

/** A bar of full and, at its end, partial blocks. */
function bar(share: number): string {
  const eighths = Math.round(share * BAR * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

function duplicateLines({ within, across, labelsDiffer, groups }: Duplicates): string[] {
  if (groups.length === 0) return ['no picture is there twice'];
  const more = groups.length - LISTED.duplicates;
  return [
    `duplicates: ${within} within a split, ${across} across splits, byte for byte`,
    ...(labelsDiffer > 0
      ? [
          `  ${amount(labelsDiffer, 'picture')} ${labelsDiffer === 1 ? 'has' : 'have'} copies with other labels`,
        ]
      : []),
    ...groups.slice(0, LISTED.duplicates).map(({ pictures, labelsDiffer: differ }) => {
      const [first, second] = pictures;
      const others = pictures.length > 2 ? ` and ${pictures.length - 2} more` : '';
      return `  ${first?.path} = ${second?.path}${others}${differ ? ' (other label)' : ''}`;
    }),
    ...(more > 0 ? [`  and ${more} more; --json lists them all`] : []),
  ];
}

const amount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
