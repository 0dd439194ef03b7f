import { darkColours, lightColours } from '../../compiler/draw/style.ts';
import { shorten } from '../../runtime/view/svg.ts';

/** A tick of an axis. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

export type Point = readonly [x: number, y: number];

export interface Curve {
  readonly points: readonly Point[];
  /** `expected` is drawn in dashes, `faint` thinly and behind a `measured` curve. */
  readonly kind: 'measured' | 'second' | 'expected' | 'faint';
  /** Whether its points are marked. */
  readonly dots?: boolean;
}

/** A plot and where it stands. Curves outside of its ranges are not cut off: the ranges have to hold them. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly scale: 'linear' | 'logarithmic';
  readonly x: { readonly range: readonly [number, number]; readonly ticks: readonly Tick[] };
  readonly y: { readonly range: readonly [number, number]; readonly ticks: readonly Tick[] };
  readonly curves: readonly Curve[];
}

const SCALES = { linear: (value: number) => value, logarithmic: Math.log } as const;

/** The plot as SVG. */
export function drawPanel({ left, top, width, height, scale, x, y, curves }: Panel): string[] {
  const along = (value: number, [low, high]: readonly [number, number]) => {
    const scaled = SCALES[scale];
    return (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
  };
  const across = (value: number) => shorten(left + along(value, x.range) * width);
  const up = (value: number) => shorten(top + (1 - along(value, y.range)) * height);
  const [right, bottom] = [shorten(left + width), shorten(top + height)];
  return [
    ...y.ticks.flatMap(({ at, label }) => [
      `<path class="grid" d="M${shorten(left)} ${up(at)}H${right}"/>`,
      `<text class="tick" x="${shorten(left - 6)}" y="${up(at)}" dy="0.32em" text-anchor="end">${label}</text>`,
    ]),
    ...x.ticks.flatMap(({ at, label }) => [
      `<path class="grid" d="M${across(at)} ${shorten(top)}V${bottom}"/>`,
      `<text class="tick" x="${across(at)}" y="${shorten(top + height + 14)}" text-anchor="middle">${label}</text>`,
    ]),
    ...curves.flatMap(({ points, kind, dots }) => [
      `<polyline class="${kind}" points="${points.map(([a, b]) => `${across(a)},${up(b)}`).join(' ')}"/>`,
      ...(dots
        ? points.map(([a, b]) => `<circle class="${kind}" cx="${across(a)}" cy="${up(b)}" r="3"/>`)
        : []),
    ]),
  ];
}

/** A text at a place. */
export function label(
  text: string,
  x: number,
  y: number,
  style: { readonly kind?: string; readonly anchor?: 'start' | 'middle' | 'end' } = {},
): string {
  const { kind = 'label', anchor = 'start' } = style;
  return `<text class="${kind}" x="${shorten(x)}" y="${shorten(y)}" text-anchor="${anchor}">${text}</text>`;
}

const STYLE = `
svg {${lightColours} }
@media (prefers-color-scheme: dark) { svg {${darkColours} } }
.paper { fill: var(--paper); }
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; font-size: 12px; fill: var(--ink); }
.title { font-size: 17px; font-weight: 620; } .heading { font-size: 13px; font-weight: 620; }
.note, .tick { fill: var(--faint); } .tick { font-size: 11px; } .worse { fill: var(--removed); font-weight: 620; }
.grid { stroke: var(--line); fill: none; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
polyline.measured { stroke: var(--encoder); } circle.measured { fill: var(--encoder); }
polyline.second { stroke: var(--decoder); } circle.second { fill: var(--decoder); }
polyline.expected { stroke: var(--faint); stroke-width: 1.5; stroke-dasharray: 4 4; }
polyline.faint { stroke: var(--encoder-pale); stroke-width: 1; }
`;

/** A drawing that stands alone, in light or dark as what shows it. `words` says what it shows to those who do not see it. */
export function drawingOf(width: number, height: number, words: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${words}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
