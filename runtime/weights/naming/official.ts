import type { NamingScheme } from './scheme.ts';

/** The code of the masked autoencoders' paper, and this project: https://github.com/facebookresearch/mae. */
export const OFFICIAL: NamingScheme = {
  name: 'official',
  title: 'the official masked autoencoder',
  // Only the pretrained models have a decoder; the rest is timm's.
  recognises: (names) =>
    names.some((name) => /^(decoder_blocks\.\d+\.attn\.|decoder_embed\.|mask_token$)/.test(name)),
  toOfficial: (tensors) => tensors,
  fromOfficial: (tensors) => tensors,
};
