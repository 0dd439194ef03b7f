import sharp, { type OverlayOptions } from 'sharp';
import { writeFileAtomically } from '../files.ts';
import { COLOURS, fitText, shorten, svgDocument, svgText, svgTextWidth } from '../view/svg.ts';
import { depthOf, type HeatMapScale, heatColour, heatMapPixels, heatMapScale } from './heat-map.ts';
import type { ClassificationSummary } from './metrics.ts';
import { formatShare } from './tables.ts';

export interface ConfusionDrawing {
  readonly summary: Pick<ClassificationSummary, 'classes' | 'pictures' | 'confusion' | 'support' | 'top1'>;
  readonly classNames: readonly string[];
  readonly title: string;
  /** Below the title in small letters, before the numbers: "epoch 24". */
  readonly caption?: string;
}

/**
 * Draws a confusion matrix into a PNG file: a row for each true class, a column for each predicted one, each field coloured by
 * its share of the row; blue where the prediction is right, orange where it is wrong. Of very many classes neighbouring ones
 * share a field. @throws UserError if the file cannot be written.
 */
export async function drawConfusion(drawing: ConfusionDrawing & { readonly path: string }): Promise<void> {
  await writeFileAtomically(drawing.path, await renderConfusion(drawing));
}

/** The PNG of `drawConfusion`. */
export async function renderConfusion(drawing: ConfusionDrawing): Promise<Uint8Array> {
  const layout = layOut(drawing);
  const size = { width: layout.width, height: layout.height, scale: UNIT };
  const svg = svgDocument(size, [
    ...heading(drawing, layout),
    ...classLabels(drawing, layout),
    ...legend(layout),
    frame(layout),
  ]);
  return sharp(Buffer.from(svg))
    .composite(matrixOf(drawing, layout))
    .flatten()
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** The coloured fields and, where they are large enough, the numbers over them. */
function matrixOf(drawing: ConfusionDrawing, layout: Layout): OverlayOptions[] {
  const place = { left: layout.left * UNIT, top: layout.top * UNIT };
  const side = layout.scale.fields * layout.scale.pixels;
  const fields: OverlayOptions = {
    input: heatMapPixels(drawing.summary, layout.scale),
    raw: { width: side, height: side, channels: 3 },
    ...place,
  };
  const numbers = fieldNumbers(drawing, layout);
  return numbers.length === 0 ? [fields] : [fields, { input: overMatrix(numbers, layout), ...place }];
}

/** Pixels of a unit of length. */
const UNIT = 2;
const MARGIN = 32;
const HEADER_HEIGHT = 66;
const FOOTER_HEIGHT = 62;
const SIZE = { title: 13, text: 7.5, label: 7.5, axis: 7.5, number: 7.5, share: 5.5 };
/** The matrix is about so wide, as far as its fields may shrink and grow. */
const MATRIX = 640;
const LARGEST_FIELD = 64;
/** Fields of this size have the number of pictures written into them. */
const NUMBERED_FIELD = 22;
/** Fields of this size have the share of the row below it. */
const SHARED_FIELD = 40;
const LONGEST_LABEL = 130;
/** From one class name to the next. */
const LABEL_PITCH = 12;
const LABEL_GAP = 8;
const AXIS_WIDTH = 20;

interface Layout {
  readonly width: number;
  readonly height: number;
  /** Where the matrix begins, and how wide it is. */
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Width of a field. */
  readonly field: number;
  readonly scale: HeatMapScale;
  /** Whether the names of the columns fit above them without being turned. */
  readonly upright: boolean;
}

function layOut(drawing: ConfusionDrawing): Layout {
  const {
    summary: { classes },
    classNames,
    title,
  } = drawing;
  const scale = heatMapScale(classes, MATRIX * UNIT, LARGEST_FIELD * UNIT);
  const field = scale.pixels / UNIT;
  const side = scale.fields * field;
  const widest = classNames.reduce((most, name) => Math.max(most, svgTextWidth(name, SIZE.label)), 0);
  const labels = Math.ceil(Math.min(LONGEST_LABEL, widest));
  const upright = widest <= field - 6;
  const left = MARGIN + AXIS_WIDTH + labels + LABEL_GAP;
  const top = MARGIN + HEADER_HEIGHT + (upright ? SIZE.label : labels) + LABEL_GAP;
  const texts =
    2 * MARGIN + Math.max(svgTextWidth(title, SIZE.title), svgTextWidth(captionOf(drawing), SIZE.text));
  return {
    width: Math.ceil(Math.max(left + side + MARGIN, texts, left + LEGEND_WIDTH + MARGIN)),
    height: Math.ceil(top + side + FOOTER_HEIGHT + MARGIN),
    left,
    top: Math.ceil(top),
    side,
    field,
    scale,
    upright,
  };
}

function captionOf({ summary, caption }: ConfusionDrawing): string {
  const numbers = `${summary.pictures} pictures of ${summary.classes} classes · ${formatShare(summary.top1)} right`;
  return caption === undefined ? numbers : `${caption} · ${numbers}`;
}

function heading(drawing: ConfusionDrawing, { left, top, side }: Layout): string[] {
  const axis = { size: SIZE.axis, colour: COLOURS.faint, anchor: 'middle' } as const;
  const captionStyle = { size: SIZE.text, colour: COLOURS.faint };
  return [
    svgText(drawing.title, MARGIN, MARGIN + SIZE.title, { size: SIZE.title, bold: true }),
    svgText(captionOf(drawing), MARGIN, MARGIN + SIZE.title + 20, captionStyle),
    svgText('predicted class', left + side / 2, MARGIN + HEADER_HEIGHT - 10, axis),
    turned('true class', MARGIN + SIZE.axis, top + side / 2, axis),
  ];
}

type Style = Parameters<typeof svgText>[3];

/** A text that is read from below: x is its base line. */
function turned(text: string, x: number, y: number, style: Style): string {
  return `<g transform="translate(${shorten(x)} ${shorten(y)}) rotate(-90)">${svgText(text, 0, 0, style)}</g>`;
}

/** One class in so many is named: all of them, unless their fields are lower than a line of text. */
function namedEvery({ field, scale }: Layout): number {
  return Math.max(1, Math.ceil(LABEL_PITCH / field)) * scale.group;
}

function classLabels({ classNames }: ConfusionDrawing, layout: Layout): string[] {
  const { left, top, field, scale, upright } = layout;
  const step = namedEvery(layout);
  const style = { size: SIZE.label } as const;
  return classNames.flatMap((name, index) => {
    if (index % step !== 0) return [];
    const text = fitText(name, SIZE.label, LONGEST_LABEL);
    const middle = (index / scale.group + 0.5) * field;
    const baseline = middle + SIZE.label / 2;
    return [
      svgText(text, left - LABEL_GAP, top + baseline, { ...style, anchor: 'end' }),
      upright
        ? svgText(text, left + middle, top - LABEL_GAP, { ...style, anchor: 'middle' })
        : turned(text, left + baseline, top - LABEL_GAP, style),
    ];
  });
}

function frame({ left, top, side }: Layout): string {
  const box = `x="${left - 0.5}" y="${top - 0.5}" width="${side + 1}" height="${side + 1}"`;
  return `<rect ${box} fill="none" stroke="${COLOURS.axis}"/>`;
}

/** The number of pictures of each field, in a drawing of the matrix alone; none where the fields are too small. */
function fieldNumbers({ summary }: ConfusionDrawing, { field }: Layout): string[] {
  if (field < NUMBERED_FIELD) return [];
  const { classes, confusion, support } = summary;
  return Array.from(confusion).flatMap((count, cell) => {
    if (count === 0) return [];
    const [row, column] = [Math.floor(cell / classes), cell % classes];
    const share = count / (support[row] ?? count);
    const colour = depthOf(share) > 0.7 ? COLOURS.paper : COLOURS.ink;
    const [x, y] = [(column + 0.5) * field, (row + 0.5) * field];
    const anchor = 'middle' as const;
    const fitting = Math.min(
      SIZE.number,
      (SIZE.number * (field - 4)) / svgTextWidth(String(count), SIZE.number),
    );
    if (field < SHARED_FIELD)
      return [svgText(String(count), x, y + fitting / 2, { size: fitting, colour, anchor })];
    return [
      svgText(String(count), x, y, { size: fitting, colour, anchor }),
      svgText(formatShare(share, 1), x, y + 6 + SIZE.share, { size: SIZE.share, colour, anchor }),
    ];
  });
}

/** What lies over the matrix, on nothing. */
function overMatrix(parts: readonly string[], { side }: Layout): Buffer {
  const size = `width="${side * UNIT}" height="${side * UNIT}" viewBox="0 0 ${side} ${side}"`;
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${parts.join('\n')}</svg>`);
}

const LEGEND_WIDTH = 300;
const LEGEND_TICKS = [0, 0.01, 0.1, 0.25, 0.5, 1];

/** Both ramps of colours over the share of the true class. */
function legend(layout: Layout): string[] {
  const { left, top, side } = layout;
  const from = left;
  const y = top + side + 24;
  const style = { size: SIZE.axis, colour: COLOURS.faint } as const;
  const bar = LEGEND_WIDTH - 60;
  const ramps = (['right', 'wrong'] as const).flatMap((kind, line) => {
    const stops = Array.from({ length: 11 }, (_, i) => {
      const [red, green, blue] = heatColour(kind, i / 10);
      return `<stop offset="${i / 10}" stop-color="rgb(${red},${green},${blue})"/>`;
    });
    const place = `x="${from + 34}" y="${y + line * 14}" width="${bar}" height="10"`;
    return [
      `<linearGradient id="${kind}">${stops.join('')}</linearGradient>`,
      `<rect ${place} fill="url(#${kind})" stroke="${COLOURS.axis}" stroke-width="0.5"/>`,
      svgText(kind, from, y + line * 14 + 8.5, style),
    ];
  });
  const ticks = LEGEND_TICKS.map((share) =>
    svgText(formatShare(share, 0), from + 34 + bar * depthOf(share), y + 32 + SIZE.axis, {
      ...style,
      anchor: 'middle',
    }),
  );
  const step = namedEvery(layout);
  const note = step === 1 ? 'of the true class' : `of the true class · one class in ${step} is named`;
  return [...ramps, ...ticks, svgText(note, from + 34, y + 46 + SIZE.axis, style)];
}
