import type { ModelFacts } from '../diff/report.ts';
import { formatCount } from '../emit/report/quantities.ts';
import { counted } from '../language/words.ts';
import { type Markup, markup } from '../markup.ts';
import { costTitle, moduleAt } from './captions.ts';

export interface StackPlace {
  readonly centre: number;
  readonly y: number;
  /** From one block to the next. */
  readonly pitch: number;
  /** Blocks that one bar stands for: one, except for very deep models. */
  readonly blocksPerBar: number;
  /** How wide a token of so many channels is drawn. */
  readonly widthOf: (channels: number) => number;
}

/** Blocks that only this side has. */
export interface ExtraBlocks {
  readonly kind: 'added' | 'removed';
  readonly count: number;
}

/** The height of a stack of so many blocks. */
export function stackHeight(
  depth: number,
  { pitch, blocksPerBar }: Pick<StackPlace, 'pitch' | 'blocksPerBar'>,
) {
  return Math.ceil(depth / blocksPerBar) * pitch;
}

/** The blocks of the encoder or the decoder as bars, as wide as their tokens: attention and MLP, shared as the parameters are. */
export function drawStack(
  facts: ModelFacts,
  name: 'encoder' | 'decoder',
  place: StackPlace,
  extra?: ExtraBlocks,
): Markup {
  const { depth, width } = facts.architecture[name];
  const { centre, y, pitch, blocksPerBar, widthOf } = place;
  const bar = widthOf(width);
  const left = centre - bar / 2;
  const gap = Math.min(3, pitch * 0.25);
  const attention = attentionShare(facts, name) * (bar - SPLIT);
  const height = pitch - gap;
  const radius = Math.min(2.5, height / 2);
  const bars = Array.from({ length: Math.ceil(depth / blocksPerBar) }, (_, index) => {
    const first = index * blocksPerBar;
    const last = Math.min(first + blocksPerBar, depth) - 1;
    const top = y + index * pitch + gap / 2;
    return markup`<g class="block"><title>${blockTitle(facts, name, first, last)}</title><rect class="${name}-attention" x="${left}" y="${top}" width="${attention}" height="${height}" rx="${radius}"/><rect class="${name}-mlp" x="${left + attention + SPLIT}" y="${top}" width="${bar - attention - SPLIT}" height="${height}" rx="${radius}"/></g>\n`;
  });
  return markup`<g class="part">${bars}</g>\n${extra && bracket(extra, depth, left, place)}`;
}

/** Between attention and MLP. */
const SPLIT = 1.5;

function attentionShare(facts: ModelFacts, name: string): number {
  const [attention, mlp] = ['attn', 'mlp'].map(
    (part) => moduleAt(facts, `${name}.blocks.*.${part}`)?.parameters ?? 1,
  );
  return (attention ?? 1) / ((attention ?? 1) + (mlp ?? 1));
}

function blockTitle(facts: ModelFacts, name: string, first: number, last: number): string {
  const module = moduleAt(facts, `${name}.blocks.*`);
  const blocks = module?.count ?? 1;
  const which = first === last ? `blocks.${first}` : `blocks.${first}–${last}`;
  const parts = ['attn', 'mlp'].flatMap((part) => {
    const inside = moduleAt(facts, `${name}.blocks.*.${part}`);
    if (inside === undefined) return [];
    const label = part === 'attn' ? 'attention' : 'MLP';
    const each = [inside.parameters, inside.forwardFlops].map((sum) =>
      formatCount((sum * (last - first + 1)) / blocks),
    );
    return [`${label}: ${each[0]} parameters, ${each[1]}FLOPs forward`];
  });
  return [costTitle(`${name}, ${which}`, module, (last - first + 1) / blocks), ...parts].join('\n');
}

/** Beside the last blocks, with their number. */
function bracket({ kind, count }: ExtraBlocks, depth: number, left: number, place: StackPlace): Markup {
  const { y, pitch, blocksPerBar } = place;
  const top = y + Math.floor((depth - count) / blocksPerBar) * pitch + 1;
  const bottom = y + stackHeight(depth, place) - 1;
  const x = left - 6;
  const middle = (top + bottom) / 2;
  const sign = kind === 'added' ? '+' : '−';
  const label = bottom - top > 80 ? `${sign}${counted(count, 'block', 'blocks')}` : `${sign}${count}`;
  const turned = bottom - top > 80;
  const at = turned
    ? markup`transform="translate(${x - 8} ${middle}) rotate(-90)"`
    : markup`transform="translate(${x - 14} ${middle + 4})"`;
  return markup`<path class="bracket ${kind}" d="M${x} ${top}h-4V${bottom}h4"/><text class="bracket-label ${kind}" ${at}>${label}</text>\n`;
}
