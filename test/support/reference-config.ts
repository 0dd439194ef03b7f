import { z } from 'zod';
import type { ReferenceCase } from '../reference/reference-case.ts';
import { modelSpec } from './specs.ts';

const common = {
  img_size: z.number(),
  patch_size: z.number(),
  in_chans: z.number(),
  embed_dim: z.number(),
  depth: z.number(),
  num_heads: z.number(),
  mlp_ratio: z.number(),
  batch: z.number(),
};

const pretraining = z.object({
  ...common,
  decoder_embed_dim: z.number(),
  decoder_depth: z.number(),
  decoder_num_heads: z.number(),
  mask_ratio: z.number(),
  norm_pix_loss: z.boolean(),
  lr: z.number(),
  betas: z.tuple([z.number(), z.number()]),
  weight_decay: z.number(),
  num_patches: z.number(),
  len_keep: z.number(),
});

const classification = z.object({ ...common, num_classes: z.number(), global_pool: z.boolean() });

/** The configuration of a case of kind "mae_pretrain", and the model that it describes. */
export function pretrainingCase(reference: ReferenceCase) {
  const config = pretraining.parse(reference.config);
  const spec = modelSpec({
    name: reference.name.replaceAll('_', '-'),
    image: [config.img_size, config.img_size, config.in_chans],
    patch: [config.patch_size, config.patch_size],
    encoder: [config.embed_dim, config.depth, config.num_heads],
    decoder: [config.decoder_embed_dim, config.decoder_depth, config.decoder_num_heads],
    mlpRatio: config.mlp_ratio,
    maskRatio: config.mask_ratio,
    target: config.norm_pix_loss ? 'normalized-pixels' : 'pixels',
  });
  return { config, spec };
}

/** The configuration of a case of kind "vit_finetune" or "vit_linprobe", and a model with that encoder. */
export function classificationCase(reference: ReferenceCase) {
  const config = classification.parse(reference.config);
  const spec = modelSpec({
    name: reference.name.replaceAll('_', '-'),
    image: [config.img_size, config.img_size, config.in_chans],
    patch: [config.patch_size, config.patch_size],
    encoder: [config.embed_dim, config.depth, config.num_heads],
    mlpRatio: config.mlp_ratio,
    finetune: { classes: config.num_classes },
    linearProbe: { classes: config.num_classes },
  });
  return { config, spec };
}
