import { emitModelClasses } from '../../../compiler/emit/tfjs/emit-model-classes.ts';
import type { ModelSpec } from '../../../compiler/language/model-spec.ts';
import {
  classifierClassGraphs,
  linearProbeClassGraphs,
  pretrainingClassGraphs,
} from '../../../compiler/model/class-graphs.ts';
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
  multiples: { accept: 'multiples', positions: 'learned', patch: [4, 8], registers: 2 },
  'multiples-without-class-token': {
    accept: 'multiples',
    classTokens: 0,
    encoder: [16, 2, 2],
    decoder: [16, 1, 2],
  },
  'multiples-without-positions': { accept: 'multiples', positions: 'none', qkNorm: true, layerScale: 0.1 },
  'any-size': { accept: 'any', mask: { tokensInEncoder: true } },
  'any-size-padded': { accept: 'any', image: [10, 13, 3], pad: true, dropPath: 0.1, dropout: 0.2 },
  regularized: { dropPath: 0.1, dropout: 0.2, decoder: [8, 3, 2], layerScale: 0.1 },
  'regularized-equal-stacks': { encoder: [16, 3, 2], decoder: [16, 1, 2], dropPath: 0.1 },
};

export const INFO = { source: 'spec/test.mae', hash: '0123456789abcdef', version: '1.2.3' };

export function emitted(spec: ModelSpec): string {
  return emitModelClasses(pretrainingClassGraphs(spec), INFO);
}

export function emittedVariety(): [name: string, text: string][] {
  return Object.entries(VARIETY).map(([name, options]) => [name, emitted(modelSpec({ name, ...options }))]);
}

export function emittedClassifiers(): [name: string, text: string][] {
  const sizes = { accept: 'any', positions: 'learned', registers: 2, classTokens: 2 } as const;
  const classifiers = {
    'classifier-mean': [{}, { classes: 10, pooling: 'mean' }],
    'classifier-class-token': [{}, { classes: 10, pooling: 'class-token' }],
    'classifier-regularized': [{}, { classes: 10, pooling: 'mean', dropPath: 0.1, dropout: 0.2 }],
    'classifier-of-sizes': [sizes, { classes: 10, pooling: 'mean', dropPath: 0.1 }],
  } as const;
  const probes = {
    'probe-mean': [{}, { classes: 10, pooling: 'mean' }],
    'probe-of-sizes': [sizes, { classes: 10, pooling: 'class-token' }],
  } as const;
  return [
    ...Object.entries(classifiers).map(([name, [options, recipe]]): [string, string] => {
      return [name, emitModelClasses(classifierClassGraphs(modelSpec(options), recipe), INFO)];
    }),
    ...Object.entries(probes).map(([name, [options, recipe]]): [string, string] => {
      return [name, emitModelClasses(linearProbeClassGraphs(modelSpec(options), recipe), INFO)];
    }),
  ];
}
