import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { entryAt, keysOf, placesOf, schema, slotOf } from '../../compiler/language/schema.ts';
import { compile, compileModel, type Parts, specOf } from './support.ts';

/** A change of the test spec by one key, and all that it changes in what comes out. */
interface KeyCase {
  readonly parts: Parts;
  readonly changes: Readonly<Record<string, unknown>>;
}

const encoder = (more: string) => `encoder { width 192, depth 12, heads 3, ${more} }`;
const decoder = (more: string) => `decoder { width 96, depth 2, heads 3, ${more} }`;
const optimizer = (more: string) => `optimizer adamw { lr 1e-3 per 256, ${more} }`;

/** For every key in every place; those with only one value yet change nothing. */
const keyCases: Readonly<Record<string, KeyCase>> = {
  'model.image': {
    parts: { image: 'image 64x32x1' },
    changes: { 'image.height': 64, 'image.channels': 1, 'image.mean': [0.5], 'image.deviation': [0.5] },
  },
  'image.mean': {
    parts: { image: 'image 32x32x3 { mean 0.1 0 1 }' },
    changes: { 'image.mean': [0.1, 0, 1] },
  },
  'image.deviation': {
    parts: { image: 'image 32x32x3 { deviation 0.1 0.2 1 }' },
    changes: { 'image.deviation': [0.1, 0.2, 1] },
  },
  'model.patch': { parts: { patch: 'patch 8x2' }, changes: { 'patch.height': 8, 'patch.width': 2 } },
  'model.encoder': { parts: { encoder: encoder('') }, changes: {} },
  'encoder.width': {
    parts: { encoder: 'encoder { width 96, depth 12, heads 3 }' },
    changes: { 'encoder.width': 96, 'encoder.mlpWidth': 384 },
  },
  'encoder.depth': {
    parts: { encoder: 'encoder { width 192, depth 1, heads 3 }' },
    changes: { 'encoder.depth': 1 },
  },
  'encoder.heads': {
    parts: { encoder: 'encoder { width 192, depth 12, heads 1 }' },
    changes: { 'encoder.heads': 1 },
  },
  'encoder.mlp': { parts: { encoder: encoder('mlp 100') }, changes: { 'encoder.mlpWidth': 100 } },
  'encoder.qkv-bias': { parts: { encoder: encoder('qkv-bias no') }, changes: { 'encoder.qkvBias': false } },
  'encoder.norm-eps': {
    parts: { encoder: encoder('norm-eps 1e-5') },
    changes: { 'encoder.normEpsilon': 1e-5 },
  },
  'encoder.qk-norm': { parts: { encoder: encoder('qk-norm') }, changes: { 'encoder.qkNorm': true } },
  'encoder.layer-scale': {
    parts: { encoder: encoder('layer-scale 1e-5') },
    changes: { 'encoder.layerScale': 1e-5 },
  },
  'encoder.positions': {
    parts: { encoder: encoder('positions learned') },
    changes: { 'encoder.positions': 'learned' },
  },
  'encoder.class-token': {
    parts: { encoder: encoder('class-token no') },
    changes: { 'encoder.classTokens': 0 },
  },
  'encoder.registers': { parts: { encoder: encoder('registers 4') }, changes: { 'encoder.registers': 4 } },
  'decoder.width': {
    parts: { decoder: 'decoder { width 48, depth 2, heads 3 }' },
    changes: { 'decoder.width': 48, 'decoder.mlpWidth': 192 },
  },
  'decoder.depth': {
    parts: { decoder: 'decoder { width 96, depth 3, heads 3 }' },
    changes: { 'decoder.depth': 3 },
  },
  'decoder.heads': {
    parts: { decoder: 'decoder { width 96, depth 2, heads 4 }' },
    changes: { 'decoder.heads': 4 },
  },
  'decoder.mlp': { parts: { decoder: decoder('mlp 2.5x') }, changes: { 'decoder.mlpWidth': 240 } },
  'decoder.qkv-bias': { parts: { decoder: decoder('qkv-bias no') }, changes: { 'decoder.qkvBias': false } },
  'decoder.norm-eps': {
    parts: { decoder: decoder('norm-eps 1e-5') },
    changes: { 'decoder.normEpsilon': 1e-5 },
  },
  'decoder.qk-norm': { parts: { decoder: decoder('qk-norm') }, changes: { 'decoder.qkNorm': true } },
  'decoder.layer-scale': {
    parts: { decoder: decoder('layer-scale 1e-5') },
    changes: { 'decoder.layerScale': 1e-5 },
  },
  'decoder.positions': {
    parts: { decoder: decoder('positions none') },
    changes: { 'decoder.positions': 'none' },
  },
  'model.decoder': { parts: { decoder: decoder('') }, changes: {} },
  'mask.unit': {
    parts: { mask: 'mask random 75% { unit 2x4 }' },
    changes: { 'mask.unit.height': 2, 'mask.unit.width': 4 },
  },
  'mask.tokens-in-encoder': {
    parts: { mask: 'mask random 75% { tokens-in-encoder }' },
    changes: { 'mask.tokensInEncoder': true },
  },
  'model.mask': { parts: { mask: 'mask random 0.6' }, changes: { 'mask.ratio': 0.6 } },
  'model.loss': { parts: { loss: 'loss l1 { target pixels }' }, changes: { 'loss.kind': 'l1' } },
  'loss.on': { parts: { loss: 'loss mse { on all, target pixels }' }, changes: { 'loss.on': 'all' } },
  'loss.target': {
    parts: { loss: 'loss mse { target normalized-pixels }' },
    changes: { 'loss.target': 'normalized-pixels' },
  },
  'model.pretrain': {
    parts: { pretrain: 'pretrain using test-recipe { epochs 11 }' },
    changes: { 'pretrain.epochs': 11 },
  },
  'recipe.epochs': { parts: { epochs: 'epochs 12' }, changes: { 'pretrain.epochs': 12 } },
  'recipe.warmup': { parts: { warmup: 'warmup 0.5' }, changes: { 'pretrain.warmup': 0.5 } },
  'recipe.batch': { parts: { batch: 'batch 4_096' }, changes: { 'pretrain.batch': 4096 } },
  'recipe.accumulate': { parts: { accumulate: 'accumulate 8' }, changes: { 'pretrain.accumulation': 8 } },
  'recipe.optimizer': { parts: { optimizer: optimizer('') }, changes: {} },
  'optimizer.lr': {
    parts: { optimizer: 'optimizer adamw { lr 2 per 128 }' },
    changes: { 'pretrain.optimizer.baseLearningRate': 2, 'pretrain.optimizer.learningRatePer': 128 },
  },
  'optimizer.betas': {
    parts: { optimizer: optimizer('betas 0.8 0.999') },
    changes: { 'pretrain.optimizer.betas': [0.8, 0.999] },
  },
  'optimizer.epsilon': {
    parts: { optimizer: optimizer('epsilon 1e-6') },
    changes: { 'pretrain.optimizer.epsilon': 1e-6 },
  },
  'optimizer.weight-decay': {
    parts: { optimizer: optimizer('weight-decay 0') },
    changes: { 'pretrain.optimizer.weightDecay': 0 },
  },
  'recipe.schedule': { parts: { schedule: 'schedule cosine' }, changes: {} },
  'schedule.minimum-lr': {
    parts: { schedule: 'schedule cosine { minimum-lr 1e-6 }' },
    changes: { 'pretrain.minimumLearningRate': 1e-6 },
  },
  'recipe.augment': { parts: { augment: 'augment { }' }, changes: {} },
  'augment.crop': {
    parts: { augment: 'augment { crop 20%..0.9 }' },
    changes: { 'pretrain.augment.crop': [0.2, 0.9] },
  },
  'augment.aspect': {
    parts: { augment: 'augment { aspect 0.5..2 }' },
    changes: { 'pretrain.augment.aspect': [0.5, 2] },
  },
  'augment.flip': { parts: { augment: 'augment { flip }' }, changes: { 'pretrain.augment.flip': true } },
  'recipe.seed': { parts: { seed: 'seed 4_294_967_295' }, changes: { 'pretrain.seed': 4294967295 } },
};

