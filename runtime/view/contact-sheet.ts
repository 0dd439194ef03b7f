import sharp, { type OverlayOptions } from 'sharp';
import type { SamplePicture } from '../data/check/check-data.ts';
import type { Pixels } from '../data/resize.ts';
import { COLOURS, fitText, svgDocument, svgText, svgTextWidth } from './svg.ts';

export interface ContactSheet {
  readonly title: string;
  readonly caption: string;
  /** The classes that are shown, with how many pictures each has; undefined for pictures without labels. */
  readonly classes: readonly { readonly name: string; readonly pictures: number }[] | undefined;
  /** Some pictures of each class, its label being a place in `classes`. */
  readonly samples: readonly SamplePicture[];
}

/** How much a sheet shows. */
export const SHEET = { perClass: 8, classes: 48, unlabelled: 80 } as const;

const MARGIN = 40;
const CELL = 96;
const GAP = 4;
const STRIP = SHEET.perClass * (CELL + GAP) - GAP;
const COLUMN_GAP = 36;
const HEADER = 84;
/** Above the strip of a class: its name. */
const HEAD = 30;
const BLOCK = HEAD + CELL + 14;
const SIZE = { title: 19, caption: 9.5, name: 11, count: 9 };
/** Width over height that the whole sheet should come close to. */
const SHAPE = 1.3;

/** The PNG of a sheet: small pictures are enlarged with their pixels left visible, others cut to squares. */
export async function renderContactSheet(sheet: ContactSheet): Promise<Uint8Array> {
  const { svg, cells } = sheet.classes === undefined ? layGrid(sheet) : layClasses(sheet, sheet.classes);
  const overlays: OverlayOptions[] = [];
  for (const { picture, left, top } of cells) {
    overlays.push({ input: await square(picture.thumbnail), left, top });
  }
  return sharp(Buffer.from(svg)).composite(overlays).flatten().png({ compressionLevel: 9 }).toBuffer();
}

interface Cell {
  readonly picture: SamplePicture;
  readonly left: number;
  readonly top: number;
}

interface Laid {
  readonly svg: string;
  readonly cells: readonly Cell[];
}

function header({ title, caption }: ContactSheet, width: number): string[] {
  const room = width - 2 * MARGIN;
  return [
    svgText(fitText(title, SIZE.title, room), MARGIN, MARGIN + SIZE.title, { size: SIZE.title, bold: true }),
    svgText(fitText(caption, SIZE.caption, room), MARGIN, MARGIN + SIZE.title + 27, {
      size: SIZE.caption,
      colour: COLOURS.faint,
    }),
  ];
}

function layGrid(sheet: ContactSheet): Laid {
  const { samples } = sheet;
  const across = Math.max(8, Math.ceil(Math.sqrt(samples.length * SHAPE)));
  const width = 2 * MARGIN + across * (CELL + GAP) - GAP;
  const height = MARGIN + HEADER + Math.ceil(samples.length / across) * (CELL + GAP) - GAP + MARGIN;
  const cells = samples.map((picture, i) => ({
    picture,
    left: MARGIN + (i % across) * (CELL + GAP),
    top: MARGIN + HEADER + Math.floor(i / across) * (CELL + GAP),
  }));
  return {
    svg: svgDocument({ width, height, scale: 1 }, [...header(sheet, width), ...frames(cells)]),
    cells,
  };
}

function layClasses(sheet: ContactSheet, classes: NonNullable<ContactSheet['classes']>): Laid {
  const columns = bestColumns(classes.length);
  const perColumn = Math.ceil(classes.length / columns);
  const width = 2 * MARGIN + columns * (STRIP + COLUMN_GAP) - COLUMN_GAP;
  const height = MARGIN + HEADER + perColumn * BLOCK + MARGIN - 14;
  const parts = header(sheet, width);
  const cells: Cell[] = [];
  classes.forEach((each, label) => {
    const left = MARGIN + Math.floor(label / perColumn) * (STRIP + COLUMN_GAP);
    const top = MARGIN + HEADER + (label % perColumn) * BLOCK;
    parts.push(...classHead(each, left, top));
    sheet.samples
      .filter((picture) => picture.label === label)
      .forEach((picture, i) => {
        cells.push({ picture, left: left + i * (CELL + GAP), top: top + HEAD });
      });
  });
  return { svg: svgDocument({ width, height, scale: 1 }, [...parts, ...frames(cells)]), cells };
}

/** Hairlines around the pictures, so that white ones have an end. */
function frames(cells: readonly Cell[]): string[] {
  const size = `width="${CELL + 2}" height="${CELL + 2}" fill="${COLOURS.line}"`;
  return cells.map(({ left, top }) => `<rect x="${left - 1}" y="${top - 1}" ${size}/>`);
}

function bestColumns(classes: number): number {
  const misfit = (columns: number): number => {
    const across = 2 * MARGIN + columns * (STRIP + COLUMN_GAP);
    const down = 2 * MARGIN + HEADER + Math.ceil(classes / columns) * BLOCK;
    return Math.abs(Math.log(across / down / SHAPE));
  };
  return [1, 2, 3, 4].reduce((best, columns) => (misfit(columns) < misfit(best) ? columns : best));
}

/** The name, and how many pictures there are; where there are none, that is all. */
function classHead({ name, pictures }: { name: string; pictures: number }, left: number, top: number) {
  const count = pictures === 1 ? '1 picture' : `${pictures} pictures`;
  const baseline = top + HEAD - 10;
  const room = STRIP - svgTextWidth(count, SIZE.count) - 14;
  return [
    svgText(fitText(name, SIZE.name, room), left, baseline, { size: SIZE.name }),
    svgText(count, left + STRIP, baseline, {
      size: SIZE.count,
      colour: pictures === 0 ? COLOURS.amber : COLOURS.faint,
      anchor: 'end',
    }),
  ];
}

async function square({ height, width, channels, data }: Pixels): Promise<Buffer> {
  const grey = channels === 1 ? 1 : 3;
  const enlarged = Math.max(1, Math.floor(CELL / Math.min(height, width)));
  const picture = sharp(data, { raw: { height, width, channels: grey } });
  const large =
    enlarged === 1
      ? picture
      : sharp(
          await picture
            .resize(width * enlarged, height * enlarged, { kernel: 'nearest' })
            .png()
            .toBuffer(),
        );
  return large.resize(CELL, CELL, { fit: 'cover' }).png().toBuffer();
}
