/** The files that the guide shows: one folder of specs, each file with its name in its first line. Without mistakes. */
export const guideFiles = {
  model: `# vit-base.mae
# ViT-Base/16 masked autoencoder: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners".
import "./recipes.mae"

model vit-base {
  image   224x224x3
  patch   16
  encoder { width 768, depth 12, heads 12 }
  decoder { width 512, depth 8, heads 16 }
  mask    random 75%
  loss    mse { on masked, target normalized-pixels }

  pretrain     using mae-pretrain
  finetune     using mae-finetune { classes 100 }
  linear-probe using mae-linear-probe { classes 100 }
}
`,
  recipe: `# recipes.mae

# Pretraining as in He et al. 2022, table 8.
recipe mae-pretrain {
  epochs    800
  warmup    40
  batch     4096
  optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95, weight-decay 0.05 }
  schedule  cosine
  augment   { crop 20%..100%, flip }
}

# The same for longer.
recipe long-pretrain extends mae-pretrain { epochs 1600 }

# Fine-tuning of the whole encoder, table 9.
recipe mae-finetune {
  epochs          100
  warmup          5
  batch           1024
  optimizer       adamw { lr 5e-4 per 256, betas 0.9 0.999 }
  augment         { crop 8%..100%, flip, rand-augment 9, erase 25%, mixup 0.8, cutmix 1 }
  layer-decay     0.65
  drop-path       10%
  label-smoothing 10%
}

# A linear classifier on the frozen encoder, table 10.
recipe mae-linear-probe {
  epochs    90
  warmup    10
  batch     16384
  optimizer lars { lr 0.1 per 256 }
  augment   { crop 8%..100%, flip }
}
`,
  extending: `# vit-base-448.mae
import "./vit-base.mae"

# Pictures of twice the size, and more of them removed; all else as in vit-base.
model vit-base-448 extends vit-base {
  image 448x448x3
  mask  random 80%
}
`,
  using: `# vit-base-long.mae
import "./vit-base.mae"
import "./recipes.mae"

# Another recipe, of which this model halves the batch.
model vit-base-long extends vit-base {
  pretrain using long-pretrain { batch 2048 }
}
`,
  changing: `# vit-base-blue.mae
import "./vit-base.mae"

# Still vit-base's recipe, but with a rate and a decay of its own.
model vit-base-blue extends vit-base {
  pretrain {
    optimizer adamw { lr 3e-4 per 256, weight-decay 0.1 }
  }
}
`,
  constants: `# vit-small.mae
import "./vit-base.mae"

let small 384
let hidden 80%

# Narrower than vit-base, and more of a picture removed.
model vit-small extends vit-base {
  encoder { width small, heads 6 }
  decoder { width small, heads 6 }
  mask    random hidden
}
`,
} as const;

/** A key set from the command line. */
export interface OverrideExample {
  readonly override: string;
  readonly meaning: string;
}

export const overrideExamples: readonly OverrideExample[] = [
  {
    override: 'vit-base.encoder.depth=4',
    meaning: 'a key of a model, and of the models that extend it without setting it themselves',
  },
  { override: 'vit-base.mask=60%', meaning: 'one of several values: the kind of the mask stays as it was' },
  { override: 'mae-pretrain.epochs=100', meaning: 'a key of a recipe, for all models that use it' },
  { override: 'vit-base.pretrain.epochs=100', meaning: 'the same for one model' },
  { override: 'vit-base.pretrain=long-pretrain', meaning: 'another recipe' },
];
