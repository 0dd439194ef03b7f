import sharp, { type OverlayOptions } from 'sharp';
import { writeFileAtomically } from '../files.ts';
import type { CompiledModel } from '../model/compiled-spec.ts';
import {
  fillRemoved,
  type PatchedModel,
  patchCount,
  patchValues,
  predictedPicture,
  type RgbPicture,
  rgbOf,
} from './patches.ts';
import { COLOURS, fitText, shorten, svgDocument, svgText, svgTextWidth } from './svg.ts';

export interface ReconstructionDrawing {
  readonly model: PatchedModel & Pick<CompiledModel, 'name'>;
  /** [size, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** [size, patches, values of a patch]. */
  readonly prediction: Float32Array;
  /** [size, patches], 1 where a patch was removed. */
  readonly mask: Float32Array;
  /** What the model is and how far it is trained, below its name: "epoch 24 · step 744 · loss 0.412". */
  readonly caption: string;
  /** A name for each picture, to stand below it. */
  readonly labels?: readonly string[];
  /** A fourth column with the prediction for every patch, also those that the model saw. */
  readonly everyPatch?: boolean;
}

/** Draws the pictures beside their masked and reconstructed forms into a PNG file. @throws UserError if it cannot be written. */
export async function drawReconstruction(
  drawing: ReconstructionDrawing & { readonly path: string },
): Promise<void> {
  await writeFileAtomically(drawing.path, await renderReconstruction(drawing));
}

/** The PNG of `drawReconstruction`. */
export async function renderReconstruction(drawing: ReconstructionDrawing): Promise<Uint8Array> {
  const rows = rowsOf(drawing);
  const layout = layOut(drawing, rows);
  const svg = svgDocument({ width: layout.width, height: layout.height, scale: 1 }, [
    ...header(drawing, layout),
    ...rows.flatMap((row, i) => rowFrame(row, i, layout)),
    ...layout.notes.map((note, i) =>
      svgText(note, MARGIN, layout.notesTop + i * 22, { size: SIZE.text, colour: COLOURS.faint }),
    ),
  ]);
  const cells = rows.flatMap((row, i) => cellsOf(drawing, row, i, layout));
  return sharp(Buffer.from(svg)).composite(cells).flatten().png({ compressionLevel: 9 }).toBuffer();
}

const MARGIN = 40;
const SIZE = { title: 19, text: 9.5, head: 10.5, label: 8.5 };
const HEADER_HEIGHT = 74;
const HEAD_HEIGHT = 30;
const LABEL_HEIGHT = 34;
const COLUMN_GAP = 10;
const BLOCK_GAP = 44;
/** Small pictures are enlarged by whole numbers, up to about so many pixels. */
const CELL = 192;
/** Width over height that the whole drawing should come close to. */
const SHAPE = 1.5;
const REMOVED_GREY = [0xcf, 0xd4, 0xdc] as const;

/** One picture of the drawing: its columns, and what stands below it. */
interface Row {
  readonly columns: readonly RgbPicture[];
  readonly label: string;
  readonly loss: number;
}

function rowsOf(drawing: ReconstructionDrawing): Row[] {
  const { model, images, prediction, mask, labels, everyPatch } = drawing;
  const pixels = model.image.channels * model.image.height * model.image.width;
  const patches = patchCount(model);
  const values = patches * patchValues(model);
  const grey = new Uint8Array(model.image.height * model.image.width * 3).map(
    (_, i) => REMOVED_GREY[i % 3] ?? 0,
  );
  return Array.from({ length: images.length / pixels }, (_, i) => {
    const picture = images.subarray(i * pixels, (i + 1) * pixels);
    const ownMask = mask.subarray(i * patches, (i + 1) * patches);
    const ownPrediction = prediction.subarray(i * values, (i + 1) * values);
    const { predicted, loss } = predictedPicture(model, picture, ownPrediction, ownMask);
    const original = rgbOf(model, picture);
    const every = rgbOf(model, predicted);
    const columns = [
      original,
      fillRemoved(model, original, grey, ownMask),
      fillRemoved(model, original, every, ownMask),
      ...(everyPatch ? [every] : []),
    ];
    return { columns, label: labels?.[i] ?? '', loss };
  });
}

const HEADS = ['original', 'masked', 'reconstructed', 'every patch predicted'];

interface Layout {
  readonly width: number;
  readonly height: number;
  /** How many times a picture is enlarged. */
  readonly zoom: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly columns: number;
  readonly rowsPerBlock: number;
  readonly blocks: number;
  readonly blockWidth: number;
  readonly notes: readonly string[];
  readonly notesTop: number;
}

/** The rows stand in one or more blocks side by side, so many that the drawing gets a pleasant shape. */
function layOut(drawing: ReconstructionDrawing, rows: readonly Row[]): Layout {
  const { height, width } = drawing.model.image;
  const zoom = Math.max(1, Math.floor(CELL / Math.max(height, width)));
  const [cellWidth, cellHeight] = [width * zoom, height * zoom];
  const columns = rows[0]?.columns.length ?? 0;
  const blockWidth = columns * (cellWidth + COLUMN_GAP) - COLUMN_GAP;
  const notes = notesOf(drawing);
  const shapes = Array.from({ length: Math.min(4, rows.length) }, (_, i) => {
    const rowsPerBlock = Math.ceil(rows.length / (i + 1));
    const blocks = Math.ceil(rows.length / rowsPerBlock);
    const across = 2 * MARGIN + blocks * (blockWidth + BLOCK_GAP) - BLOCK_GAP;
    const notesTop = MARGIN + HEADER_HEIGHT + HEAD_HEIGHT + rowsPerBlock * (cellHeight + LABEL_HEIGHT) + 14;
    return { rowsPerBlock, blocks, across, notesTop, down: notesTop + notes.length * 22 + MARGIN - 22 };
  });
  const misfit = (shape: { across: number; down: number }) =>
    Math.abs(Math.log(shape.across / shape.down / SHAPE));
  const [best = { rowsPerBlock: 0, blocks: 0, across: 0, notesTop: MARGIN + HEADER_HEIGHT, down: 0 }] =
    shapes.sort((a, b) => misfit(a) - misfit(b));
  const texts = [...notes, captionOf(drawing)].map((text) => svgTextWidth(text, SIZE.text) + 2 * MARGIN);
  return {
    ...best,
    width: Math.ceil(
      Math.max(best.across, svgTextWidth(drawing.model.name, SIZE.title) + 2 * MARGIN, ...texts),
    ),
    height: Math.ceil(best.down),
    zoom,
    cellWidth,
    cellHeight,
    columns,
    blockWidth,
    notes,
  };
}

