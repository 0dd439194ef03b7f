import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entryAt, schema } from '../../compiler/language/schema.ts';
import { hoverAt } from '../../compiler/server/hover.ts';
import { keyDocumentation } from '../../compiler/server/key-documentation.ts';
import { spellValue } from '../../compiler/server/spelling.ts';
import { modelFacts, recipeFacts } from '../../compiler/server/value-facts.ts';
import { specOf } from '../language/support.ts';
import { type Files, openAt, textIn } from './support.ts';

function hover(marked: string, files: Files = {}) {
  const { workspace, parsed, offset } = openAt(marked, files);
  const found = hoverAt(workspace, parsed, offset);
  if (found === undefined) return undefined;
  const { contents } = found;
  if (typeof contents !== 'object' || !('value' in contents)) throw new Error('hovers are Markdown');
  return { text: contents.value, on: textIn(parsed, found.range) };
}

interface Counts {
  readonly mae: Readonly<Record<string, { total: number; 'flops_mask0.75': { total: number } }>>;
}

/** Recorded from the official code. */
const counts: Counts = JSON.parse(
  readFileSync(new URL('../fixtures/reference/counts.json', import.meta.url), 'utf8'),
);
const shipped = (name: string) => readFileSync(new URL(`../../spec/${name}.mae`, import.meta.url), 'utf8');
const recipes: Files = { '/w/recipes.mae': shipped('recipes') };

/** The text with the cursor in the middle of the last piece of it that is like `piece`. */
function at(text: string, piece: string): string {
  const middle = text.lastIndexOf(piece) + Math.ceil(piece.length / 2);
  return `${text.slice(0, middle)}‸${text.slice(middle)}`;
}

