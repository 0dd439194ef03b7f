import { describe, expect, it } from 'vitest';
import { compileGraphs } from '../../compiler/compile-graphs.ts';
import { countModules, mergeModules } from '../../compiler/diff/cost/count-modules.ts';
import { CostCounter } from '../../compiler/diff/cost/model-cost.ts';
import { diffSides } from '../../compiler/diff/diff-sides.ts';
import { parameterCount, relativeChange, roughPercent } from '../../compiler/diff/numbers.ts';
import { tensorsOf } from '../../compiler/diff/weights/tensors.ts';
import { pretrainingData } from '../../compiler/emit/spec-json.ts';
import {
  featuresGraph,
  maskedAutoencoderGraph,
  pretrainingGraph,
} from '../../compiler/model/masked-autoencoder.ts';
import { graphFlops, parameterElements, peakActivationBytes } from '../../compiler/passes/cost.ts';
import { gradientStep } from '../../compiler/passes/gradient-step.ts';
import { modelSpec, OFFICIAL, type SpecOptions } from '../support/specs.ts';
import { diffSpecs, sideOf } from './support.ts';

describe('the cost of a model', () => {
  it('is what spec.json says of it', () => {
    const spec = modelSpec({ encoder: [16, 3, 2], decoder: [8, 2, 2], registers: 2 });
    const { cost } = pretrainingData(compileGraphs(spec));
    const counted = new CostCounter().cost(spec);
    expect(counted.parameters).toEqual(cost.parameters);
    expect([counted.forwardFlops, counted.trainingFlops, counted.activationBytes]).toEqual([
      cost.forwardFlops.total,
      cost.trainingFlops,
      cost.trainingActivationBytes,
    ]);
  });

  it('is that of its modules, the lists counted together', () => {
    const { modules, parameters, forwardFlops } = new CostCounter().cost(modelSpec({ encoder: [16, 3, 2] }));
    const of = (path: string) => modules.find((module) => module.path === path);
    expect(of('')).toMatchObject({ parameters: parameters.total, forwardFlops, count: 1 });
    expect(of('encoder')?.parameters).toBe(parameters.encoder);
    // A block of width 16 with an MLP of 64: two norms, qkv, proj, fc1, fc2, each with its bias.
    const block = 2 * 32 + (16 * 48 + 48) + (16 * 16 + 16) + (16 * 64 + 64) + (64 * 16 + 16);
    expect(of('encoder.blocks.*')).toMatchObject({
      count: 3,
      parameters: 3 * block,
      output: '[batch*5, 16]',
    });
    expect(of('encoder.blocks.*.attn.qkv')).toMatchObject({ count: 3, onnxBytes: 4 * 3 * (16 * 48 + 48) });
  });

  type Deep = SpecOptions & { readonly recompute?: 'blocks' };
  const specFor = ({ recompute, ...options }: Deep) => {
    const spec = modelSpec(options);
    return recompute === undefined ? spec : { ...spec, pretrain: { ...spec.pretrain, recompute } };
  };
  const deep: readonly Deep[] = [
    { encoder: [16, 1, 2], decoder: [8, 1, 2] },
    { encoder: [16, 7, 2], decoder: [8, 5, 2] },
    { encoder: [16, 6, 2], decoder: [8, 3, 2], dropPath: 0.2, dropout: 0.1, layerScale: 0.1, qkNorm: true },
    {
      encoder: [16, 5, 2],
      mask: { tokensInEncoder: true },
      loss: { kind: 'l1', on: 'all' },
      positions: 'learned',
    },
    { encoder: [8, 6, 2], decoder: [32, 7, 2], recompute: 'blocks' },
    { encoder: [8, 6, 2], decoder: [32, 7, 2], mask: { tokensInEncoder: true }, recompute: 'blocks' },
    // The worst point of one is in the decoder, of the other in the encoder, and of the last at the patches.
    { encoder: [8, 4, 2], decoder: [64, 9, 2], maskRatio: 0.9 },
    { encoder: [64, 9, 2], decoder: [8, 1, 2], maskRatio: 0.25 },
    { image: [64, 64, 3], patch: [32, 32], encoder: [4, 6, 2], decoder: [4, 5, 2] },
    { encoder: [16, 8, 2], decoder: [8, 1, 2], registers: 3, classTokens: 0 },
    OFFICIAL.base,
    OFFICIAL.huge,
  ];

  it.each(deep)('is counted from few blocks as from all of %j', (options) => {
    const spec = specFor(options);
    const [masked, training] = [
      maskedAutoencoderGraph(spec),
      gradientStep(pretrainingGraph(spec), spec.pretrain),
    ];
    const counter = new CostCounter();
    const cost = counter.cost(spec);
    const parameters = parameterElements(masked.parameters);
    expect(cost.parameters.total).toBe(parameters);
    expect(cost.parameters.trainable).toBe(
      parameterElements(masked.parameters.filter(({ trainable }) => trainable)),
    );
    expect(cost.forwardFlops).toBe(graphFlops(masked));
    expect(cost.encoderFlops).toBe(graphFlops(featuresGraph(spec)));
    expect(cost.trainingFlops).toBe(graphFlops(training));
    expect(cost.activationBytes).toBe(peakActivationBytes(training));
    expect(cost.modules).toEqual(mergeModules(countModules(masked, training), { encoder: 0, decoder: 0 }));
    expect(counter.estimate(spec)).toEqual({ parameters, trainingFlops: cost.trainingFlops });
  });

  it('has every tensor of the whole graph, in its order', () => {
    for (const options of deep) {
      const spec = specFor(options);
      const [tensors] = tensorsOf({ spec, knows: ['pretrain'] }, ['pretrain'], new CostCounter()).values();
      expect(tensors).toEqual(
        maskedAutoencoderGraph(spec).parameters.map(({ name, shape }) => ({ name, shape })),
      );
    }
  });

  it('cannot be estimated of what is no model', () => {
    expect(new CostCounter().estimate(modelSpec({ encoder: [16, 2, 3] }))).toBeUndefined();
  });
});

