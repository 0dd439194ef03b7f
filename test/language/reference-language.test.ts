import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { formatSource } from '../../compiler/language/format/format-source.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { readerOf } from '../../compiler/language/reference/compile-example.ts';
import { diagnosticsPage } from '../../compiler/language/reference/diagnostics-page.ts';
import { guideFiles, overrideExamples } from '../../compiler/language/reference/guide-files.ts';
import { languagePage } from '../../compiler/language/reference/language-page.ts';
import { officialArguments } from '../../compiler/language/reference/official-arguments.ts';
import { headingOf, placesInOrder } from '../../compiler/language/reference/places.ts';
import { withoutTitles } from '../../compiler/language/reference/sources.ts';
import { spellValue } from '../../compiler/language/reference/spell-value.ts';
import { valueKinds } from '../../compiler/language/reference/value-kinds.ts';
import { entryAt, schema, slotOf } from '../../compiler/language/schema.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { parseSource } from '../../compiler/language/syntax-tree.ts';
import { blocksOf, expectLinksToResolve, expectTablesToBeWhole } from './reference-support.ts';

const page = languagePage();

/** The row of a key, without the escapes of Markdown. */
function rowOf(place: string, key: string): string {
  const rows = page.split('\n').filter((line) => line.startsWith(`| <a id="${place}-${key}"></a>`));
  expect(rows, `${place}.${key}`).toHaveLength(1);
  return (rows[0] ?? '').replace(/\\(.)/g, '$1');
}

describe('the committed pages', () => {
  it.each([
    ['language.md', page],
    ['diagnostics.md', diagnosticsPage()],
  ])('docs/%s is what the tables make; npm run build:docs writes it', (name, text) => {
    expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
  });
});

describe('the reference of keys', () => {
  const entries = schema.flatMap((entry) => entry.places.map((place) => ({ entry, place })));

  it.each(entries)('says all of $place.$entry.key', ({ entry, place }) => {
    const row = rowOf(place, entry.key);
    const words = row.replaceAll('`', '');
    for (const { type, unit, keyword } of entry.slots) {
      expect(words).toContain(type.label);
      expect(words).toContain(unit ?? '');
      expect(words).toContain(keyword ?? '');
    }
    expect(words).toContain(entry.doc.replaceAll('`', ''));
    expect(words).toContain(withoutTitles(entry.source));
    expect(words).toContain(entry.example);
    expect(row.includes('**required**')).toBe(entry.required === true);
    expect(row).toContain(entry.computedDefault ?? '');
    expect(row.includes('[a block](#')).toBe(entry.block !== undefined);
  });

  it('has a section for every place, in an order that begins with the file', () => {
    const places = placesInOrder();
    expect(places[0]).toBe('file');
    expect(new Set(places)).toEqual(new Set(schema.flatMap((entry) => entry.places)));
    for (const place of places) expect(page).toContain(`\n### ${headingOf(place)}\n`);
  });

  it('explains every option', () => {
    for (const { slots } of schema) {
      for (const [option, meaning] of slots.flatMap(({ type }) => Object.entries(type.options ?? {}))) {
        expect(page.toLowerCase()).toContain(`- \`${option}\`: ${meaning.toLowerCase()}`);
      }
    }
  });

  it('names the bounds of each axis of a size', () => {
    expect(rowOf('model', 'image')).toContain(
      'from 1 to 16384 in height, from 1 to 16384 in width, from 1 to 4096 in channels',
    );
  });

  it('has defaults as one would write them', () => {
    expect(rowOf('encoder', 'mlp')).toContain('| `4x` |');
    expect(rowOf('encoder', 'norm-eps')).toContain('| `1e-6` |');
    expect(rowOf('encoder', 'qkv-bias')).toContain('| `yes` |');
    expect(rowOf('optimizer', 'betas')).toContain('| `0.9 0.95` |');
    expect(rowOf('augment', 'crop')).toContain('| `100%..100%` |');
    expect(rowOf('augment', 'aspect')).toContain('| `0.75..1.33333…` |');
    expect(rowOf('mask', 'unit')).toContain('| `1` |');
    expect(rowOf('image', 'mean')).toContain('0.5 for each of any other number');
    const unit = entryAt('model', 'mask.unit');
    expect(spellValue(unit, slotOf(unit), [2, 4])).toBe('2x4');
    const ratio = entryAt('model', 'mask');
    expect(spellValue(ratio, slotOf(ratio, 'ratio'), 0.6)).toBe('60%');
  });

  it('takes titles of works out of sources and lists them', () => {
    expect(withoutTitles('He et al. 2022, "Masked", section 3; timm, x')).toBe(
      'He et al. 2022, section 3; timm, x',
    );
    expect(page).toContain('- He et al. 2022, *Masked Autoencoders Are Scalable Vision Learners*\n');
  });

  it('has links that lead somewhere, and whole tables', () => {
    expectLinksToResolve(page, {});
    expectTablesToBeWhole(page);
    expect(page).toContain('](diagnostics.md)');
  });
});

