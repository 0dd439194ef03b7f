import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/ir/graph.ts';
import { classifierGraph } from '../../compiler/model/classifier.ts';
import { maskedAutoencoderGraph, pretrainingGraph } from '../../compiler/model/masked-autoencoder.ts';
import {
  graphFlops,
  isInside,
  moduleCosts,
  nodeFlops,
  parameterElements,
  peakActivationBytes,
} from '../../compiler/passes/cost.ts';
import { differentiate } from '../../compiler/passes/differentiate.ts';
import { foldGelu } from '../../compiler/passes/fold-gelu.ts';
import { modelSpec, OFFICIAL } from '../support/specs.ts';

interface Flops {
  readonly total: number;
  readonly by_side: Readonly<Record<string, number>>;
  readonly by_kind: Readonly<Record<string, number>>;
}

interface Counts {
  readonly mae: Readonly<
    Record<
      string,
      {
        total: number;
        trainable: number;
        encoder_with_pos_embed: number;
        decoder_with_pos_embed: number;
        state_dict_tensors: number;
        'flops_mask0.75': Flops;
      }
    >
  >;
  readonly vit: Readonly<Record<string, { total: number; state_dict_tensors: number; flops?: Flops }>>;
}

const fixture = (name: string) => new URL(`../fixtures/reference/${name}`, import.meta.url);
const counts: Counts = JSON.parse(readFileSync(fixture('counts.json'), 'utf8'));
const names: Record<string, [string, number[]][]> = JSON.parse(readFileSync(fixture('names.json'), 'utf8'));

const inside = (graph: Graph, module: string) =>
  graph.parameters.filter(({ scope }) => isInside(scope.path, module));

/** FLOPs by what the official count calls the layer. */
function flopsByKind(graph: Graph): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (kind: string, flops: number) => {
    sums[kind] = (sums[kind] ?? 0) + flops;
  };
  for (const node of graph.nodes) {
    const flops = nodeFlops(node);
    if (flops === 0) continue;
    const [, side = '', rest = ''] = /^(encoder|decoder|head)\.?(.*)$/.exec(node.scope.path) ?? [];
    const layer = rest.replace(/^blocks\.\d+\./, '');
    if (node.op.name === 'attention') {
      add(`${side}:attn.q@k^T`, flops / 2);
      add(`${side}:attn.a@v`, flops / 2);
    } else {
      add(`${side}:${layer || 'head'}`, flops);
    }
  }
  return sums;
}

describe.each([
  ['mae_vit_base_patch16', 'base'],
  ['mae_vit_large_patch16', 'large'],
  ['mae_vit_huge_patch14', 'huge'],
] as const)('%s', (official, size) => {
  const graph = maskedAutoencoderGraph(modelSpec(OFFICIAL[size]));
  const expected = counts.mae[official];

  it('has the official number of parameters on both sides', () => {
    expect(parameterElements(graph.parameters)).toBe(expected?.total);
    expect(parameterElements(graph.parameters.filter(({ trainable }) => trainable))).toBe(
      expected?.trainable,
    );
    expect(parameterElements(inside(graph, 'encoder'))).toBe(expected?.encoder_with_pos_embed);
    expect(parameterElements(inside(graph, 'decoder'))).toBe(expected?.decoder_with_pos_embed);
    expect(graph.parameters).toHaveLength(expected?.state_dict_tensors ?? 0);
  });

  it('has the official forward FLOPs, layer by layer', () => {
    const flops = expected?.['flops_mask0.75'];
    expect(graphFlops(graph)).toBe(flops?.total);
    expect(graphFlops(graph, ({ scope }) => isInside(scope.path, 'encoder'))).toBe(flops?.by_side.encoder);
    expect(flopsByKind(graph)).toEqual(flops?.by_kind);
  });
});

