import { describe, expect, it } from 'vitest';
import { loadReferenceCase, referenceCaseNames } from './reference-case.ts';

/** What is done with each kind of recorded case, and what of it is not supported yet. */
const KINDS: Readonly<Record<string, { readonly checked: string; readonly unsupported?: string }>> = {
  mae_pretrain: { checked: 'whole, on every engine (pretraining.test.ts)' },
  vit_finetune: {
    checked: 'features, logits, loss and every gradient (classification.test.ts)',
    unsupported: 'parameters after layer-decayed AdamW steps',
  },
  vit_linprobe: { checked: 'nothing', unsupported: 'batch norm, LARS' },
  interpolate_pos_embed: { checked: 'nothing', unsupported: 'bicubic interpolation of positions' },
  sincos_table: { checked: 'whole (weights/initialize.test.ts)' },
  lr_schedule: { checked: 'whole (train/schedule.test.ts)' },
  lr_decay_table: { checked: 'nothing', unsupported: 'layer-wise learning rates' },
};

const references = await Promise.all((await referenceCaseNames()).map((name) => loadReferenceCase(name)));

describe('recorded reference cases', () => {
  it('are all there', () => {
    expect(references.map(({ name }) => name[0]).join('')).toBe('abcdefghijk');
  });

  it('are all of known kinds', () => {
    expect([...new Set(references.map(({ kind }) => kind))].sort()).toEqual(Object.keys(KINDS).sort());
  });

  for (const { name, kind } of references) {
    const unsupported = KINDS[kind]?.unsupported;
    it(`${name} (${kind}): checked ${KINDS[kind]?.checked}`, (context) => {
      if (unsupported !== undefined) context.skip(`cases of kind ${kind} do not support yet: ${unsupported}`);
    });
  }
});
