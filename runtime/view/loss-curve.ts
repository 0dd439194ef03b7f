import sharp from 'sharp';
import { writeFileAtomically } from '../files.ts';
import {
  drawable,
  type LossPoint,
  lossRange,
  type Point,
  type SmoothSeries,
  smoothSeries,
  thinned,
} from './loss-series.ts';
import { COLOURS, shorten, svgDocument, svgLine, svgPolyline, svgText, svgTextWidth } from './svg.ts';
import { roundTicks, shortNumber } from './ticks.ts';

export interface LossCurveDrawing {
  readonly points: readonly LossPoint[];
  readonly title: string;
  /** What stands below the title in small letters. */
  readonly caption?: string;
}

/**
 * Draws the loss and the learning rate over the steps into a PNG file and, beside it, an SVG file of the same name.
 *
 * @throws UserError when a file cannot be written.
 */
export async function drawLossCurve(drawing: LossCurveDrawing & { readonly path: string }): Promise<void> {
  const { path } = drawing;
  const svg = lossCurveSvg(drawing);
  await writeFileAtomically(`${path.replace(/\.png$/i, '')}.svg`, svg);
  await writeFileAtomically(
    path,
    await sharp(Buffer.from(svg)).flatten().png({ compressionLevel: 9 }).toBuffer(),
  );
}

const WIDTH = 900;
const HEIGHT = 560;
const PIXELS_PER_UNIT = 2;
const LEFT = 74;
const RIGHT = WIDTH - 74;
const LOSS = { top: 104, bottom: 392 };
const RATE = { top: 432, bottom: 496 };
const SIZE = { title: 15, text: 8, tick: 7.5 };

/** From numbers to the drawing, and the rounded numbers to write at its edge. */
interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

function scale(low: number, high: number, from: number, to: number, wanted: number): Scale {
  const span = high - low || 1;
  return {
    place: (value) => from + ((value - low) / span) * (to - from),
    ticks: roundTicks(low, high, wanted),
  };
}

/** The SVG of `drawLossCurve`. */
export function lossCurveSvg({ points: all, title, caption = '' }: LossCurveDrawing): string {
  const points = drawable(all);
  const size = { width: WIDTH, height: HEIGHT, scale: PIXELS_PER_UNIT };
  const heading = [
    svgText(title, LEFT, 44, { size: SIZE.title, bold: true }),
    svgText(caption, LEFT, 66, { size: SIZE.text, colour: COLOURS.faint }),
  ];
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) {
    const middle = { size: SIZE.title, colour: COLOURS.faint, anchor: 'middle' } as const;
    return svgDocument(size, [...heading, svgText('no steps yet', WIDTH / 2, HEIGHT / 2, middle)]);
  }
  const begin = first.step <= last.step / 20 ? 0 : first.step;
  const steps = scale(begin, Math.max(last.step, begin + 1), LEFT, RIGHT, 8);
  const smooth = smoothSeries(points);
  return svgDocument(size, [
    ...heading,
    ...legend(smooth),
    ...lossPanel(points, smooth, steps),
    ...ratePanel(points, steps),
    ...stepAxis(steps, last),
  ]);
}

function legend({ meaning }: SmoothSeries): string[] {
  const style = { size: SIZE.text, colour: COLOURS.faint, anchor: 'end' } as const;
  const entries: readonly (readonly [string, string, number])[] = [
    [meaning, COLOURS.blue, 2.2],
    ...(meaning === 'each step' ? [] : [['each step', COLOURS.paleBlue, 1.2] as const]),
  ];
  let right = RIGHT;
  return entries.flatMap(([text, colour, width]) => {
    const left = right - svgTextWidth(text, SIZE.text);
    const parts = [
      svgText(text, right, 66, style),
      svgLine([left - 26, 62], [left - 8, 62], { colour, width }),
    ];
    right = left - 46;
    return parts;
  });
}

