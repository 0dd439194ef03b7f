import type { ModelFacts } from '../diff/report.ts';
import { type Markup, markup } from '../markup.ts';
import {
  bridgeCaption,
  costTitle,
  embeddingCaption,
  headCaption,
  lossCaption,
  moduleAt,
  pictureCaption,
  stackCaption,
  tokensCaption,
} from './captions.ts';
import { drawStack, type ExtraBlocks, type StackPlace, stackHeight } from './draw-stack.ts';
import { maskPattern } from './mask-pattern.ts';
import type { Caption, Marks } from './phrases.ts';
import {
  arrow,
  captionHeight,
  captionText,
  cellGrid,
  GRID_SIDE,
  gridBox,
  LINE_HEIGHT,
  linearMap,
  tokenRow,
} from './shapes.ts';

/** The width of every drawing. */
export const DRAWING_WIDTH = 500;

/** The middle of what is drawn, and where the words beside it begin. */
const CENTRE = 130;
const CAPTION_X = 250;
/** The widest token. */
const WIDEST = 190;
const NARROWEST = 26;
/** Between two parts: room for an arrow. */
const GAP = 24;
const LINEAR_HEIGHT = 24;
const TOKEN_SIDE = 8;
/** The blocks of both stacks share this height, unless they are few. */
const BLOCKS_HEIGHT = 340;
const HIGHEST_BLOCK = 17;
const LOWEST_BLOCK = 4;

/** One side of a pair of drawings of one scale, part beside part; or the only one. */
export interface DrawnSide {
  readonly facts: ModelFacts;
  readonly marks: Marks;
  readonly extra: { readonly encoder?: ExtraBlocks; readonly decoder?: ExtraBlocks };
}

export interface Drawing {
  readonly content: Markup;
  readonly height: number;
}

/** Draws models from the picture down to the loss, in one scale and with the same parts at the same height. */
export function drawArchitectures(sides: readonly DrawnSide[]): Drawing[] {
  const models = sides.map(({ facts }) => facts);
  const scale = scaleOf(models);
  const drawn = sides.map((side) => partsOf(side, scale));
  const heights = (drawn[0] ?? []).map((_, index) =>
    Math.max(...drawn.map((parts) => Math.max(parts[index]?.height ?? 0, parts[index]?.captionHeight ?? 0))),
  );
  return drawn.map((parts) => stackUp(parts, heights, models));
}

interface Scale {
  readonly widthOf: (channels: number) => number;
  readonly pitch: number;
  readonly blocksPerBar: number;
}

function scaleOf(models: readonly ModelFacts[]): Scale {
  const stacks = models.flatMap(({ architecture: { encoder, decoder } }) => [encoder, decoder]);
  const widestStack = Math.max(...stacks.map(({ width }) => width));
  // The pixels of a patch may be many; the stacks are not to become thin beside them.
  const widest = Math.max(widestStack, Math.min(1.5 * widestStack, Math.max(...models.map(pixelsOfPatch))));
  const deepest = (name: 'encoder' | 'decoder') =>
    Math.max(...models.map(({ architecture }) => architecture[name].depth));
  const blocks = deepest('encoder') + deepest('decoder');
  const blocksPerBar = Math.max(1, Math.ceil((blocks * LOWEST_BLOCK) / BLOCKS_HEIGHT));
  return {
    widthOf: (channels) => Math.min(WIDEST, Math.max(NARROWEST, (WIDEST * channels) / widest)),
    pitch: Math.min(HIGHEST_BLOCK, (BLOCKS_HEIGHT * blocksPerBar) / blocks),
    blocksPerBar,
  };
}

function pixelsOfPatch({ architecture: { patch, image } }: ModelFacts): number {
  return patch.height * patch.width * image.channels;
}

/** Something that is drawn below what comes before it, its words beside it. */
interface Part {
  readonly height: number;
  readonly captionHeight: number;
  readonly draw: (y: number) => Markup;
  readonly caption: (y: number) => Markup;
}