describe('the effect of a change', () => {
  it('is the whole difference where it is the only one', () => {
    const [old, now] = [modelSpec(OFFICIAL.base), modelSpec({ ...OFFICIAL.base, decoder: [512, 4, 16] })];
    const { changes, old: before, new: after } = diffSpecs(old, now);
    expect(changes.map(({ rule }) => rule)).toEqual(['decoder-depth']);
    // Half of the decoder's eight blocks: 4 (12 · 512² + 13 · 512) parameters.
    const parameters = -4 * (12 * 512 ** 2 + 13 * 512);
    expect(changes[0]?.effect?.parameters).toBe(parameters);
    expect(changes[0]?.effect?.trainingFlops).toBe(
      (after?.cost.trainingFlops ?? 0) - (before?.cost.trainingFlops ?? 0),
    );
    expect(changes[0]?.message).toMatch(
      /^decoder depth 8 → 4: 12\.61 M parameters and \d+% of the step’s FLOPs fewer; drops decoder_blocks\.4–7$/,
    );
  });

  it('takes heads along that do not share the new width', () => {
    const { changes } = diffSpecs(modelSpec(OFFICIAL.base), modelSpec(OFFICIAL.huge));
    const width = changes.find(({ rule }) => rule === 'encoder-width');
    expect(width?.effect?.parameters).toBeGreaterThan(0);
  });
});

describe('numbers', () => {
  it('are rounded as people read them', () => {
    expect([0.3812, 0.0042, 1e-6, 2.5, 0].map(roughPercent)).toEqual([
      '38%',
      '0.42%',
      'less than 0.01%',
      '250%',
      '0%',
    ]);
    expect([relativeChange(4, 4), relativeChange(100, 138), relativeChange(100, 88)]).toEqual([
      '=',
      '+38%',
      '−12%',
    ]);
    expect([relativeChange(0, 3), relativeChange(3, 0), relativeChange(1, 20)]).toEqual([
      'new',
      'gone',
      '×20',
    ]);
    expect([parameterCount(1), parameterCount(12_612_345)]).toEqual(['1 parameter', '12.61 M parameters']);
  });
});

it('two models of the largest official size are compared in well under a second', () => {
  const [old, now] = [modelSpec(OFFICIAL.huge), modelSpec({ ...OFFICIAL.huge, decoder: [512, 4, 16] })];
  diffSides(sideOf(old), sideOf(now));
  const times = [1, 2, 3].map(() => {
    const start = performance.now();
    diffSides(sideOf(old), sideOf(now));
    return performance.now() - start;
  });
  if (process.env.MAE_DEBUG) process.stderr.write(`two of ViT-H: ${Math.min(...times).toFixed(0)} ms\n`);
  expect(Math.min(...times)).toBeLessThan(1000);
});
