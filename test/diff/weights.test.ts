import { describe, expect, it } from 'vitest';
import { diffSides } from '../../compiler/diff/diff-sides.ts';
import { fateCounts, weightRows } from '../../compiler/diff/render/weight-rows.ts';
import type { Tensor, TensorChange } from '../../compiler/diff/report.ts';
import { matchTensors } from '../../compiler/diff/weights/match-tensors.ts';
import { renamedTensors } from '../../compiler/diff/weights/renamed-tensors.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';
import { diffSpecs, onlyModel, sideOf } from './support.ts';

/** Rows of the weights that are not kept: fate, name, shapes. */
function moved(old: SpecOptions, now: SpecOptions): string[] {
  return diffSpecs(modelSpec(old), modelSpec(now))
    .weights.filter(({ fate }) => fate !== 'kept')
    .map(describeRow);
}

function describeRow({ fate, old, new: now, note }: TensorChange): string {
  const show = (tensor: Tensor | null) =>
    tensor === null ? '-' : `${tensor.name} [${tensor.shape.join(', ')}]`;
  return [fate, show(old), show(now), note].join(' | ');
}

describe('what becomes of the weights', () => {
  it('of a larger picture: positions can be interpolated', () => {
    expect(moved({ positions: 'learned' }, { positions: 'learned', image: [32, 16, 3] })).toEqual([
      'interpolable | pos_embed [1, 17, 16] | pos_embed [1, 33, 16] | 4 x 4 → 8 x 4 patches',
      'interpolable | decoder_pos_embed [1, 17, 8] | decoder_pos_embed [1, 33, 8] | 4 x 4 → 8 x 4 patches',
    ]);
  });

  it('of a picture on its side: positions too, though they are as many', () => {
    const rows = moved({ image: [32, 16, 3] }, { image: [16, 32, 3] });
    expect(rows.map((row) => row.split(' | ').at(-1))).toEqual(
      new Array(2).fill('8 x 4 → 4 x 8 patches, or computed anew'),
    );
  });

  it('of other channels: the embedding and the prediction are extended', () => {
    expect(moved({}, { image: [16, 16, 4] })).toEqual([
      'extended | patch_embed.proj.weight [16, 3, 4, 4] | patch_embed.proj.weight [16, 4, 4, 4] | in channels',
      'extended | decoder_pred.weight [48, 8] | decoder_pred.weight [64, 8] | in channels',
      'extended | decoder_pred.bias [48] | decoder_pred.bias [64] | in channels',
    ]);
  });

  it('of other patches: they are replaced', () => {
    const rows = moved({}, { patch: [8, 8] }).map((row) => row.split(' | ').slice(0, 2).join(' '));
    expect(rows).toEqual([
      'replaced patch_embed.proj.weight [16, 3, 4, 4]',
      'interpolable pos_embed [1, 17, 16]',
      'interpolable decoder_pos_embed [1, 17, 8]',
      'replaced decoder_pred.weight [48, 8]',
      'replaced decoder_pred.bias [48]',
    ]);
  });

  it('of fewer class tokens and classes: they are sliced', () => {
    expect(moved({ classTokens: 2, finetune: { classes: 5 } }, { finetune: { classes: 3 } })).toEqual([
      'sliced | pos_embed [1, 18, 16] | pos_embed [1, 17, 16] | in tokens before the patches',
      'sliced | cls_token [1, 2, 16] | cls_token [1, 1, 16] | in class tokens',
      'sliced | decoder_pos_embed [1, 18, 8] | decoder_pos_embed [1, 17, 8] | in tokens before the patches',
      'sliced | head.weight [5, 16] | head.weight [3, 16] | in classes',
      'sliced | head.bias [5] | head.bias [3] | in classes',
    ]);
  });

  it('of mask tokens in the encoder: the token is another one, whatever its shape', () => {
    const options: SpecOptions = { decoder: [16, 1, 2] };
    expect(moved(options, { ...options, mask: { tokensInEncoder: true } })).toEqual([
      'replaced | mask_token [1, 1, 16] | mask_token [1, 1, 16] | of the encoder now',
    ]);
  });

  it('of names that a side lists: the same structure is renamed', () => {
    const spec = modelSpec();
    const old = sideOf(spec);
    const [model] = old.models;
    const pretraining = diffSpecs(spec, spec).weights.flatMap((row) => row.old ?? []);
    const tensors = pretraining.map(({ name, shape }) => ({
      name: name.replace(/^blocks/, 'layers'),
      shape,
    }));
    const now = { ...old, models: model ? [{ ...model, tensors }] : [] };
    const { weights } = onlyModel(diffSides(old, now));
    const renamed = weights.filter(({ fate }) => fate === 'renamed');
    expect(renamed).toHaveLength(24);
    for (const row of renamed) expect(row.new?.name).toBe(row.old?.name.replace('blocks', 'layers'));
  });
});

describe('renaming by structure', () => {
  const tensor = (name: string, ...shape: number[]): Tensor => ({ name, shape });
  const names = (old: Tensor[], now: Tensor[]) =>
    [...renamedTensors(old, now)].map(([a, b]) => `${a.name} → ${b.name}`);

  it('matches modules of related names, in order', () => {
    expect(
      names(
        [tensor('norm.weight', 4), tensor('norm.bias', 4)],
        [tensor('fc_norm.weight', 4), tensor('fc_norm.bias', 4)],
      ),
    ).toEqual(['norm.weight → fc_norm.weight', 'norm.bias → fc_norm.bias']);
  });

  it('leaves what is not clear', () => {
    expect(names([tensor('a.weight', 4)], [tensor('b.weight', 4)])).toEqual([]);
    expect(
      names([tensor('a.norm.weight', 4)], [tensor('b.norm.weight', 4), tensor('c.norm.weight', 4)]),
    ).toEqual([]);
    expect(names([tensor('norm.weight', 4)], [tensor('fc_norm.weight', 8)])).toEqual([]);
  });

  it('of a classifier that pools in another way', () => {
    const specs = { old: modelSpec(), new: modelSpec() };
    const rows = matchTensors('finetune', [tensor('norm.weight', 4)], [tensor('fc_norm.weight', 4)], specs);
    expect(rows.map(describeRow)).toEqual(['renamed | norm.weight [4] | fc_norm.weight [4] | ']);
  });
});

describe('the table of weights', () => {
  const { weights } = diffSpecs(
    modelSpec({ encoder: [16, 6, 2] }),
    modelSpec({ encoder: [16, 3, 2], mlpRatio: 2, layerScale: 0.1 }),
  );

  it('says the same of all blocks in one row', () => {
    const rows = weightRows(weights).map(({ fate, names, shapes }) => `${fate} ${names} ${shapes}`);
    expect(rows).toContain('replaced blocks.0–2.mlp.fc1.weight [64, 16] → [32, 16]');
    expect(rows).toContain('dropped blocks.3–5 36 tensors');
    expect(rows).toContain('new blocks.0–2.ls1.gamma [16]');
    expect(weightRows(weights).reduce((sum, { tensors }) => sum + tensors, 0)).toBe(
      weights.filter(({ fate }) => fate !== 'kept').length,
    );
  });

  it('counts what becomes of them', () => {
    expect(fateCounts(weights)).toMatch(/^\d+ kept, 12 replaced, 8 new, 36 dropped$/);
  });
});
