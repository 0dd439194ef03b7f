import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { layerOf, rateScales } from '../../runtime/train/layer-decay.ts';
import { loadReferenceCase } from '../reference/reference-case.ts';

const reference = await loadReferenceCase('k_lr_decay');
const { tables } = z
  .object({
    tables: z.array(
      z.object({
        global_pool: z.boolean(),
        layer_decay: z.number(),
        num_layers: z.number(),
        params: z.record(z.string(), z.object({ layer_id: z.number(), lr_scale: z.number() })),
      }),
    ),
  })
  .parse(reference.json);

describe('layer-wise decay is the official one', () => {
  it.each(tables)('with a decay of $layer_decay, global pooling $global_pool', (table) => {
    // The official code counts the embedding as a layer.
    const depth = table.num_layers - 1;
    const names = Object.keys(table.params);
    expect(names.length).toBeGreaterThan(100);
    const scales = rateScales(
      names.map((name) => ({ name })),
      depth,
      table.layer_decay,
    );
    expect([...scales.keys()]).toEqual(names);
    for (const [name, { layer_id, lr_scale }] of Object.entries(table.params)) {
      expect(layerOf(name, depth), name).toBe(layer_id);
      expect((scales.get(name) ?? 0) / lr_scale, name).toBeCloseTo(1, 14);
    }
  });

  it('has the recorded scale of every layer', () => {
    for (const decay of [0.75, 0.65]) {
      const recorded = Array.from(reference.float64(`layer_scales_${decay}`));
      const names = [
        'cls_token',
        ...Array.from({ length: 12 }, (_, i) => `blocks.${i}.norm1.weight`),
        'head.bias',
      ];
      const scales = rateScales(
        names.map((name) => ({ name })),
        12,
        decay,
      );
      expect(recorded.length).toBe(14);
      recorded.forEach((scale, layer) => {
        expect((scales.get(names[layer] ?? '') ?? 0) / scale, `layer ${layer}`).toBeCloseTo(1, 14);
      });
    }
  });
});

test('registers are embedded as the class token is; what only sounds like a layer is none', () => {
  expect(['reg_token', 'cls_token', 'pos_embed'].map((name) => layerOf(name, 4))).toEqual([0, 0, 0]);
  expect(
    ['decoder_blocks.0.norm1.bias', 'decoder_pos_embed', 'mask_token', 'norm.bias'].map((name) =>
      layerOf(name, 4),
    ),
  ).toEqual([5, 5, 5, 5]);
});