describe('the table of values', () => {
  it.each(Object.entries(valueKinds))('%s is what its examples are read as', (kind, { written }) => {
    const found: unknown[] = [];
    const { statements } = parseSource(new SourceText('', `key ${written.join(' ')}`), (each) =>
      found.push(each),
    );
    expect(found).toEqual([]);
    expect(statements[0]?.values.map((value) => value.kind)).toEqual(written.map(() => kind));
  });
});

describe('the guide', () => {
  const files = Object.fromEntries(
    Object.values(guideFiles).map((text) => [/^# (\S+)\n/.exec(text)?.[1] ?? '', text]),
  );
  const compile = (...overrides: string[]) =>
    compileSources(Object.keys(files), readerOf(files), { overrides });
  const modelsWith = (...overrides: string[]): ReadonlyMap<string, ModelSpec> => {
    const { models, diagnostics } = compile(...overrides);
    expect(diagnostics).toEqual([]);
    return new Map(models.map((model) => [model.name, model]));
  };

  it('shows files that are without mistakes and laid out as they should be', () => {
    const shown = blocksOf(page, 'mae');
    for (const [name, text] of Object.entries(files)) {
      expect(shown).toContain(text);
      expect(formatSource(new SourceText(name, text))).toEqual({ text });
    }
    expect([...modelsWith().keys()]).toHaveLength(5);
  });

  it('tells the truth of what extending, using and changing do', () => {
    const models = modelsWith();
    const [base, large, long, blue] = ['', '-448', '-long', '-blue'].map((end) =>
      models.get(`vit-base${end}`),
    );
    expect(large).toMatchObject({ encoder: base?.encoder, mask: { ratio: 0.8 }, image: { height: 448 } });
    expect(long?.pretrain).toMatchObject({ name: 'long-pretrain', epochs: 1600, batch: 2048, warmup: 40 });
    expect(blue?.pretrain).toMatchObject({ name: 'mae-pretrain', epochs: 800, batch: 4096 });
    expect(blue?.pretrain.optimizer).toMatchObject({ baseLearningRate: 3e-4, weightDecay: 0.1 });
    expect(base?.description).toContain('ViT-Base/16');
  });

  it('tells the truth of constants', () => {
    const narrow = (text: string) => {
      const { models, diagnostics } = compileSources(
        ['vit-small.mae'],
        readerOf({ ...files, 'vit-small.mae': text }),
      );
      expect(diagnostics).toEqual([]);
      return models.map(({ spans: _, ...spec }) => spec);
    };
    const text = guideFiles.constants;
    const plain = text
      .replace(/^let .*\n/gm, '')
      .replace(/\bsmall,/g, '384,')
      .replace('hidden\n', '80%\n');
    expect(narrow(text)).toEqual(narrow(plain));
    expect(narrow(text)[0]).toMatchObject({ encoder: { width: 384 }, mask: { ratio: 0.8 } });
  });

  it('sets keys from the command line that change the models', () => {
    const before = modelsWith().get('vit-base');
    for (const { override } of overrideExamples) {
      expect(page).toContain(`| \`${override}\` |`);
      const after = modelsWith(override).get('vit-base');
      expect(JSON.stringify(after), override).not.toBe(JSON.stringify(before));
    }
    expect(modelsWith('vit-base.mask=60%').get('vit-base')?.mask).toMatchObject({
      kind: 'random',
      ratio: 0.6,
    });
  });

  it.each(officialArguments)('$argument is what a spec says with $path', ({ path, written }) => {
    const keys = path.split('.');
    const { key, example } = entryAt('model', path);
    expect(written).toContain(`${key} `);
    expect(example.startsWith(key)).toBe(true);
    // As a change of vit-base it is a spec without mistakes.
    const [first = ''] = keys;
    const own = ['pretrain', 'finetune'].includes(first) ? `${first} { ${written} }` : written;
    const text = `import "./vit-base.mae"\nmodel vit-mine extends vit-base { ${own} }\n`;
    const { diagnostics, models } = compileSources(['mine.mae'], readerOf({ ...files, 'mine.mae': text }));
    expect(diagnostics).toEqual([]);
    expect(models[0]?.spans.has(path)).toBe(true);
  });
});
