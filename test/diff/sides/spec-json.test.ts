import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileClassifiers, compileGraphs } from '../../../compiler/compile-graphs.ts';
import { readCheckpointSpec, readSpecJson } from '../../../compiler/diff/sides/spec-json.ts';
import { formatJson, modelData, pretrainingData, specData } from '../../../compiler/emit/spec-json.ts';
import type { ModelSpec } from '../../../compiler/language/model-spec.ts';
import { compiledSpecSchema } from '../../../runtime/model/compiled-spec.ts';
import { modelSpec, type SpecOptions } from '../../support/specs.ts';

function specJson(spec: ModelSpec): string {
  const classifiers = compileClassifiers(spec);
  return formatJson(
    specData({ spec, compilerVersion: '1', pretraining: pretrainingData(compileGraphs(spec)), classifiers }),
  );
}

const small: SpecOptions = {
  encoder: [16, 1, 2],
  finetune: { dropPath: 0.1 },
  linearProbe: { pooling: 'class-token' },
  mask: { kind: 'grid', unit: { height: 2, width: 2 } },
  registers: 2,
  pad: true,
};

describe('spec.json as a side', () => {
  const spec = modelSpec(small);
  const text = specJson(spec);

  it('gives back the spec that it was compiled from, spans aside', () => {
    const read = readSpecJson('spec.json', text);
    if ('because' in read) throw new Error(read.because);
    const { spans: _, source: __, ...expected } = spec;
    expect(read.spec).toEqual({ ...expected, spans: new Map(), source: 'spec.json' });
    expect(read.tensors?.map(({ name }) => name)).toContain('decoder_blocks.0.mlp.fc2.bias');
  });

  it('is read as the runtime reads it', () => {
    const runtime = compiledSpecSchema.parse(JSON.parse(text));
    const read = readSpecJson('spec.json', text);
    if ('because' in read) throw new Error(read.because);
    expect(modelData(read.spec)).toEqual(runtime.model);
    expect([read.spec.pretrain, read.spec.finetune, read.spec.linearProbe]).toEqual([
      runtime.recipes.pretrain,
      runtime.recipes.finetune,
      runtime.recipes['linear-probe'],
    ]);
    expect(read.tensors).toEqual(runtime.parameters.map(({ name, shape }) => ({ name, shape })));
  });

  it('says what is wrong with it', () => {
    const wrong = text.replace('"depth": 1', '"depth": "deep"').replace('"ratio"', '"ration"');
    expect(readSpecJson('spec.json', wrong)).toMatchObject({
      because:
        'it is no spec.json of this compiler: wrong in model.encoder.depth, model.decoder.depth, model.mask.ratio'.replace(
          'model.decoder.depth, ',
          '',
        ),
    });
    expect(readSpecJson('spec.json', '{')).toMatchObject({ because: 'it is not JSON' });
    expect(readSpecJson('spec.json', '{}')).toMatchObject({
      because: 'it is no spec.json of this compiler: wrong in format, model, recipes and 1 more',
    });
  });

  it('is never taken for something else, whatever its text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (anything) => {
        expect(readSpecJson('x', anything)).toHaveProperty('because');
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('the metadata of a checkpoint', () => {
  const spec = modelSpec();
  const metadata = new Map([
    ['spec', JSON.stringify(modelData(spec))],
    ['recipe', JSON.stringify(spec.pretrain)],
  ]);

  it('gives back architecture and recipe', () => {
    const read = { spec: { ...spec, spans: new Map(), source: 'x' }, knows: ['pretrain'] };
    expect(readCheckpointSpec('x', metadata)).toEqual(read);
  });

  it.each(['finetune', 'linear-probe'] as const)(
    'gives back the recipe of %s, and knows no other',
    (training) => {
      const { finetune } = modelSpec({ finetune: {} });
      const found = readCheckpointSpec(
        'x',
        new Map(metadata).set('training', training).set('recipe', JSON.stringify(finetune)),
      );
      expect(found).toMatchObject({
        knows: [training],
        spec: { encoder: spec.encoder, [training === 'finetune' ? 'finetune' : 'linearProbe']: finetune },
      });
    },
  );

  it('has what older versions did not write filled in', () => {
    const { pad: _, norm: __, ...patch } = spec.patch;
    const old = new Map(metadata).set('spec', JSON.stringify({ ...modelData(spec), patch }));
    const read = { spec: { ...spec, spans: new Map(), source: 'x' }, knows: ['pretrain'] };
    expect(readCheckpointSpec('x', old)).toEqual(read);
  });

  it('is refused where it is not there or damaged', () => {
    expect(readCheckpointSpec('x', new Map())).toMatchObject({
      because: 'its metadata does not say what model it is of',
    });
    expect(readCheckpointSpec('x', new Map(metadata).set('training', 'finetune'))).toMatchObject({
      because:
        'its metadata is damaged: wrong in augment.randAugment, augment.erasing, augment.mixing and 8 more',
    });
    expect(readCheckpointSpec('x', new Map(metadata).set('training', 'distil'))).toMatchObject({
      because: expect.stringMatching(/^its metadata is damaged: .*wrong in training$/),
    });
    expect(readCheckpointSpec('x', new Map(metadata).set('recipe', '{"epochs":'))).toMatchObject({
      because: 'its metadata is damaged: wrong in the whole',
    });
  });
});