function partsOf({ facts, marks, extra }: DrawnSide, scale: Scale): Part[] {
  const { architecture, tokens } = facts;
  const { encoder, decoder, mask, loss } = architecture;
  const { widthOf, pitch, blocksPerBar } = scale;
  const grid = maskPattern(architecture, tokens.visible);
  const pixels = widthOf(pixelsOfPatch(facts));
  const part = (caption: Caption, height: number, title: string, draw: Part['draw']): Part => ({
    height,
    captionHeight: captionHeight(caption, marks),
    draw: (y) => markup`<g class="part"><title>${title}</title>${draw(y)}</g>\n`,
    caption: (y) => captionText(caption, CAPTION_X, y, marks),
  });
  const linear = (caption: Caption, name: string, path: string, above: number, below: number): Part =>
    part(caption, LINEAR_HEIGHT, costTitle(name, moduleAt(facts, path)), (y) =>
      linearMap(CENTRE, y, LINEAR_HEIGHT, above, below),
    );
  const row = (name: 'encoder' | 'decoder'): Part => {
    const hidden = name === 'decoder' || mask.tokensInEncoder ? tokens.patches - tokens.visible : 0;
    const caption = tokensCaption(facts, name);
    const kinds = [
      { name: 'class-token', count: encoder.classTokens },
      { name: 'register', count: encoder.registers },
      { name: 'visible', count: tokens.visible },
      { name: 'hidden', count: hidden },
    ];
    return part(caption, TOKEN_SIDE, `${caption.heading} of width ${architecture[name].width}`, (y) =>
      tokenRow(kinds, CENTRE, y),
    );
  };
  const stack = (name: 'encoder' | 'decoder'): Part => {
    const caption = stackCaption(facts, name);
    const place = (y: number): StackPlace => ({ centre: CENTRE, y, pitch, blocksPerBar, widthOf });
    return {
      ...part(caption, stackHeight(architecture[name].depth, scale), '', () => markup``),
      draw: (y) => drawStack(facts, name, place(y), extra[name]),
    };
  };
  const box = (y: number) => gridBox(grid, CENTRE, y);
  const gridHeight = GRID_SIDE * Math.min(1, grid.rows / grid.columns);
  return [
    part(
      pictureCaption(facts),
      gridHeight,
      'Patches that stay, and patches that are removed: an example',
      (y) =>
        cellGrid(grid, box(y), { filled: 'visible', empty: 'hidden', isFilled: ({ visible }) => visible }),
    ),
    linear(embeddingCaption(facts), 'Patch embedding', 'encoder.patch_embed', pixels, widthOf(encoder.width)),
    row('encoder'),
    stack('encoder'),
    linear(
      bridgeCaption(facts),
      'Into the decoder',
      'decoder.embed',
      widthOf(encoder.width),
      widthOf(decoder.width),
    ),
    row('decoder'),
    stack('decoder'),
    linear(headCaption(facts), 'Prediction', 'decoder.pred', widthOf(decoder.width), pixels),
    part(lossCaption(facts), gridHeight, 'Patches whose predictions count', (y) =>
      cellGrid(grid, box(y), {
        filled: 'target',
        empty: 'hidden',
        isFilled: ({ visible }) => loss.on === 'all' || !visible,
      }),
    ),
  ];
}

/** Puts the parts below each other; each has the height that it is given, and is in the middle of that. */
function stackUp(parts: readonly Part[], heights: readonly number[], models: readonly ModelFacts[]): Drawing {
  let y = 0;
  let above: number | undefined;
  const content: Markup[] = [];
  parts.forEach((part, index) => {
    const height = heights[index] ?? part.height;
    const top = y + (height - part.height) / 2;
    if (above !== undefined) content.push(arrow(CENTRE, above + 4, top - 4));
    content.push(part.draw(top), part.caption(y + (height - part.captionHeight) / 2));
    above = top + part.height;
    y += height + GAP;
  });
  const { marks, height } = legend(y - GAP + LINE_HEIGHT, models);
  return { content: markup`${content}${marks}`, height };
}

/** What the colours stand for. */
const colours: readonly (readonly [label: string, ...names: readonly string[]])[] = [
  ['class token', 'class-token'],
  ['register', 'register'],
  ['visible', 'visible'],
  ['masked', 'hidden'],
  ['attention', 'encoder-attention', 'decoder-attention'],
  ['MLP', 'encoder-mlp', 'decoder-mlp'],
];

const SWATCH = 11;

/** The colours that any of the models has. */
function legend(y: number, models: readonly ModelFacts[]): { marks: Markup; height: number } {
  const encoders = models.map(({ architecture }) => architecture.encoder);
  const absent = new Set([
    ...(encoders.every(({ classTokens }) => classTokens === 0) ? ['class-token'] : []),
    ...(encoders.every(({ registers }) => registers === 0) ? ['register'] : []),
  ]);
  const entries = colours
    .filter(([, name = '']) => !absent.has(name))
    .map(([label, ...names]) => ({ label, names, width: names.length * SWATCH + 16 + 7 * label.length }));
  let x = (DRAWING_WIDTH - entries.reduce((sum, { width }) => sum + width, 0)) / 2;
  const marks = entries.map(({ label, names, width }) => {
    const left = x;
    x += width;
    const squares = names.map(
      (name, index) =>
        markup`<rect class="${name}" x="${left + index * SWATCH}" y="${y}" width="9" height="9" rx="1.5"/>`,
    );
    return markup`${squares}<text class="legend" x="${left + names.length * SWATCH + 3}" y="${y + 9}">${label}</text>\n`;
  });
  return { marks: markup`<g>${marks}</g>\n`, height: y + 14 };
}
