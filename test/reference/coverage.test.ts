import { describe, expect, it } from 'vitest';
import { loadReferenceCase, referenceCaseNames } from './reference-case.ts';

/** What is done with each kind of recorded case, and what of it is not supported yet. */
const KINDS: Readonly<Record<string, { readonly checked: string; readonly unsupported?: string }>> = {
  mae_pretrain: { checked: 'whole, on every engine (pretraining.test.ts)' },
  vit_finetune: { checked: 'whole, on every engine (engine/classifier-reference.test.ts)' },
  vit_linprobe: { checked: 'whole, on every engine (engine/classifier-reference.test.ts)' },
  interpolate_pos_embed: { checked: 'whole (weights/transfer/interpolate-positions.test.ts)' },
  sincos_table: { checked: 'whole (weights/initialize.test.ts)' },
  lr_schedule: { checked: 'whole (train/schedule.test.ts)' },
  lr_decay_table: { checked: 'whole (train/layer-decay.test.ts)' },
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
