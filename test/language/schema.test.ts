import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { entryAt, keysOf, placesOf, schema, slotOf } from '../../compiler/language/schema.ts';
import { compile, compileModel, type Parts, specOf } from './support.ts';

/** A change of the test spec by one key, and all that it changes in what comes out. */
interface KeyCase {
  readonly parts: Parts;
  readonly changes: Readonly<Record<string, unknown>>;
  /** What the spec has before the change, where that is more than the test spec. */
  readonly base?: Parts;
}

/** A change of a fine-tuning by one statement in its block. */
function finetuneCase(statement: string, changes: Readonly<Record<string, unknown>>): KeyCase {
  const withFinetune = (block: string) => ({ classifiers: `finetune using test-recipe${block}` });
  const prefixed = Object.entries(changes).map(([path, value]) => [`finetune.${path}`, value]);
  return {
    base: withFinetune(''),
    parts: withFinetune(` { ${statement} }`),
    changes: Object.fromEntries(prefixed),
  };
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
  'patch.pad': { parts: { patch: 'patch 4 { pad }' }, changes: { 'patch.pad': true } },
  'patch.norm': { parts: { patch: 'patch 4 { norm }' }, changes: { 'patch.norm': true } },
  'model.accept': { parts: { image: 'image 32x32x3; accept any' }, changes: { accept: 'any' } },
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
  'encoder.drop-path': { parts: { encoder: encoder('drop-path 10%') }, changes: { 'encoder.dropPath': 0.1 } },
  'encoder.dropout': { parts: { encoder: encoder('dropout 20%') }, changes: { 'encoder.dropout': 0.2 } },
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
  'decoder.drop-path': { parts: { decoder: decoder('drop-path 0.3') }, changes: { 'decoder.dropPath': 0.3 } },
  'decoder.dropout': { parts: { decoder: decoder('dropout 0.4') }, changes: { 'decoder.dropout': 0.4 } },
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
  'recipe.optimizer': {
    parts: { optimizer: 'optimizer sgd { lr 1e-3 per 256 }' },
    changes: {
      'pretrain.optimizer.kind': 'sgd',
      'pretrain.optimizer.momentum': 0.9,
      'pretrain.optimizer.nesterov': false,
      'pretrain.optimizer.weightDecay': 0,
    },
  },
  'optimizer.momentum': {
    base: { optimizer: 'optimizer lars { lr 1e-3 per 256 }' },
    parts: { optimizer: 'optimizer lars { lr 1e-3 per 256, momentum 0.8 }' },
    changes: { 'pretrain.optimizer.momentum': 0.8 },
  },
  'optimizer.trust': {
    base: { optimizer: 'optimizer lars { lr 1e-3 per 256 }' },
    parts: { optimizer: 'optimizer lars { lr 1e-3 per 256, trust 0.01 }' },
    changes: { 'pretrain.optimizer.trust': 0.01 },
  },
  'optimizer.nesterov': {
    base: { optimizer: 'optimizer sgd { lr 1e-3 per 256 }' },
    parts: { optimizer: 'optimizer sgd { lr 1e-3 per 256, nesterov }' },
    changes: { 'pretrain.optimizer.nesterov': true },
  },
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
  'augment.color-jitter': {
    parts: { augment: 'augment { color-jitter 40% }' },
    changes: { 'pretrain.augment.colorJitter': 0.4 },
  },
  'augment.rand-augment': finetuneCase('augment { rand-augment 9 }', { 'augment.randAugment.magnitude': 9 }),
  'rand-augment.deviation': finetuneCase('augment { rand-augment 0 { deviation 0.2 } }', {
    'augment.randAugment.deviation': 0.2,
  }),
  'rand-augment.increasing': finetuneCase('augment { rand-augment 0 { increasing no } }', {
    'augment.randAugment.increasing': false,
  }),
  'rand-augment.operations': finetuneCase('augment { rand-augment 0 { operations 3 } }', {
    'augment.randAugment.operations': 3,
  }),
  'rand-augment.probability': finetuneCase('augment { rand-augment 0 { probability 1 } }', {
    'augment.randAugment.probability': 1,
  }),
  'augment.erase': finetuneCase('augment { erase 25% }', { 'augment.erasing.probability': 0.25 }),
  'erase.area': finetuneCase('augment { erase 0 { area 10%..20% } }', { 'augment.erasing.area': [0.1, 0.2] }),
  'erase.aspect': finetuneCase('augment { erase 0 { aspect 0.5..2 } }', {
    'augment.erasing.aspect': [0.5, 2],
  }),
  'augment.mixup': finetuneCase('augment { mixup 0.8 }', { 'augment.mixing.mixup': 0.8 }),
  'augment.cutmix': finetuneCase('augment { cutmix 1 }', { 'augment.mixing.cutmix': 1 }),
  'augment.mix-probability': finetuneCase('augment { mix-probability 90% }', {
    'augment.mixing.probability': 0.9,
  }),
  'augment.mix-switch': finetuneCase('augment { mix-switch 0 }', { 'augment.mixing.switching': 0 }),
  'recipe.recompute': {
    parts: { training: 'recompute blocks' },
    changes: { 'pretrain.recompute': 'blocks' },
  },
  'recipe.precision': {
    parts: { training: 'precision float16' },
    changes: { 'pretrain.precision': 'float16' },
  },
  'recipe.clip': { parts: { training: 'clip 1' }, changes: { 'pretrain.clip': 1 } },
  'recipe.ema': { parts: { training: 'ema 0.999' }, changes: { 'pretrain.ema': 0.999 } },
  'recipe.classes': finetuneCase('classes 10', { classes: 10 }),
  'recipe.pooling': finetuneCase('pooling class-token', { pooling: 'class-token' }),
  'recipe.layer-decay': finetuneCase('layer-decay 0.75', { layerDecay: 0.75 }),
  'recipe.drop-path': finetuneCase('drop-path 10%', { dropPath: 0.1 }),
  'recipe.dropout': finetuneCase('dropout 20%', { dropout: 0.2 }),
  'recipe.label-smoothing': finetuneCase('label-smoothing 10%', { labelSmoothing: 0.1 }),
  'recipe.class-weights': finetuneCase('class-weights balanced', { classWeights: 'balanced' }),
  'recipe.test-crop': finetuneCase('test-crop 90%', { testCrop: 0.9 }),
  'model.finetune': finetuneCase('epochs 11', { epochs: 11 }),
  'model.linear-probe': {
    base: { classifiers: 'linear-probe using test-recipe' },
    parts: { classifiers: 'linear-probe using test-recipe { epochs 11 }' },
    changes: { 'linearProbe.epochs': 11 },
  },
  'recipe.seed': { parts: { seed: 'seed 4_294_967_295' }, changes: { 'pretrain.seed': 4294967295 } },
};

