import { code, table } from './markdown.ts';

/** An argument of the official PyTorch code, and what a spec says instead. */
interface OfficialArgument {
  readonly argument: string;
  /** The key that says it, by dotted path from a model. */
  readonly path: string;
  readonly written: string;
  /** What is different. */
  readonly note?: string;
}

/** The arguments of `MaskedAutoencoderViT`, `main_pretrain.py` and `main_finetune.py` (facebookresearch/mae) that a spec answers to. */
export const officialArguments: readonly OfficialArgument[] = [
  { argument: 'img_size, in_chans', path: 'image', written: 'image 224x224x3' },
  { argument: 'patch_size', path: 'patch', written: 'patch 16' },
  { argument: 'embed_dim', path: 'encoder.width', written: 'encoder { width 768 }' },
  { argument: 'depth', path: 'encoder.depth', written: 'encoder { depth 12 }' },
  { argument: 'num_heads', path: 'encoder.heads', written: 'encoder { heads 12 }' },
  { argument: 'decoder_embed_dim', path: 'decoder.width', written: 'decoder { width 512 }' },
  { argument: 'decoder_depth', path: 'decoder.depth', written: 'decoder { depth 8 }' },
  { argument: 'decoder_num_heads', path: 'decoder.heads', written: 'decoder { heads 16 }' },
  {
    argument: 'mlp_ratio',
    path: 'encoder.mlp',
    written: 'encoder { mlp 4x }',
    note: 'the decoder has its own',
  },
  {
    argument: '--mask_ratio',
    path: 'mask',
    written: 'mask random 75%',
  },
  {
    argument: '--norm_pix_loss',
    path: 'loss.target',
    written: 'loss mse { target normalized-pixels }',
    note: 'has no default: `pixels` or `normalized-pixels` must be chosen',
  },
  { argument: '--epochs', path: 'pretrain.epochs', written: 'epochs 800' },
  { argument: '--warmup_epochs', path: 'pretrain.warmup', written: 'warmup 40' },
  {
    argument: '--batch_size, --accum_iter',
    path: 'pretrain.batch',
    written: 'batch 4096, accumulate 8',
    note: '`batch` is the effective batch of one optimizer step, `accumulate` only cuts it up',
  },
  {
    argument: '--blr',
    path: 'pretrain.optimizer.lr',
    written: 'optimizer adamw { lr 1.5e-4 per 256 }',
    note: 'the 256 is written out; the rate is scaled to the batch in the same way',
  },
  {
    argument: '--weight_decay',
    path: 'pretrain.optimizer.weight-decay',
    written: 'optimizer adamw { weight-decay 0.05 }',
  },
  {
    argument: '--min_lr',
    path: 'pretrain.schedule.minimum-lr',
    written: 'schedule cosine { minimum-lr 0 }',
  },
  { argument: '--seed', path: 'pretrain.seed', written: 'seed 0' },
  {
    argument: '--nb_classes',
    path: 'finetune.classes',
    written: 'classes 1000',
  },
  {
    argument: '--global_pool, --cls_token',
    path: 'finetune.pooling',
    written: 'pooling mean',
    note: '`pooling class-token` is `--cls_token`',
  },
  { argument: '--layer_decay', path: 'finetune.layer-decay', written: 'layer-decay 0.75' },
  { argument: '--drop_path', path: 'finetune.drop-path', written: 'drop-path 10%' },
  { argument: '--smoothing', path: 'finetune.label-smoothing', written: 'label-smoothing 10%' },
  { argument: '--clip_grad', path: 'finetune.clip', written: 'clip 1' },
  {
    argument: '--aa',
    path: 'finetune.augment.rand-augment',
    written: 'augment { rand-augment 9 { deviation 0.5, increasing } }',
    note: 'what the official code writes `rand-m9-mstd0.5-inc1`',
  },
  { argument: '--reprob', path: 'finetune.augment.erase', written: 'augment { erase 25% }' },
  {
    argument: '--mixup, --cutmix',
    path: 'finetune.augment.mixup',
    written: 'augment { mixup 0.8, cutmix 1 }',
  },
  {
    argument: '--color_jitter',
    path: 'finetune.augment.color-jitter',
    written: 'augment { color-jitter 40% }',
  },
];

/** `linkOf` makes a link to the key of a path. */
export function officialArgumentTable(linkOf: (path: string) => string): string {
  return table(
    ['Official code', 'In a spec', 'Key', ''],
    officialArguments.map(({ argument, path, written, note }) => [
      argument.split(', ').map(code).join(', '),
      code(written),
      linkOf(path),
      note ?? '',
    ]),
  );
}
