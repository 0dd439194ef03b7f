import { type Markup, markup } from '../markup.ts';
import type { Cell, DrawnGrid } from './mask-pattern.ts';
import { brokenLines, type Caption, type Line, type Marks, markOf, SEPARATOR } from './phrases.ts';

/** Lengths are in the drawing's own units, pixels at its natural size; y grows downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const LINE_HEIGHT = 18;

/** Lines of a caption, its heading and costs included. */
export function captionHeight(caption: Caption, marks: Marks): number {
  const lines = 1 + brokenLines(caption, marks).length + (caption.cost ? 1 : 0);
  return lines * LINE_HEIGHT;
}

/** A caption in lines from (x, y) downwards, what has changed in bold and underlined. */
export function captionText(caption: Caption, x: number, y: number, marks: Marks): Markup {
  const lines = brokenLines(caption, marks);
  const baseline = (index: number) => y + (index + 1) * LINE_HEIGHT - 5;
  return markup`<text class="heading" x="${x}" y="${baseline(0)}">${caption.heading}</text>
${lines.map((line, index) => markup`<text x="${x}" y="${baseline(index + 1)}">${spans(line, marks)}</text>\n`)}${
  caption.cost
    ? markup`<text class="cost" x="${x}" y="${baseline(lines.length + 1)}">${caption.cost}</text>\n`
    : undefined
}`;
}

function spans(line: Line, marks: Marks): Markup[] {
  return line.map((phrase, index) => {
    const mark = markOf(phrase, marks);
    const before = index === 0 ? '' : SEPARATOR;
    if (mark === undefined) return markup`${before}${phrase.text}`;
    return markup`${before}<tspan class="changed ${mark.class}-mark">${phrase.text}<title>${mark.message}</title></tspan>`;
  });
}

/** The height of a square grid of patches. */
export const GRID_SIDE = 132;

/** Where a grid goes that keeps its proportions in a square of `side`, its centre at x. */
export function gridBox({ rows, columns }: DrawnGrid, centre: number, y: number, side = GRID_SIDE): Box {
  const pitch = side / Math.max(rows, columns);
  const [width, height] = [columns * pitch, rows * pitch];
  return { x: centre - width / 2, y, width, height };
}

/** The cells of a grid: those that `isFilled` in one class, the others in the other. */
export function cellGrid(
  grid: DrawnGrid,
  box: Box,
  { filled, empty, isFilled }: { filled: string; empty: string; isFilled: (cell: Cell) => boolean },
): Markup {
  const pitch = box.width / grid.columns;
  const gap = Math.min(1.5, pitch * 0.18);
  const side = number(pitch - gap);
  const path = (cells: readonly Cell[]) =>
    cells
      .map(({ row, column }) => {
        const [x, y] = [box.x + column * pitch + gap / 2, box.y + row * pitch + gap / 2];
        return `M${number(x)} ${number(y)}h${side}v${side}h-${side}z`;
      })
      .join('');
  const draw = (name: string, cells: readonly Cell[]) =>
    cells.length === 0 ? undefined : markup`<path class="cells ${name}" d="${path(cells)}"/>\n`;
  return markup`${draw(
    filled,
    grid.cells.filter((cell) => isFilled(cell)),
  )}${draw(
    empty,
    grid.cells.filter((cell) => !isFilled(cell)),
  )}`;
}

/** A linear map as what it does to the width of a token: from `above` to `below`. */
export function linearMap(centre: number, y: number, height: number, above: number, below: number): Markup {
  const points = [
    [centre - above / 2, y],
    [centre + above / 2, y],
    [centre + below / 2, y + height],
    [centre - below / 2, y + height],
  ];
  const list = points.map((point) => point.map(number).join(',')).join(' ');
  return markup`<polygon class="linear" points="${list}"/>\n`;
}

/** An arrow down. */
export function arrow(x: number, from: number, to: number): Markup {
  const head = 4;
  return markup`<path class="flow" d="M${x} ${from}V${to - head}"/><path class="tip" d="M${x - head} ${to - head - 1}h${2 * head}l${-head} ${head + 1}z"/>\n`;
}

/** Kinds of tokens and how many there are of each, in a row of small squares; ends with dots where they are too many. */
export function tokenRow(
  kinds: readonly { readonly name: string; readonly count: number }[],
  centre: number,
  y: number,
): Markup {
  const [side, gap, most] = [8, 2, 17];
  const all = kinds.flatMap(({ name, count }) => new Array<string>(Math.min(count, most + 1)).fill(name));
  const shown = all.length > most ? spread(kinds, most) : all;
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const dots = total > shown.length ? 3 : 0;
  const width = shown.length * (side + gap) - gap + dots * 5;
  const left = centre - width / 2;
  const squares = shown.map(
    (name, index) =>
      markup`<rect class="tokens ${name}" x="${left + index * (side + gap)}" y="${y}" width="${side}" height="${side}" rx="1.5"/>`,
  );
  const end = left + shown.length * (side + gap);
  const more = Array.from(
    { length: dots },
    (_, index) => markup`<circle class="tip" cx="${end + 2.5 + index * 5}" cy="${y + side / 2}" r="1.2"/>`,
  );
  return markup`${squares}${more}\n`;
}

/** A row of `most` squares: up to a half of it for all kinds but the last two, which share the rest as they are shared. */
function spread(kinds: readonly { readonly name: string; readonly count: number }[], most: number): string[] {
  const patches = kinds.slice(-2);
  const before = kinds
    .slice(0, -2)
    .flatMap(({ name, count }) => new Array<string>(count).fill(name))
    .slice(0, Math.floor(most / 2));
  const sum = patches.reduce((total, { count }) => total + count, 0);
  const room = most - before.length;
  const [first, second] = patches;
  const share = (first?.count ?? 0) / Math.max(sum, 1);
  const row = Array.from({ length: room }, (_, index) =>
    Math.floor((index + 1) * share) > Math.floor(index * share) ? (first?.name ?? '') : (second?.name ?? ''),
  );
  return [...before, ...row];
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
