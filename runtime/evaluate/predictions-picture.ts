import sharp, { type OverlayOptions } from 'sharp';
import { writeFileAtomically } from '../files.ts';
import type { CompiledModel } from '../model/compiled-spec.ts';
import { type PatchedModel, rgbOf } from '../view/patches.ts';
import { COLOURS, shorten, svgDocument, svgText, svgTextWidth } from '../view/svg.ts';
import { cellText, textHeight } from './prediction-text.ts';
import { type PredictedExample, VERDICTS, type Verdict, verdictMark, verdictOf } from './verdict.ts';

export interface PredictionsDrawing {
  readonly model: PatchedModel & Pick<CompiledModel, 'name'>;
  readonly examples: readonly PredictedExample[];
  readonly classNames: readonly string[];
  /** Below the model's name: "checkpoint.safetensors · epoch 24 · top-1 83.66 %". */
  readonly caption: string;
}

/**
 * Draws pictures with what was predicted for them into a PNG file: the right ones, then the wrong ones, then those whose class
 * is not known, each in the given order. @throws UserError if it cannot be written.
 */
export async function drawPredictions(
  drawing: PredictionsDrawing & { readonly path: string },
): Promise<void> {
  await writeFileAtomically(drawing.path, await renderPredictions(drawing));
}