const recipePlaces = new Set(['recipe', 'optimizer', 'schedule', 'augment']);

/** The leaves of a spec by dotted path; lists count as leaves. */
function leavesOf(value: unknown, prefix = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[prefix, value]]);
  const leaves = Object.entries(value).flatMap(([key, inner]) => [
    ...leavesOf(inner, prefix === '' ? key : `${prefix}.${key}`),
  ]);
  return new Map(leaves);
}

function differences(before: ModelSpec, after: ModelSpec): Record<string, unknown> {
  const { spans: _, ...plainBefore } = before;
  const { spans: __, ...plainAfter } = after;
  const old = leavesOf(plainBefore);
  const changed = [...leavesOf(plainAfter)].filter(
    ([path, value]) => JSON.stringify(old.get(path)) !== JSON.stringify(value),
  );
  return Object.fromEntries(changed);
}

const entries = schema.flatMap((entry) =>
  entry.places.map((place) => ({ entry, place, name: `${place}.${entry.key}` })),
);

describe('the schema', () => {
  it.each(entries)('documents $name in one line, with its source and an example', ({ entry }) => {
    expect(entry.doc).toMatch(/^[A-Z][^\n]{10,150}\.$/);
    expect(entry.source).toMatch(/^[^\n]{4,}$/);
    expect(entry.example.startsWith(entry.key)).toBe(true);
    for (const { type } of entry.slots) {
      expect(type.label.length).toBeGreaterThan(2);
      for (const line of Object.values(type.options ?? {})) expect(line).toMatch(/^[^\n]{5,}[^.]$/);
    }
  });

  it.each(entries)('says what $name is where it is not written', ({ entry }) => {
    // A key that may be left out has a default for each value, constant or computed; and a required one has none.
    const optional = entry.required !== true && entry.places.every((place) => place !== 'file');
    const defaults = entry.slots
      .filter(({ optional: mayLack }) => mayLack !== true)
      .map((slot) => slot.default);
    const computed = entry.computedDefault !== undefined;
    for (const value of defaults) expect(value !== undefined || computed).toBe(optional);
  });

  it('finds keys by path and refuses others', () => {
    expect(entryAt('model', 'pretrain.optimizer.lr').key).toBe('lr');
    expect(() => entryAt('model', 'encoder.epochs')).toThrow('no key encoder.epochs');
    expect(() => slotOf(entryAt('model', 'patch'), 'depth')).toThrow('no value depth');
    expect(placesOf('width')).toEqual(['encoder', 'decoder']);
    expect([...keysOf('augment').keys()]).toEqual(['crop', 'aspect', 'flip']);
  });
});

