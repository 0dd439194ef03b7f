import { describe, expect, it } from 'vitest';
import { modelData, specHash } from '../../compiler/emit/spec-json.ts';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { patchGrid, visiblePatches } from '../../compiler/language/model-spec.ts';
import { compile, compileModel, readerOf, specOf } from './support.ts';

describe('defaults', () => {
  it('are those of the paper and its code', () => {
    const { spans: _, ...model } = compileModel(specOf({ loss: 'loss mse { target normalized-pixels }' }));
    const transformer = {
      qkvBias: true,
      qkNorm: false,
      layerScale: 0,
      dropPath: 0,
      dropout: 0,
      normEpsilon: 1e-6,
      positions: 'sincos-2d',
    };
    expect(model).toEqual({
      name: 'vit-test',
      description: '',
      source: 'main.mae',
      image: {
        height: 32,
        width: 32,
        channels: 3,
        mean: [0.485, 0.456, 0.406],
        deviation: [0.229, 0.224, 0.225],
      },
      patch: { height: 4, width: 4, pad: false, norm: false },
      accept: 'exact',
      encoder: {
        width: 192,
        depth: 12,
        heads: 3,
        mlpWidth: 768,
        classTokens: 1,
        registers: 0,
        ...transformer,
      },
      decoder: { width: 96, depth: 2, heads: 3, mlpWidth: 384, ...transformer },
      mask: { kind: 'random', ratio: 0.75, unit: { height: 1, width: 1 }, tokensInEncoder: false },
      loss: { kind: 'mse', on: 'masked', target: 'normalized-pixels' },
      pretrain: {
        name: 'test-recipe',
        epochs: 10,
        warmup: 0,
        batch: 64,
        accumulation: 1,
        recompute: 'none',
        precision: 'float32',
        optimizer: {
          kind: 'adamw',
          baseLearningRate: 1e-3,
          learningRatePer: 256,
          betas: [0.9, 0.95],
          epsilon: 1e-8,
          weightDecay: 0.05,
        },
        schedule: 'cosine',
        minimumLearningRate: 0,
        augment: { crop: [1, 1], aspect: [3 / 4, 4 / 3], flip: false, colorJitter: 0 },
        clip: 0,
        ema: 0,
        seed: 0,
      },
    });
  });

  it('a hidden width that is whole but for rounding is whole', () => {
    // 1.1 * 30 is 33.00000000000001 in doubles with a few widths like it.
    const encoder = 'encoder { width 100, depth 1, heads 1, mlp 2.3x }';
    expect(compileModel(specOf({ encoder })).encoder.mlpWidth).toBe(230);
  });
});

describe('where values come from', () => {
  it('is told by dotted path, for what is written and only that', () => {
    const text = specOf({ image: 'image 32x32x3 { mean 0.5 0.5 0.5 }' });
    const { spans } = compileModel(text);
    const written = Object.fromEntries(
      [...spans].map(([path, { start, end }]) => [path, text.slice(start, end)]),
    );
    expect(written).toEqual({
      image: 'image 32x32x3',
      'image.mean': 'mean 0.5 0.5 0.5',
      patch: 'patch 4',
      encoder: 'encoder',
      'encoder.width': 'width 192',
      'encoder.depth': 'depth 12',
      'encoder.heads': 'heads 3',
      decoder: 'decoder',
      'decoder.width': 'width 96',
      'decoder.depth': 'depth 2',
      'decoder.heads': 'heads 3',
      mask: 'mask random 75%',
      loss: 'loss mse',
      'loss.target': 'target pixels',
      pretrain: 'pretrain using test-recipe',
      'pretrain.epochs': 'epochs 10',
      'pretrain.batch': 'batch 64',
      'pretrain.optimizer': 'optimizer adamw',
      'pretrain.optimizer.lr': 'lr 1e-3 per 256',
    });
  });
});

describe('was', () => {
  it('tells the former name, which is not inherited and changes nothing that is compiled', () => {
    const { models, diagnostics } = compile(
      `${specOf().replace('model vit-test {', 'model vit-test was vit-old {')}
      model two extends vit-test { encoder { depth 3 } }
      model three extends vit-test was vit-two { encoder { depth 4 } }`,
    );
    expect(diagnostics).toEqual([]);
    expect(models.map(({ name, formerName }) => [name, formerName])).toEqual([
      ['vit-test', 'vit-old'],
      ['two', undefined],
      ['three', 'vit-two'],
    ]);
    const [model] = models;
    expect(model && specHash(model)).toBe(specHash(compileModel(specOf())));
    expect(model && modelData(model)).not.toHaveProperty('formerName');
  });

  it('takes one name', () => {
    for (const head of ['was', 'was 3', 'was a b'])
      expect(compile(specOf().replace('vit-test {', `vit-test ${head} {`)).diagnostics.length, head).toBe(1);
  });
});