const recipePlaces = new Set(['recipe', 'optimizer', 'schedule', 'augment', 'rand-augment', 'erase']);

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
    expect([...keysOf('image').keys()]).toEqual(['mean', 'deviation']);
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
    const before = keyCase.base === undefined ? base : compileModel(specOf(keyCase.base));
    const after = compileModel(specOf(keyCase.parts));
    expect(differences(before, after)).toEqual(keyCase.changes);
    expect([...after.spans.keys()].some((path) => path.split('.').at(-1) === key)).toBe(true);
  });

  it('that changes nothing can only have one value, or only a block', () => {
    for (const { entry, place, name } of entries) {
      if (place === 'file' || Object.keys(keyCases[name]?.changes ?? {}).length > 0) continue;
      for (const { type } of entry.slots) expect(Object.keys(type.options ?? {}), name).toHaveLength(1);
    }
  });

  const plainRecipeCases = Object.entries(keyCases).filter(
    ([name, keyCase]) => recipePlaces.has(name.split('.')[0] ?? '') && keyCase.base === undefined,
  );
  it.each(plainRecipeCases)('%s changes the same in a model’s own recipe block', (_, { parts, changes }) => {
    const pretrain = `pretrain using test-recipe { ${Object.values(parts).join(', ')} }`;
    expect(differences(base, compileModel(specOf({ pretrain })))).toEqual(changes);
  });

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
  if (place === 'rand-augment' || place === 'erase')
    return `recipe r { augment { ${place} 0 { ${example} } } }`;
  return recipePlaces.has(place)
    ? `recipe r { ${place} { ${example} } }`
    : `model m { ${place} { ${example} } }`;
}