describe('every key', () => {
  const base = compileModel(specOf());

  it('has a case', () => {
    const names = entries.filter(({ place }) => place !== 'file').map(({ name }) => name);
    expect(Object.keys(keyCases).sort()).toEqual(names.sort());
  });

  it.each(Object.entries(keyCases))('%s changes the spec as it should', (name, keyCase) => {
    const [, key = ''] = name.split('.');
    const after = compileModel(specOf(keyCase.parts));
    expect(differences(base, after)).toEqual(keyCase.changes);
    expect([...after.spans.keys()].some((path) => path.split('.').at(-1) === key)).toBe(true);
  });

  it('that changes nothing can only have one value, or only a block', () => {
    for (const { entry, place, name } of entries) {
      if (place === 'file' || Object.keys(keyCases[name]?.changes ?? {}).length > 0) continue;
      for (const { type } of entry.slots) expect(Object.keys(type.options ?? {}), name).toHaveLength(1);
    }
  });

  it.each(Object.entries(keyCases).filter(([name]) => recipePlaces.has(name.split('.')[0] ?? '')))(
    '%s changes the same in a model’s own recipe block',
    (_, { parts, changes }) => {
      const pretrain = `pretrain using test-recipe { ${Object.values(parts).join(', ')} }`;
      expect(differences(base, compileModel(specOf({ pretrain })))).toEqual(changes);
    },
  );

  it('is shown by an example that is right', () => {
    for (const { entry, place, name } of entries) {
      if (place === 'file') continue;
      const { diagnostics } = compile(exampleIn(place, entry.example));
      const wrong = diagnostics.filter(
        ({ message, code }) => code < 'MAE211' && message.startsWith(entry.key),
      );
      expect(wrong, name).toEqual([]);
    }
  });
});

function exampleIn(place: string, example: string): string {
  if (place === 'model') return `model m { ${example} }`;
  if (place === 'recipe') return `recipe r { ${example} }`;
  return recipePlaces.has(place)
    ? `recipe r { ${place} { ${example} } }`
    : `model m { ${place} { ${example} } }`;
}