describe('extends', () => {
  const two = (statements: string) => {
    const { models, diagnostics } = compile(`${specOf()}model two extends vit-test { ${statements} }`);
    expect(diagnostics).toEqual([]);
    expect(models.map(({ name }) => name)).toEqual(['vit-test', 'two']);
    const [first, second] = models;
    if (first === undefined || second === undefined) throw new Error('two models');
    return { first, second };
  };

  it('takes over everything but the name', () => {
    const { first, second } = two('');
    expect(second).toEqual({ ...first, name: 'two' });
  });

  it('changes single keys of a block', () => {
    const { first, second } = two('encoder { depth 6 }, image 64x64x3');
    expect(second.encoder).toEqual({ ...first.encoder, depth: 6 });
    expect(second.image).toEqual({ ...first.image, height: 64, width: 64 });
  });

  it('changes single keys of the recipe', () => {
    const { first, second } = two('pretrain { epochs 20, optimizer adamw { weight-decay 0.1 } }');
    expect(second.pretrain).toEqual({
      ...first.pretrain,
      epochs: 20,
      optimizer: { ...first.pretrain.optimizer, weightDecay: 0.1 },
    });
  });

  it('forgets the changes of a recipe that is replaced', () => {
    const { models } = compile(`${specOf({ pretrain: 'pretrain using test-recipe { epochs 3, seed 7 }' })}
      recipe other extends test-recipe { warmup 2 }
      model two extends vit-test { pretrain using other }`);
    expect(
      models.map(({ pretrain: { name, epochs, warmup, seed } }) => ({ name, epochs, warmup, seed })),
    ).toEqual([
      { name: 'test-recipe', epochs: 3, warmup: 0, seed: 7 },
      { name: 'other', epochs: 10, warmup: 2, seed: 0 },
    ]);
  });

  it('to another optimizer leaves behind what only the one before has a meaning for', () => {
    const { models, diagnostics } = compile(
      `${specOf({ pretrain: 'pretrain using other' })}recipe other extends test-recipe { optimizer sgd { nesterov } }`,
    );
    expect(diagnostics).toEqual([]);
    expect(models[0]?.pretrain.optimizer).toEqual({
      kind: 'sgd',
      baseLearningRate: 1e-3,
      learningRatePer: 256,
      momentum: 0.9,
      nesterov: true,
      weightDecay: 0,
    });
    const lars = specOf({
      optimizer: 'optimizer adamw { lr 1e-3 per 256, betas 0.8 0.9, epsilon 1e-6, weight-decay 0.1 }',
      pretrain: 'pretrain using test-recipe { optimizer lars { momentum 0.5 } }',
    });
    expect(compileModel(lars).pretrain.optimizer).toEqual({
      kind: 'lars',
      baseLearningRate: 1e-3,
      learningRatePer: 256,
      momentum: 0.5,
      trust: 0.001,
      weightDecay: 0.1,
    });
  });

  it('may come before what it extends, and in long chains', () => {
    const length = 5000;
    const chain = Array.from(
      { length },
      (_, index) => `model m${index} extends m${index + 1} { encoder { depth 3 } }`,
    );
    const text = `${chain.join('\n')}\n${specOf().replace('vit-test', `m${length}`)}`;
    const { models, diagnostics } = compile(text);
    expect(diagnostics).toEqual([]);
    expect(models).toHaveLength(length + 1);
    expect(models[0]?.encoder).toEqual({ ...models.at(-1)?.encoder, depth: 3 });
  });

  it('works for recipes', () => {
    const { models, diagnostics } = compile(
      `${specOf({ pretrain: 'pretrain using long' })}recipe long extends test-recipe { epochs 100, augment { flip } }`,
    );
    expect(diagnostics).toEqual([]);
    expect(models[0]?.pretrain).toMatchObject({
      name: 'long',
      epochs: 100,
      batch: 64,
      augment: { flip: true },
    });
  });
});

describe('a recipe of its own', () => {
  it('can be written where it is used', () => {
    const pretrain = 'pretrain { epochs 3, batch 8, optimizer adamw { lr 1e-3 per 8 } }';
    expect(compileModel(specOf({ pretrain })).pretrain).toMatchObject({
      name: 'vit-test-pretrain',
      epochs: 3,
      batch: 8,
    });
  });
});