function captionOf({ model, mask, images, caption }: ReconstructionDrawing): string {
  const pictures = images.length / (model.image.channels * model.image.height * model.image.width);
  const removed = mask.reduce((sum, value) => sum + value, 0) / Math.max(1, pictures);
  const patches = patchCount(model);
  const masking = `${Math.round(removed)} of ${patches} patches removed`;
  return caption === '' ? masking : `${caption} · ${masking}`;
}

function notesOf({ model }: ReconstructionDrawing): string[] {
  const { channels } = model.image;
  const notes: string[] = [];
  if (model.loss.target === 'normalized-pixels') {
    notes.push("removed patches: predicted contrast, with the true patch's mean and deviation");
  }
  if (channels > 3) notes.push(`the first three of ${channels} channels are shown as red, green and blue`);
  if (channels === 2) notes.push('the first of 2 channels is shown as grey');
  return notes;
}

function header(drawing: ReconstructionDrawing, layout: Layout): string[] {
  const blocks = Array.from({ length: layout.blocks }, (_, i) => i);
  const heads = HEADS.slice(0, layout.columns);
  return [
    svgText(drawing.model.name, MARGIN, MARGIN + SIZE.title, { size: SIZE.title, bold: true }),
    svgText(captionOf(drawing), MARGIN, MARGIN + SIZE.title + 28, { size: SIZE.text, colour: COLOURS.faint }),
    ...blocks.flatMap((block) =>
      heads.map((head, column) => {
        const x = blockLeft(block, layout) + column * (layout.cellWidth + COLUMN_GAP) + layout.cellWidth / 2;
        const y = MARGIN + HEADER_HEIGHT + HEAD_HEIGHT - 14;
        return svgText(fitText(head, SIZE.head, layout.cellWidth + COLUMN_GAP - 4), x, y, {
          size: SIZE.head,
          anchor: 'middle',
        });
      }),
    ),
  ];
}

function blockLeft(block: number, { blockWidth }: Layout): number {
  return MARGIN + block * (blockWidth + BLOCK_GAP);
}

function rowPlace(index: number, layout: Layout): { readonly left: number; readonly top: number } {
  const block = Math.floor(index / layout.rowsPerBlock);
  const line = index % layout.rowsPerBlock;
  const top = MARGIN + HEADER_HEIGHT + HEAD_HEIGHT + line * (layout.cellHeight + LABEL_HEIGHT);
  return { left: blockLeft(block, layout), top };
}

/** Hairlines around the cells, so that white pictures have an end, and the row's label and loss. */
function rowFrame(row: Row, index: number, layout: Layout): string[] {
  const { left, top } = rowPlace(index, layout);
  const frames = row.columns.map((_, column) => {
    const x = left + column * (layout.cellWidth + COLUMN_GAP) - 1;
    const size = `width="${layout.cellWidth + 2}" height="${layout.cellHeight + 2}"`;
    return `<rect x="${shorten(x)}" y="${shorten(top - 1)}" ${size} fill="${COLOURS.line}"/>`;
  });
  const loss = `loss ${row.loss.toPrecision(3)}`;
  const baseline = top + layout.cellHeight + 9 + SIZE.label;
  const style = { size: SIZE.label, colour: COLOURS.faint };
  const room = layout.blockWidth - svgTextWidth(loss, SIZE.label) - 12;
  return [
    ...frames,
    svgText(fitText(row.label, SIZE.label, room), left, baseline, style),
    svgText(loss, left + layout.blockWidth, baseline, { ...style, anchor: 'end' }),
  ];
}

function cellsOf(
  { model }: ReconstructionDrawing,
  row: Row,
  index: number,
  layout: Layout,
): OverlayOptions[] {
  const { left, top } = rowPlace(index, layout);
  const { height, width } = model.image;
  return row.columns.map((picture, column) => ({
    input: enlarge(picture, height, width, layout.zoom),
    raw: { width: width * layout.zoom, height: height * layout.zoom, channels: 3 },
    left: left + column * (layout.cellWidth + COLUMN_GAP),
    top,
  }));
}

/** Every pixel becomes a square: what a model of few pixels sees stays visible as such. */
function enlarge(picture: RgbPicture, height: number, width: number, zoom: number): Buffer {
  const large = Buffer.alloc(height * width * zoom * zoom * 3);
  for (let y = 0; y < height * zoom; y++) {
    const from = Math.floor(y / zoom) * width;
    for (let x = 0; x < width * zoom; x++) {
      const source = (from + Math.floor(x / zoom)) * 3;
      large.set(picture.subarray(source, source + 3), (y * width * zoom + x) * 3);
    }
  }
  return large;
}