/** The PNG of `drawPredictions`. */
export async function renderPredictions(drawing: PredictionsDrawing): Promise<Uint8Array> {
  const layout = layOut(drawing);
  const size = { width: layout.width, height: layout.height, scale: 1 };
  const svg = svgDocument(size, [
    ...heading(drawing),
    ...layout.groups.flatMap((group) => groupHeading(group, drawing)),
    ...layout.groups.flatMap(({ verdict, places }) =>
      places.flatMap((place) => [
        pictureFrame(place, verdict, layout),
        ...cellText(place.example, verdict, drawing.classNames, {
          left: place.left,
          top: place.top + layout.pictureHeight,
          width: layout.cellWidth,
        }),
      ]),
    ),
  ]);
  const pictures = await Promise.all(
    layout.groups.flatMap(({ places }) => places.map((place) => pictureOf(drawing, place, layout))),
  );
  return sharp(Buffer.from(svg))
    .composite([...pictures, { input: marksOf(layout), left: 0, top: 0 }])
    .flatten()
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const MARGIN = 40;
const SIZE = { title: 19, text: 9.5, head: 12 };
const HEADER_HEIGHT = 82;
const GROUP_HEAD = 34;
const GROUP_GAP = 18;
const COLUMN_GAP = 22;
/** Small pictures are enlarged by whole numbers, up to about so many pixels. */
const PICTURE = 160;
/** So much room the texts need, even below a narrower picture. */
const NARROWEST_CELL = 128;
const FRAME = 4;
const MARK_RADIUS = 12;
/** Width over height that the whole drawing should come close to. */
const SHAPE = 1.4;

interface Place {
  readonly example: PredictedExample;
  readonly left: number;
  readonly top: number;
}

interface Group {
  readonly verdict: Verdict;
  readonly top: number;
  readonly places: readonly Place[];
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  readonly cellWidth: number;
  readonly groups: readonly Group[];
}

function layOut(drawing: PredictionsDrawing): Layout {
  const { height, width } = drawing.model.image;
  const zoom = Math.max(1, Math.floor(PICTURE / Math.max(height, width)));
  const cells = {
    pictureWidth: width * zoom,
    pictureHeight: height * zoom,
    cellWidth: Math.max(width * zoom, NARROWEST_CELL),
  };
  const texts = Math.max(
    svgTextWidth(drawing.model.name, SIZE.title),
    svgTextWidth(captionOf(drawing), SIZE.text),
  );
  const candidates = Array.from({ length: Math.max(1, drawing.examples.length) }, (_, i) => {
    const { groups, bottom } = placeGroups(drawing.examples, i + 1, cells);
    const across = (i + 1) * (cells.cellWidth + COLUMN_GAP) - COLUMN_GAP;
    return { groups, width: Math.ceil(2 * MARGIN + Math.max(across, texts)), height: bottom + MARGIN };
  });
  const misfit = (sheet: { width: number; height: number }) =>
    Math.abs(Math.log(sheet.width / sheet.height / SHAPE));
  const [best = { groups: [], width: 2 * MARGIN, height: 2 * MARGIN }] = candidates.sort(
    (a, b) => misfit(a) - misfit(b),
  );
  return { ...best, ...cells };
}

type Cells = Pick<Layout, 'cellWidth' | 'pictureHeight'>;

/** The groups under each other, with so many columns. */
function placeGroups(
  examples: readonly PredictedExample[],
  columns: number,
  { cellWidth, pictureHeight }: Cells,
): { readonly groups: readonly Group[]; readonly bottom: number } {
  let top = MARGIN + HEADER_HEIGHT;
  const groups: Group[] = [];
  for (const verdict of VERDICTS) {
    const own = examples.filter((example) => verdictOf(example) === verdict);
    if (own.length === 0) continue;
    const first = top + GROUP_HEAD;
    const rowHeight = pictureHeight + textHeight(verdict);
    const places = own.map((example, i) => ({
      example,
      left: MARGIN + (i % columns) * (cellWidth + COLUMN_GAP),
      top: first + Math.floor(i / columns) * rowHeight,
    }));
    groups.push({ verdict, top, places });
    top = first + Math.ceil(own.length / columns) * rowHeight + GROUP_GAP;
  }
  return { groups, bottom: top - GROUP_GAP };
}

function captionOf({ examples, caption }: PredictionsDrawing): string {
  const pictures = `${examples.length} ${examples.length === 1 ? 'picture' : 'pictures'} shown`;
  return caption === '' ? pictures : `${caption} · ${pictures}`;
}

function heading(drawing: PredictionsDrawing): string[] {
  return [
    svgText(drawing.model.name, MARGIN, MARGIN + SIZE.title, { size: SIZE.title, bold: true }),
    svgText(captionOf(drawing), MARGIN, MARGIN + SIZE.title + 28, { size: SIZE.text, colour: COLOURS.faint }),
  ];
}

/** The sign and the word of a group, and how many of the pictures it has. */
function groupHeading({ verdict, top, places }: Group, { examples }: PredictionsDrawing): string[] {
  const mark = verdictMark(verdict, MARGIN + 9, top + 10, 9);
  const left = MARGIN + (mark === '' ? 0 : 27);
  const count = `${places.length} of ${examples.length}`;
  return [
    mark,
    svgText(verdict.title, left, top + 16, { size: SIZE.head, bold: true, colour: verdict.colour }),
    svgText(count, left + svgTextWidth(verdict.title, SIZE.head) + 12, top + 16, {
      size: SIZE.text,
      colour: COLOURS.faint,
    }),
  ];
}

function pictureFrame({ left, top }: Place, { colour }: Verdict, layout: Layout): string {
  const size = `width="${layout.pictureWidth + 2 * FRAME}" height="${layout.pictureHeight + 2 * FRAME}"`;
  return `<rect x="${shorten(left - FRAME)}" y="${shorten(top - FRAME)}" ${size} rx="3" fill="${colour}"/>`;
}

/** Every pixel becomes a square: what a model of few pixels sees stays visible as such. */
async function pictureOf(
  { model }: PredictionsDrawing,
  { example, left, top }: Place,
  { pictureWidth, pictureHeight }: Layout,
): Promise<OverlayOptions> {
  const { height, width } = model.image;
  const input = await sharp(rgbOf(model, example.picture), { raw: { height, width, channels: 3 } })
    .resize(pictureWidth, pictureHeight, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  return { input, raw: { width: pictureWidth, height: pictureHeight, channels: 3 }, left, top };
}

/** The signs over the corners of the pictures, on nothing. */
function marksOf({ width, height, pictureWidth, groups }: Layout): Buffer {
  const marks = groups.flatMap(({ verdict, places }) =>
    places.map(({ left, top }) => verdictMark(verdict, left + pictureWidth - 6, top + 6, MARK_RADIUS)),
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${marks.join('')}</svg>`,
  );
}