describe('imports', () => {
  it('are relative to the file that holds them, and read once', () => {
    const read: string[] = [];
    const files = {
      'spec/deep/a.mae':
        'import "../common/recipes.mae"\nimport "../base.mae"\nmodel a extends vit-test { pretrain using r }',
      'spec/base.mae': `import "./common/recipes.mae"\n${specOf({ pretrain: 'pretrain using r' })}`,
      'spec/common/recipes.mae': 'recipe r { epochs 1, batch 2, optimizer adamw { lr 1 per 1 } }',
    };
    const reader = readerOf(files);
    const counting = {
      ...reader,
      read: (file: string) => {
        read.push(file);
        return reader.read(file);
      },
    };
    const { models, diagnostics, sources } = compileSources(['spec/deep/a.mae', 'spec/base.mae'], counting);
    expect(diagnostics).toEqual([]);
    expect(models.map(({ name, source }) => [name, source])).toEqual([
      ['a', 'spec/deep/a.mae'],
      ['vit-test', 'spec/base.mae'],
    ]);
    expect(read.sort()).toEqual(Object.keys(files).sort());
    expect([...sources.keys()].sort()).toEqual(Object.keys(files).sort());
  });

  it('yield the models of the entry files only', () => {
    const { models } = compile({ 'a.mae': 'import "./b.mae"\nmodel a extends vit-test', 'b.mae': specOf() });
    expect(models.map(({ name }) => name)).toEqual(['a']);
  });

  it('may chain over thousands of files', () => {
    const length = 3000;
    const files: Record<string, string> = {};
    for (let index = 0; index < length; index++) {
      files[`${index}.mae`] = `import "${index + 1}.mae"\nmodel m${index} extends m${index + 1}`;
    }
    files[`${length}.mae`] = specOf().replace('vit-test', `m${length}`);
    const { models, diagnostics } = compile(files);
    expect(diagnostics).toEqual([]);
    expect(models[0]?.encoder.width).toBe(192);
  });

  it('may reach the same file on two ways', () => {
    const { diagnostics } = compile({
      'a.mae': 'import "./b.mae"\nimport "./c.mae"\nmodel a extends b { pretrain using test-recipe }',
      'b.mae': 'import "./c.mae"\nmodel b extends vit-test',
      'c.mae': specOf(),
    });
    expect(diagnostics).toEqual([]);
  });

  it('of recipes leave two files free to use the same names', () => {
    const files = { 'a.mae': specOf(), 'b.mae': specOf().replace('vit-test', 'vit-other') };
    const { models, diagnostics } = compileSources(Object.keys(files), readerOf(files));
    expect(diagnostics).toEqual([]);
    expect(models).toHaveLength(2);
  });
});

describe('descriptions', () => {
  const describe_ = (text: string) => compile(text).models.map(({ description }) => description);

  it('are the comment lines right above', () => {
    expect(
      describe_(`# not this\n\n# One.\n//   Two.\n${specOf()}## Other.\nmodel b extends vit-test`),
    ).toEqual(['One.\n  Two.', 'Other.']);
  });

  it('of the first declaration may start the file', () => {
    const body = specOf({ pretrain: 'pretrain using r' }).split('recipe')[0] ?? '';
    const { models } = compile({
      'a.mae': `\uFEFF\n# A model.\r\n#\r\n# Really.\r\n\r\n# Recipes:\nimport "b.mae" # used\n\n${body}model b extends vit-test`,
      'b.mae': specOf()
        .replace('test-recipe {', 'r {')
        .replace('model vit-test', 'model c')
        .replace('using test-recipe', 'using r'),
    });
    expect(models.map(({ description }) => description)).toEqual(['A model.\n\nReally.', '']);
  });

  it('are no comments behind a statement, or behind an empty line', () => {
    expect(describe_(`${specOf()}model b extends vit-test # no\nmodel c extends vit-test`)).toEqual([
      '',
      '',
      '',
    ]);
    expect(describe_(`${specOf()}# b\nmodel b extends vit-test; model c extends vit-test`)).toEqual([
      '',
      'b',
      '',
    ]);
    expect(describe_(`${specOf().replace('model', 'model')}# far\n\nmodel b extends vit-test`)).toEqual([
      '',
      '',
    ]);
  });
});

describe('sizes', () => {
  it('need not be square, nor patches', () => {
    const model = compileModel(
      specOf({ image: 'image 48x80x4', patch: 'patch 8x16', mask: 'mask random 90%' }),
    );
    expect(patchGrid(model)).toEqual({ height: 6, width: 5 });
    expect(visiblePatches(patchGrid(model), model.mask)).toBe(2);
    expect(model.image.mean).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});
