import { COLOURS, shorten, svgDocument, svgLine, svgText, svgTextWidth } from '../../runtime/view/svg.ts';
import { type Comparison, type Outcome, percent } from './results.ts';

const WIDTH = 640;
const LEFT = 130;
const RIGHT = WIDTH - 40;
const TOP = 84;
const ROW = { height: 56, bar: 18 };
const BELOW = 34;
const SIZE = { title: 12, text: 8, tick: 7 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const PIXELS_PER_UNIT = 1.5;

/** What a bar stands for, with the key of its share. */
const SERIES = [
  { key: 'scratch', name: 'from scratch', colour: COLOURS.axis },
  { key: 'pretrained', name: 'pretrained', colour: COLOURS.blue },
] as const;

/** Two bars for each comparison, as an SVG: shares of the test pictures from 0 to 100 %. `caption` stands below the title. */
export function resultBars({ comparisons }: Outcome, title: string, caption: string): string {
  const bottom = TOP + comparisons.length * ROW.height;
  const parts = [
    svgText(title, LEFT, 26, { size: SIZE.title, bold: true }),
    svgText(caption, LEFT, 44, { size: SIZE.text, colour: COLOURS.faint }),
    ...legend(),
    ...TICKS.flatMap((share) => [
      svgLine([place(share), TOP], [place(share), bottom], { colour: COLOURS.line }),
      svgText(`${share * 100}`, place(share), bottom + 16, {
        size: SIZE.tick,
        colour: COLOURS.faint,
        anchor: 'middle',
      }),
    ]),
    ...comparisons.flatMap(bars),
  ];
  const drawing = svgDocument({ width: WIDTH, height: bottom + BELOW, scale: PIXELS_PER_UNIT }, parts);
  // A title counts for the whole drawing only as its first element, at the beginning of the second line.
  return drawing.replace('\n', `\n<title>${title}: ${comparisons.map(inWords).join('; ')}</title>\n`);
}

/** For those who do not see the drawing, whose letters are lines. */
const inWords = ({ name, scratch, pretrained }: Comparison): string =>
  `${name} ${percent(scratch)} from scratch, ${percent(pretrained)} pretrained`;

/** Where a share is, from left to right. */
const place = (share: number): number => LEFT + share * (RIGHT - LEFT);

function bars(comparison: Comparison, row: number): string[] {
  const middle = TOP + (row + 0.5) * ROW.height;
  const name = svgText(comparison.name, LEFT - 12, middle + SIZE.text / 2, {
    size: SIZE.text,
    anchor: 'end',
  });
  const drawn = SERIES.flatMap(({ key, colour }, i) => {
    const top = middle + (i - 1) * ROW.bar;
    return [rectangle(top, comparison[key], colour), shareText(top, comparison[key])];
  });
  return [name, ...drawn];
}

/** A bar's share: right of its end, or inside it where there is no room. */
function shareText(top: number, share: number): string {
  const text = percent(share);
  const inside = place(share) + 6 + svgTextWidth(text, SIZE.tick) > RIGHT;
  return svgText(text, place(share) + (inside ? -6 : 6), top + (ROW.bar + SIZE.tick) / 2 - 1, {
    size: SIZE.tick,
    anchor: inside ? 'end' : 'start',
    colour: inside ? COLOURS.paper : COLOURS.ink,
  });
}

function rectangle(top: number, share: number, colour: string): string {
  const size = `width="${shorten(place(share) - LEFT)}" height="${ROW.bar - 2}"`;
  return `<rect x="${LEFT}" y="${shorten(top)}" ${size} fill="${colour}"/>`;
}

function legend(): string[] {
  let left = LEFT;
  return SERIES.flatMap(({ name, colour }) => {
    const square = `<rect x="${shorten(left)}" y="58" width="10" height="10" fill="${colour}"/>`;
    const text = svgText(name, left + 16, 67, { size: SIZE.text });
    left += 16 + svgTextWidth(name, SIZE.text) + 24;
    return [square, text];
  });
}
