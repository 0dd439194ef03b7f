import { emitModelClasses } from '../../../compiler/emit/tfjs/emit-model-classes.ts';
import type { ModelSpec } from '../../../compiler/language/model-spec.ts';
import { classifierGraph } from '../../../compiler/model/classifier.ts';
import { featuresGraph, maskedAutoencoderClassGraph } from '../../../compiler/model/masked-autoencoder.ts';
import { modelSpec, OFFICIAL, type SpecOptions } from '../../support/specs.ts';

/** Models that differ in everything that shapes the generated classes. */
export const VARIETY: Readonly<Record<string, SpecOptions>> = {
  small: {},
  base: OFFICIAL.base,
  large: OFFICIAL.large,
  huge: OFFICIAL.huge,
  wide: { image: [10240, 12288, 12], patch: [1024, 1024], encoder: [12288, 2, 96], decoder: [10240, 1, 80] },
  'equal-stacks': { encoder: [16, 1, 2], decoder: [16, 1, 2] },
  'grey-and-flat': { image: [8, 64, 1], patch: [2, 16], target: 'normalized-pixels' },
  'no-class-token': { classTokens: 0 },
  'no-qkv-bias': { qkvBias: false },
  registers: { classTokens: 2, registers: 3 },
  'learned-positions': { positions: 'learned' },
  'no-positions': { positions: 'none' },
  'every-extra': { qkNorm: true, layerScale: 0.1, registers: 4, positions: 'learned', mlpRatio: 2 },
  'absolute-error': { loss: { kind: 'l1', on: 'masked' } },
  'all-patches': { loss: { kind: 'mse', on: 'all' } },
  padded: { image: [100, 150, 3], patch: [16, 32], pad: true, patchNorm: true },
  regularized: { dropPath: 0.1, dropout: 0.2, decoder: [8, 3, 2], layerScale: 0.1 },
  'regularized-equal-stacks': { encoder: [16, 3, 2], decoder: [16, 1, 2], dropPath: 0.1 },
};

export const INFO = { source: 'spec/test.mae', hash: '0123456789abcdef', version: '1.2.3' };

export function emitted(spec: ModelSpec): string {
  return emitModelClasses([featuresGraph(spec), maskedAutoencoderClassGraph(spec)], INFO);
}

export function emittedVariety(): [name: string, text: string][] {
  return Object.entries(VARIETY).map(([name, options]) => [name, emitted(modelSpec({ name, ...options }))]);
}

export function emittedClassifiers(): [name: string, text: string][] {
  const classifiers = {
    'classifier-mean': { classes: 10, pooling: 'mean' },
    'classifier-class-token': { classes: 10, pooling: 'class-token' },
    'classifier-regularized': { classes: 10, pooling: 'mean', dropPath: 0.1, dropout: 0.2 },
  } as const;
  return Object.entries(classifiers).map(([name, options]) => {
    const graphs = (['inference', 'training'] as const).map((use) =>
      classifierGraph(modelSpec(), options, use),
    );
    return [name, emitModelClasses(graphs, INFO)];
  });
}
