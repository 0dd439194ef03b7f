import { describe, expect, it } from 'vitest';
import { drawArchitectures } from '../../compiler/draw/draw-architecture.ts';
import { drawModel } from '../../compiler/draw/draw-model.ts';
import type { Marks } from '../../compiler/draw/phrases.ts';
import { factsOf } from './support.ts';

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;
const draw = (...models: ReturnType<typeof factsOf>[]) =>
  drawArchitectures(models.map((facts) => ({ facts, marks: new Map(), extra: {} })));

/** Widths of the bars of a stack: attention and MLP. */
function barsOf(svg: string, stack: 'encoder' | 'decoder', part: 'attention' | 'mlp'): number[] {
  const rectangles = new RegExp(`<rect class="${stack}-${part}" x="[^"]*" y="[^"]*" width="([\\d.]+)"`, 'g');
  const inBlocks = svg.split('<g class="block">').slice(1).join('');
  return [...inBlocks.matchAll(rectangles)].map(([, width]) => Number(width));
}

describe('a drawing of a model', () => {
  const facts = factsOf({ encoder: [32, 5, 4], decoder: [16, 3, 2] });
  const svg = drawModel(facts);

  it('has a bar for each block, as wide as its tokens, shared as the parameters are', () => {
    // The legend has one more rectangle of each colour; it is outside of blocks.
    const widths = (stack: 'encoder' | 'decoder') => {
      const [attention, mlp] = [barsOf(svg, stack, 'attention'), barsOf(svg, stack, 'mlp')];
      return attention
        .slice(0, facts.architecture[stack].depth)
        .map((width, i) => [width, mlp[i] ?? 0] as const);
    };
    expect(count(svg, '<g class="block">')).toBe(8);
    for (const stack of ['encoder', 'decoder'] as const) {
      const { width, mlpWidth, depth } = facts.architecture[stack];
      const bars = widths(stack);
      expect(bars.length).toBe(depth);
      // qkv and proj with their biases; fc1 and fc2 with theirs.
      const attention = 4 * width * width + 4 * width;
      const mlp = 2 * width * mlpWidth + width + mlpWidth;
      for (const [a, b] of bars) expect(a / (a + b)).toBeCloseTo(attention / (attention + mlp), 2);
    }
    const sum = ([a, b]: readonly [number, number] = [0, 0]) => a + b + 1.5;
    expect(sum(widths('encoder')[0]) / sum(widths('decoder')[0])).toBeCloseTo(2, 1);
  });

  it('says of a block what it costs to those who point at it', () => {
    const module = facts.cost.modules.find(({ path }) => path === 'encoder.blocks.*');
    // Of width 32: two norms, attention and an MLP four times as wide.
    const parameters = 2 * 64 + (4 * 32 * 32 + 4 * 32) + (2 * 32 * 128 + 32 + 128);
    expect((module?.parameters ?? 0) / 5).toBe(parameters);
    expect(svg).toContain(`<title>encoder, blocks.3\n${(parameters / 1000).toFixed(1)} k parameters\n`);
  });

  it('is described to those who do not see it', () => {
    expect(svg).toContain(
      'role="img" aria-label="Architecture of small: pictures of 16 × 16 in patches of 4 × 4, 4 of 16 visible, encoder of 5 blocks of width 32 on 5 tokens, decoder of 3 blocks of width 16 on 17 tokens, ',
    );
  });

  it('is the same each time, and as recorded', async () => {
    expect(drawModel(factsOf({ encoder: [32, 5, 4], decoder: [16, 3, 2] }))).toBe(svg);
    await expect(svg).toMatchFileSnapshot('golden/small.svg');
  });

  it('escapes what it is given', () => {
    const named = { ...facts, name: '<script>"&\u0000\ud800' };
    const text = drawModel(named);
    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;&quot;&amp;\ufffd\ufffd</text>');
  });

  it('says what is out of the usual, and only that', () => {
    const unusual = drawModel(
      factsOf({
        registers: 2,
        qkNorm: true,
        layerScale: 0.1,
        qkvBias: false,
        classTokens: 0,
        positions: 'learned',
      }),
    );
    for (const text of ['2 registers', 'qk norm', 'layer scale 0.1', 'no qkv bias', 'learned positions']) {
      expect(unusual).toContain(text);
      expect(svg).not.toContain(text);
    }
    expect(unusual).not.toContain('class token');
  });

  it('draws mask tokens where the encoder runs on them', () => {
    const everywhere = drawModel(factsOf({ mask: { tokensInEncoder: true } }));
    expect(count(everywhere, '>17 tokens<')).toBe(2);
    expect(count(svg, '>17 tokens<')).toBe(1);
  });

  it('does not grow without end: very deep models have several blocks in a bar', () => {
    const deep = factsOf();
    const { architecture, cost } = deep;
    const [shallow, thousand] = [deep, 1000].map((each) =>
      typeof each === 'number'
        ? drawModel({
            ...deep,
            architecture: { ...architecture, encoder: { ...architecture.encoder, depth: each } },
            cost,
          })
        : drawModel(each),
    );
    expect(count(thousand ?? '', '<g class="block">')).toBeLessThan(100);
    expect((thousand ?? '').length).toBeLessThan(8 * (shallow ?? '').length);
  });
});

describe('two drawings', () => {
  const small = factsOf({ encoder: [16, 2, 2], decoder: [8, 1, 2] });
  const large = factsOf({ encoder: [32, 6, 2], decoder: [8, 1, 2] });

  it('have one scale, and their parts at the same height', () => {
    const [a, b] = draw(small, large);
    expect(a?.height).toBe(b?.height);
    const texts = [a, b].map((drawing) => drawing?.content.text ?? '');
    const [first = [], second = []] = texts.map((text) => barsOf(text, 'encoder', 'mlp'));
    expect((second[0] ?? 0) / (first[0] ?? 1)).toBeCloseTo(2, 1);
    const heightOf = (text: string, heading: string) =>
      Number(new RegExp(`y="([\\d.]+)">${heading}<`).exec(text)?.[1]);
    for (const heading of ['Picture', 'Encoder', 'Decoder', 'Loss']) {
      const [one, other] = texts.map((text) => heightOf(text, heading));
      expect(one, heading).toBe(other);
    }
  });

  it('marks what has changed, with what is said of it, even where it is usual', () => {
    const marks: Marks = new Map([
      ['encoder-depth', { class: 'weights', message: 'deeper & slower' }],
      ['encoder-qk-norm', { class: 'weights', message: 'normed' }],
    ]);
    const [drawing] = drawArchitectures([
      { facts: small, marks, extra: { encoder: { kind: 'added', count: 1 } } },
    ]);
    const text = drawing?.content.text ?? '';
    expect(text).toContain(
      '<tspan class="changed weights-mark">2 blocks<title>deeper &amp; slower</title></tspan> · width 16',
    );
    expect(text).toContain('>no qk norm<title>normed</title>');
    expect(text).toContain('class="bracket-label added"');
    expect(text).toContain('>+1</text>');
    expect(count(text, 'changed')).toBe(2);
  });
});
