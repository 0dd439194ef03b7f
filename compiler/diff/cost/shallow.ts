import type { ModelSpec } from '../../language/model-spec.ts';

/**
 * From so many blocks on each further one is like the second: only the first has no drop path, and only the last may leave out what
 * nobody reads.
 */
const REGULAR = 3;

/** The stacks of blocks: their modules and parameters, by what these are called. */
export const stacks = {
  encoder: { blocks: 'encoder.blocks', official: 'blocks' },
  decoder: { blocks: 'decoder.blocks', official: 'decoder_blocks' },
} as const;

export type StackName = keyof typeof stacks;

export const stackNames: readonly StackName[] = ['encoder', 'decoder'];

/** The block that further ones are like. */
export const MIDDLE = 1;

/** A model of few blocks, and how many more of them the whole one has. */
export interface ShallowModel {
  readonly spec: ModelSpec;
  readonly further: Readonly<Record<StackName, number>>;
}

/** What a deep model can be counted by. */
export function shallowModel(spec: ModelSpec): ShallowModel {
  const depth = (name: StackName) => Math.min(spec[name].depth, REGULAR);
  return {
    spec: {
      ...spec,
      encoder: { ...spec.encoder, depth: depth('encoder') },
      decoder: { ...spec.decoder, depth: depth('decoder') },
    },
    further: {
      encoder: spec.encoder.depth - depth('encoder'),
      decoder: spec.decoder.depth - depth('decoder'),
    },
  };
}

/** The same text for two specs whose costs are the same. */
export function costKey(spec: ModelSpec): string {
  const { image, patch, encoder, decoder, mask, loss } = spec;
  return JSON.stringify([image, patch, encoder, decoder, mask, loss, spec.pretrain.recompute]);
}
