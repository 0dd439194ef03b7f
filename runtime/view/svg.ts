import { GLYPHS, type Glyph, UNKNOWN_GLYPH } from './glyphs.ts';

/** The colours of every picture: ink on white. */
export const COLOURS = {
  paper: '#ffffff',
  ink: '#1c2026',
  faint: '#69707d',
  line: '#e4e7ec',
  axis: '#aab1bd',
  blue: '#2558d4',
  paleBlue: '#b9cdf5',
  amber: '#c8790a',
} as const;

export interface TextStyle {
  /** Height of a capital. */
  readonly size: number;
  readonly colour?: string;
  /** Which end of the text stands at x. */
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
}

const CAPITAL_HEIGHT = 7;
/** Between two characters, in the units of the glyphs. */
const SPACING = 1.75;
const STROKE = { normal: 0.82, bold: 1.2 };

/** A text on one line as SVG, its base line at y. Characters that have no glyph lose their accents, or show as a box. */
export function svgText(text: string, x: number, y: number, style: TextStyle): string {
  const scale = style.size / CAPITAL_HEIGHT;
  const shift = { start: 0, middle: 0.5, end: 1 }[style.anchor ?? 'start'];
  const placed: string[] = [];
  let advance = 0;
  for (const glyph of glyphsOf(text)) {
    if (glyph.path !== '')
      placed.push(`<path transform="translate(${shorten(advance)})" d="${glyph.path}"/>`);
    advance += glyph.width + SPACING;
  }
  const left = x - shift * svgTextWidth(text, style.size);
  const position = `translate(${shorten(left)} ${shorten(y - style.size)}) scale(${shorten(scale)})`;
  const stroke = `stroke="${style.colour ?? COLOURS.ink}" stroke-width="${style.bold ? STROKE.bold : STROKE.normal}"`;
  const joins = 'fill="none" stroke-linecap="round" stroke-linejoin="round"';
  return `<g transform="${position}" ${stroke} ${joins}>${placed.join('')}</g>`;
}

/** How wide a text is at a height of capitals. */
export function svgTextWidth(text: string, size: number): number {
  const glyphs = glyphsOf(text);
  const width = glyphs.reduce((sum, glyph) => sum + glyph.width + SPACING, 0);
  return Math.max(0, width - SPACING) * (size / CAPITAL_HEIGHT);
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, size: number, width: number): string {
  if (svgTextWidth(text, size) <= width) return text;
  let kept = [...text];
  while (kept.length > 0 && svgTextWidth(`${kept.join('')}…`, size) > width) kept = kept.slice(0, -1);
  return `${kept.join('').trimEnd()}…`;
}

function glyphsOf(text: string): Glyph[] {
  return [...text.normalize('NFC')].map((character) => {
    const [base = character] = character.normalize('NFD');
    return GLYPHS.get(character) ?? GLYPHS.get(base) ?? UNKNOWN_GLYPH;
  });
}

/** A number of a drawing: a hundredth of a pixel is as fine as anyone can see. */
export function shorten(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export interface SvgSize {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit when the drawing is made an image. */
  readonly scale: number;
}

/** A whole drawing on white. */
export function svgDocument({ width, height, scale }: SvgSize, parts: readonly string[]): string {
  const size = `width="${shorten(width * scale)}" height="${shorten(height * scale)}"`;
  const paper = `<rect width="${shorten(width)}" height="${shorten(height)}" fill="${COLOURS.paper}"/>`;
  const view = `viewBox="0 0 ${shorten(width)} ${shorten(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${view}>\n${[paper, ...parts].join('\n')}\n</svg>\n`;
}

export interface LineStyle {
  readonly colour: string;
  readonly width?: number;
}

/** A line through points [x, y]. */
export function svgPolyline(points: readonly (readonly [number, number])[], style: LineStyle): string {
  const path = points.map(([x, y]) => `${shorten(x)},${shorten(y)}`).join(' ');
  const stroke = `stroke="${style.colour}" stroke-width="${style.width ?? 1}" stroke-linejoin="round" stroke-linecap="round"`;
  return `<polyline points="${path}" fill="none" ${stroke}/>`;
}

/** Straight across or straight down. */
export function svgLine(
  from: readonly [number, number],
  to: readonly [number, number],
  style: LineStyle,
): string {
  return svgPolyline([from, to], style);
}