function lossPanel(points: readonly LossPoint[], smooth: SmoothSeries, steps: Scale): string[] {
  const [low, high] = lossRange(points, smooth.points);
  const losses = scale(low, high, LOSS.bottom, LOSS.top, 6);
  const place = ([step, loss]: Point): Point => [steps.place(step), losses.place(loss)];
  const each = points.map(({ step, loss }): Point => [step, loss]);
  const columns = RIGHT - LEFT;
  const frame = `<clipPath id="loss"><rect x="${LEFT}" y="${LOSS.top}" width="${columns}" height="${LOSS.bottom - LOSS.top}"/></clipPath>`;
  const end = smooth.points.at(-1) ?? [0, 0];
  const [endX, endY] = place(end);
  return [
    ...valueAxis('loss', losses, LOSS),
    frame,
    `<g clip-path="url(#loss)">${svgPolyline(thinned(each, columns).map(place), { colour: COLOURS.paleBlue, width: 1 })}</g>`,
    svgPolyline(thinned(smooth.points, columns).map(place), { colour: COLOURS.blue, width: 2.2 }),
    `<circle cx="${shorten(endX)}" cy="${shorten(endY)}" r="3.4" fill="${COLOURS.blue}"/>`,
    svgText(end[1].toPrecision(3), RIGHT + 12, endY + SIZE.text / 2, {
      size: SIZE.text,
      colour: COLOURS.blue,
      bold: true,
    }),
  ];
}

function ratePanel(points: readonly LossPoint[], steps: Scale): string[] {
  const highest = points.reduce((most, { learningRate }) => Math.max(most, learningRate), 0) || 1;
  const rates = scale(0, highest * 1.08, RATE.bottom, RATE.top, 2);
  const each = points.map(({ step, learningRate }): Point => [step, learningRate]);
  const line = thinned(each, RIGHT - LEFT).map(
    ([step, rate]): Point => [steps.place(step), rates.place(rate)],
  );
  const from = shorten(line[0]?.[0] ?? LEFT);
  const to = shorten(line.at(-1)?.[0] ?? LEFT);
  const outline = line.map(([x, y]) => `L${shorten(x)} ${shorten(y)}`).join('');
  return [
    ...valueAxis('learning rate', rates, RATE),
    `<path d="M${from} ${RATE.bottom}${outline}L${to} ${RATE.bottom}Z" fill="${COLOURS.amber}" fill-opacity="0.12"/>`,
    svgPolyline(line, { colour: COLOURS.amber, width: 1.8 }),
  ];
}

function valueAxis(
  title: string,
  axis: Scale,
  panel: { readonly top: number; readonly bottom: number },
): string[] {
  const style = { size: SIZE.tick, colour: COLOURS.faint } as const;
  return [
    svgText(title, LEFT, panel.top - 10, style),
    ...axis.ticks.flatMap((tick) => {
      const y = axis.place(tick);
      return [
        svgLine([LEFT, y], [RIGHT, y], { colour: COLOURS.line }),
        svgText(shortNumber(tick), LEFT - 10, y + SIZE.tick / 2, { ...style, anchor: 'end' }),
      ];
    }),
    svgLine([LEFT, panel.bottom], [RIGHT, panel.bottom], { colour: COLOURS.axis }),
  ];
}

function stepAxis(steps: Scale, last: LossPoint): string[] {
  const style = { size: SIZE.tick, colour: COLOURS.faint, anchor: 'middle' } as const;
  const perEpoch = last.epoch > 0 ? Math.round(last.step / last.epoch) : 0;
  const title = perEpoch > 0 ? `step (${shortNumber(perEpoch)} per epoch)` : 'step';
  const whole = steps.ticks.filter((tick) => Number.isInteger(tick));
  return [
    ...whole.flatMap((tick) => {
      const x = steps.place(tick);
      return [
        svgLine([x, RATE.bottom], [x, RATE.bottom + 5], { colour: COLOURS.axis }),
        svgText(shortNumber(tick), x, RATE.bottom + 11 + SIZE.tick, style),
      ];
    }),
    svgText(title, (LEFT + RIGHT) / 2, RATE.bottom + 32 + SIZE.tick, style),
  ];
}