describe('a key', () => {
  it('shows what the schema says: example, meaning, values, bounds, unit, default and source', () => {
    const entry = entryAt('model', 'encoder.mlp');
    const found = hover(at(specOf({ encoder: 'encoder { width 192, depth 2, heads 3, mlp 4x }' }), 'mlp'));
    expect(found?.on).toBe('mlp');
    expect(found?.text).toBe(keyDocumentation(entry));
    expect(found?.text).toBe(`\`\`\`mae
mlp 4x
\`\`\`

${entry.doc}

- **value**: ${entry.slots[0]?.type.label}; unit: channels, or times the width; default: \`4x\`
- **source**: ${entry.source.replaceAll('_', '\\_')}`);
  });

  it('shows each option with its meaning, each of several values by its name, and the keys of its block', () => {
    const loss = keyDocumentation(entryAt('model', 'loss'));
    expect(loss).toContain('\n  - `mse`: mean squared error');
    expect(loss).toContain('- **block**: `on`, `target`');
    expect(loss).toContain('- **required** in a model');
    const rate = keyDocumentation(entryAt('recipe', 'optimizer.lr'));
    expect(rate).toContain('- **rate**: a number');
    expect(rate).toContain('- **per batch**: a count');
  });

  it('of the schema, every one, has all of its documentation', () => {
    for (const entry of schema) {
      const text = keyDocumentation(entry).replace(/\\(.)/g, '$1');
      for (const part of [
        entry.doc,
        entry.example,
        entry.source,
        ...entry.slots.map(({ type }) => type.label),
      ]) {
        expect(text).toContain(part);
      }
      for (const slot of entry.slots) {
        if (slot.default !== undefined) expect(text).toMatch(/default: `[^`]+`/);
      }
    }
  });

  it('that may not stand there shows nothing', () => {
    expect(hover('model a { epo‸chs 4 }')).toBeUndefined();
    expect(hover('model a { # ima‸ge\n }')).toBeUndefined();
  });
});

describe('defaults are spelt as one would write them', () => {
  it.each([
    ['model', 'encoder.mlp', { factor: 4 }, '4x'],
    ['model', 'encoder.qkv-bias', true, 'yes'],
    ['model', 'encoder.norm-eps', 1e-6, '1e-6'],
    ['model', 'patch', [16, 16], '16'],
    ['model', 'patch', [8, 16], '8x16'],
    ['recipe', 'augment.crop', [0.08, 1], '8%..100%'],
    ['recipe', 'augment.aspect', [0.75, 2], '0.75..2'],
    ['recipe', 'optimizer.weight-decay', 0.05, '0.05'],
  ] as const)('%s %s %j', (root, path, value, text) => {
    const entry = entryAt(root, path);
    const [slot] = entry.slots;
    if (slot === undefined) throw new Error(`${path} takes no value`);
    expect(spellValue(entry, slot, value)).toBe(text);
  });
});

describe('a model', () => {
  it.each([
    ['vit-base', 'mae_vit_base_patch16', ['196 (14 x 14 of 16x16 pixels)', '49, 147', '50']],
    ['vit-huge', 'mae_vit_huge_patch14', ['256 (16 x 16 of 14x14 pixels)', '64, 192', '65']],
  ])('%s shows its numbers, as the official code counts them', (name, official, tokens) => {
    const found = hover(at(shipped(name), name), recipes);
    expect(found?.on).toBe(name);
    const { total, 'flops_mask0.75': flops } = counts.mae[official] ?? { 'flops_mask0.75': { total: 0 } };
    const numbers = [
      ...tokens,
      `${(Number(total) / 1e6).toFixed(2)} M`,
      `${(flops.total / 1e9).toFixed(2)} GFLOPs`,
    ];
    for (const number of numbers) expect(found?.text).toContain(`| ${number}`);
    expect(found?.text).toContain('Masked Autoencoders Are Scalable Vision Learners');
  });

  it('shows them where it is named, too, and answers from memory once it is known', () => {
    const files = { ...recipes, '/w/vit-huge.mae': shipped('vit-huge') };
    const marked = 'import "./vit-huge.mae"\nmodel b extends vit-h‸uge { image 448x448x3 }';
    const { workspace, parsed, offset } = openAt(marked, files);
    expect(JSON.stringify(hoverAt(workspace, parsed, offset))).toContain('97.12 GFLOPs');
    const start = performance.now();
    hoverAt(workspace, parsed, offset);
    // 20 ms on an idle machine; the bound only tells a stall from a busy one.
    expect(performance.now() - start).toBeLessThan(2000);
    // What it is extended to has numbers of its own.
    const own = hover(marked.replace('‸', '').replace('model b', 'model ‸b'), files);
    expect(own?.text).toContain('1024 (32 x 32 of 14x14 pixels)');
  });

  it('with errors says why there are none', () => {
    const text = hover(at(specOf({ mask: 'mask random 100%' }), 'vit-test'))?.text;
    expect(text).toContain('once its file has no errors');
  });
});

const ownRecipes = `# Long and steady.
recipe long {
  epochs 800, warmup 40, batch 4096
  optimizer adamw { lr 1.5e-4 per 256 }
}

# Short: for a first look,
# on one computer.
recipe short extends long {
  epochs 40, warmup 2, batch 64, accumulate 8
  optimizer adamw { lr 4e-3 per 256 }
}
`;

describe('a recipe', () => {
  it('shows its comment and its text', () => {
    const files = { '/w/own.mae': ownRecipes };
    const found = hover('import "./own.mae"\nmodel a { pretrain using sh‸ort }', files);
    expect(found?.text).toContain('**recipe short**, own.mae\n\nShort: for a first look,\non one computer.');
    expect(found?.text).toContain(ownRecipes.slice(ownRecipes.indexOf('recipe short')).trim());
  });
});

describe('a value', () => {
  const model = specOf({ encoder: 'encoder { width 192, depth 12, heads 3, mlp 4x }' });

  it.each([
    ['a share', '75%', '0.75', 'leaves 16 of 64 patches and removes 48'],
    ['a multiple', '4x', '4 times', '768 hidden channels for a width of 192'],
    ['a width', '192', undefined, '64 channels a head'],
    ['a size', '32x32x3', undefined, '8 x 8 = 64 patches'],
    ['an option', 'mse', 'mean squared error', '**loss**'],
  ])('that is %s shows its meaning and what it comes to', (_, piece, meaning, fact) => {
    const found = hover(at(model, ` ${piece}`));
    expect(found?.on).toBe(piece);
    const first = meaning === undefined ? `\`${piece}\`` : `\`${piece}\` = ${meaning}`;
    expect(found?.text.split('\n')[0]).toBe(first);
    expect(found?.text).toContain(fact);
  });

  it('of a recipe shows what it comes to, with what it inherits', () => {
    // 1.5e-4 * 4096 / 256, and 4e-3 * 64 / 256.
    expect(hover(at(ownRecipes, '1.5e-4'))?.text).toContain('a peak of 0.0024 for batches of 4096');
    expect(hover(at(ownRecipes, '4e-3'))?.text).toContain('a peak of 0.001 for batches of 64');
    expect(hover(at(ownRecipes, '8\n'))?.text).toContain('micro-batches of 8');
    const inherited = `${ownRecipes}recipe next extends short { batch 640 }\n`;
    expect(hover(at(inherited, '640'))?.text).toContain('in 8 micro-batches of 80');
  });

  it('in the recipe block of a model counts with that model’s', () => {
    const pretrain = 'pretrain using test-recipe { batch 1024, optimizer adamw { lr 4e-2 per 256 } }';
    expect(hover(at(specOf({ pretrain }), '4e-2'))?.text).toContain('a peak of 0.16 for batches of 1024');
  });

  it('of another slot, and the word before it, show what they are', () => {
    expect(hover(at(ownRecipes, 'per'))?.text).toContain('**lr, batch**: a count');
    expect(hover(at(ownRecipes, ' 256'))?.text).toContain('**lr, batch**: a count');
    expect(hover('recipe a { batch 4_09‸6 }')?.text).toContain('`4_096` = 4096');
    expect(hover('recipe a { augment { crop 20%..1‸00% } }')?.text).toContain('= from 0.2 to 1');
  });

  it('that is a path shows what the file declares', () => {
    const text = hover('import "./ow‸n.mae"', { '/w/own.mae': ownRecipes })?.text;
    expect(text).toBe('/w/own.mae\n\n- recipe long\n- recipe short');
    expect(hover('import "./no‸ne.mae"')?.text).toContain('no readable file');
  });

  it('that is wrong still shows what would be right', () => {
    expect(hover('model a { mask random 17‸x }')?.text).toContain('a percentage above 0% and below 100%');
  });
});

it('facts are about keys that exist', () => {
  for (const path of Object.keys(modelFacts)) expect(() => entryAt('model', path)).not.toThrow();
  for (const path of Object.keys(recipeFacts)) expect(() => entryAt('recipe', path)).not.toThrow();
});