describe.each([
  ['vit_base_patch16', 'base'],
  ['vit_large_patch16', 'large'],
  ['vit_huge_patch14', 'huge'],
] as const)('%s', (official, size) => {
  it.each([
    ['global_pool', 'mean'],
    ['cls_token', 'class-token'],
  ] as const)('as a classifier with %s has the official parameters and FLOPs', (suffix, pooling) => {
    const graph = classifierGraph(modelSpec(OFFICIAL[size]), { classes: 1000, pooling });
    const expected = counts.vit[`${official} (${suffix})`];
    expect(parameterElements(graph.parameters)).toBe(expected?.total);
    expect(graph.parameters).toHaveLength(expected?.state_dict_tensors ?? 0);
    if (expected?.flops) {
      expect(graphFlops(graph)).toBe(expected.flops.total);
      expect(flopsByKind(graph)).toEqual(expected.flops.by_kind);
    }
  });
});

describe('official names', () => {
  const shapes = (graph: Graph) => new Map(graph.parameters.map(({ name, shape }) => [name, shape]));

  it('and shapes are those of the state dict', () => {
    const spec = modelSpec(OFFICIAL.base);
    expect(shapes(maskedAutoencoderGraph(spec))).toEqual(new Map(names.mae_vit_base_patch16));
    expect(shapes(pretrainingGraph(spec))).toEqual(new Map(names.mae_vit_base_patch16));
    const classifier = classifierGraph(spec, { classes: 1000, pooling: 'mean' });
    expect(shapes(classifier)).toEqual(new Map(names['vit_base_patch16 (global_pool)']));
  });
});

describe('the training step', () => {
  const training = differentiate(foldGelu(pretrainingGraph(modelSpec(OFFICIAL.base))));

  it('does three times the forward products, less the input gradient of the patch embedding', () => {
    const forward = graphFlops(training, ({ phase }) => phase === 'forward');
    const embedding = graphFlops(
      training,
      ({ scope, phase }) => scope.path === 'encoder.patch_embed' && phase === 'forward',
    );
    expect(graphFlops(training)).toBe(3 * forward - embedding);
    // 49 of 196 patches are embedded, and 147 of 197 tokens go through the pixel head, and before it through the projection
    // and the MLP of the last decoder block.
    const official = counts.mae.mae_vit_base_patch16?.['flops_mask0.75'].by_kind ?? {};
    const lastBlock = 2 * (1 + 4 + 4) * 512 ** 2;
    const saved =
      (official['encoder:patch_embed'] ?? 0) * (147 / 196) +
      (official['decoder:pred'] ?? 0) * (50 / 197) +
      lastBlock * 50;
    expect(forward).toBe((counts.mae.mae_vit_base_patch16?.['flops_mask0.75'].total ?? 0) - saved);
  });

  it('is accounted for module by module', () => {
    const costs = new Map(moduleCosts(training).map((cost) => [cost.path, cost]));
    expect(costs.get('')?.trainingFlops).toBe(graphFlops(training));
    expect(costs.get('')?.parameters).toBe(111907840);
    expect(costs.get('encoder.blocks.3.mlp')?.forwardFlops).toBe(2 * 2 * 50 * 768 * 3072);
    expect(costs.get('encoder.blocks.3.mlp')?.parameters).toBe(2 * 768 * 3072 + 768 + 3072);
    const [encoder, decoder, root] = ['encoder', 'decoder', ''].map(
      (path) => costs.get(path)?.savedBytes ?? 0,
    );
    expect((encoder ?? 0) + (decoder ?? 0)).toBeLessThanOrEqual(root ?? 0);
  });

  it('keeps at least what every block saves for its backward pass, and less than everything', () => {
    const peak = peakActivationBytes(training);
    const saved = moduleCosts(training).find(({ path }) => path === '')?.savedBytes ?? 0;
    expect(peak).toBeGreaterThan(saved * 0.9);
    expect(peak).toBeLessThan(2 * saved);
  });
});
