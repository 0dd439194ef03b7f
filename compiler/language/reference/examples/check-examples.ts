import { type DiagnosticExample, extending, extendingWithRecipes, recipe } from './example.ts';

const optimizer = 'optimizer adamw { lr 1.5e-4 per 256 }';

/** Keys and values: `MAE2xx`. */
export const checkExamples: Readonly<Record<string, DiagnosticExample>> = {
  MAE201: {
    explanation: `The language has no key of this name, here or anywhere. No key is ever ignored: a misspelled one would leave a default
in place without anyone noticing.`,
    wrong: extending('encoder { dpeth 24 }'),
    right: extending('encoder { depth 24 }'),
  },
  MAE202: {
    explanation: 'A block says each key once. Which of the two values is meant, only the author knows.',
    wrong: extending('encoder { depth 24, heads 16, depth 32 }'),
    right: extending('encoder { depth 24, heads 16 }'),
  },
  MAE203: {
    explanation: `Some keys have no default, because no value would be right for most: they must be given, or be inherited by
\`extends\` or \`using\`.`,
    wrong: recipe('epochs 100', optimizer),
    right: recipe('epochs 100', 'batch 4096', optimizer),
  },
  MAE204: {
    explanation: `Attention splits the channels of a token into heads of equal width, so the width is a multiple of the number of
heads.`,
    wrong: extending('encoder { width 800, heads 12 }'),
    right: extending('encoder { width 804, heads 12 }'),
  },
  MAE205: {
    explanation: 'The value is one of the language, but not of a kind that this key takes.',
    wrong: extending('image 448'),
    right: extending('image 448x448x3'),
  },
  MAE206: {
    explanation: 'The key stands there with fewer values than it needs. Only switches may stand alone.',
    wrong: extending('mask random'),
    right: extending('mask random 60%'),
  },
  MAE207: {
    explanation: `There are more values than the key takes. Often a comma is missing, so that the next key is read as a value of this
one.`,
    wrong: extending('encoder { depth 24 heads 16 }'),
    right: extending('encoder { depth 24, heads 16 }'),
  },
  MAE208: {
    explanation: 'The value is of the right kind, but beyond what can be meant or computed.',
    wrong: extending('mask random 75'),
    right: extending('mask random 75%'),
  },
  MAE209: {
    explanation: 'The key takes one of a few names, and this is none of them.',
    wrong: extending('loss mse { target normalised-pixels }'),
    right: extending('loss mse { target normalized-pixels }'),
  },
  MAE210: {
    explanation: 'The key has values only; there is nothing that a block could say about it.',
    wrong:
      'import "./vit-base.mae" { model vit-base }\n\nmodel vit-mine extends vit-base { mask random 60% }\n',
    right: 'import "./vit-base.mae"\n\nmodel vit-mine extends vit-base { mask random 60% }\n',
  },
  MAE211: {
    explanation: 'The language has this key, but in another block.',
    wrong: extending('depth 24'),
    right: extending('encoder { depth 24 }'),
  },
  MAE212: {
    explanation:
      'An image is cut into whole patches, so its height and width are multiples of those of the patch.',
    wrong: extending('image 250x250x3'),
    right: extending('image 256x256x3'),
  },
  MAE213: {
    explanation: `The fixed 2-D positions fill a quarter of the width each with the sine and the cosine of the row and of the column. A
width that is no multiple of 4 needs learned positions, or none.`,
    wrong: extending('encoder { width 774, heads 9 }'),
    right: extending('encoder { width 774, heads 9, positions learned }'),
  },
  MAE214: {
    explanation: `Pretraining needs patches to see and patches to predict. Of L patches the encoder sees int(L * (1 - ratio)), in double
arithmetic as in the official code.`,
    wrong: extending('image 64x64x3', 'mask random 95%'),
    right: extending('image 64x64x3', 'mask random 75%'),
  },
  MAE215: {
    explanation:
      'The learning rate rises during the warm-up and falls after it; the warm-up is a part of the epochs.',
    wrong: recipe('epochs 40', 'warmup 40', 'batch 4096', optimizer),
    right: recipe('epochs 40', 'warmup 2', 'batch 4096', optimizer),
  },
  MAE216: {
    explanation: `\`accumulate\` cuts the batch of one optimizer step into that many micro-batches of the same size, whose gradients are
added up.`,
    wrong: recipe('epochs 100', 'batch 4096', 'accumulate 6', optimizer),
    right: recipe('epochs 100', 'batch 4096', 'accumulate 8', optimizer),
  },
  MAE217: {
    explanation: 'A range goes from its smaller end to its larger one.',
    wrong: extending('pretrain { augment { crop 100%..20% } }'),
    right: extending('pretrain { augment { crop 20%..100% } }'),
  },
  MAE218: {
    explanation:
      'Each channel of the image is normalised by its own mean and deviation, so there is one number for each.',
    wrong: extending('image 224x224x4 { mean 0.485 0.456 0.406 }'),
    right: extending('image 224x224x4 { mean 0.485 0.456 0.406 0.5 }'),
  },
  MAE219: {
    explanation:
      'A hidden width that is given as a multiple of the width must come to a whole number of channels.',
    wrong: extending('encoder { mlp 2.7x }'),
    right: extending('encoder { mlp 2.75x }'),
  },
  MAE220: {
    explanation: `The cost of attention grows with the square of the number of patches. Beyond the limit, the attention weights of one
head for one picture would take over 16 GiB.`,
    wrong: extending('image 8192x8192x3'),
    right: extending('image 8192x8192x3', 'patch 64'),
  },
  MAE221: {
    explanation: `The schedule falls from its peak to \`minimum-lr\`. The peak is the rate of \`lr\` scaled to the batch; \`minimum-lr\`
is not scaled.`,
    wrong: recipe('epochs 100', 'batch 256', optimizer, 'schedule cosine { minimum-lr 1e-3 }'),
    right: recipe('epochs 100', 'batch 256', optimizer, 'schedule cosine { minimum-lr 1e-6 }'),
  },
  MAE222: {
    explanation: 'A grid mask cuts the grid of patches into units, which must fill it exactly.',
    wrong: extending('mask grid 75% { unit 4x4 }'),
    right: extending('mask grid 75% { unit 2x2 }'),
  },
  MAE223: {
    explanation: `A regular mask keeps one patch of every square cell: of 2x2 at 75%, of 3x3 at 88.9%, of 4x4 at 93.75%. The cells must
fill the grid of patches.`,
    wrong: extending('mask regular 70%'),
    right: extending('mask regular 75%'),
  },
  MAE224: {
    explanation: `The decoder only serves pretraining and is thrown away after it. One that is wider than the encoder is legal, costs
most of the training, and is more often a slip.`,
    wrong: extending('decoder { width 1024 }'),
    right: extending('decoder { width 512 }'),
  },
  MAE225: {
    explanation: `Where few patches are missing, each has its neighbours to be copied from, and little is learned.`,
    wrong: extending('mask random 25%'),
    right: extending('mask random 75%'),
  },
  MAE226: {
    explanation: `A recipe is checked for what it is used for. A key that does nothing there, such as \`mixup\` in pretraining or
\`betas\` of LARS, is an error: who wrote it expects it to do something.`,
    wrong: extending('pretrain { label-smoothing 10% }'),
    right: extendingWithRecipes('finetune using mae-finetune { label-smoothing 10% }'),
  },
  MAE227: {
    explanation: `With \`layer-decay\` each block learns at a fixed share of the rate of the block after it. Multiplied over all blocks, a small
share leaves nothing for the first ones.`,
    wrong: extendingWithRecipes('finetune using mae-finetune { layer-decay 0.2 }'),
    right: extendingWithRecipes('finetune using mae-finetune { layer-decay 0.75 }'),
  },
  MAE228: {
    explanation: `A classifier sees the mean of the patches or the class token. An encoder without a class token leaves the mean.`,
    wrong: extendingWithRecipes(
      'encoder { class-token no }',
      'finetune using mae-finetune { pooling class-token }',
    ),
    right: extendingWithRecipes('encoder { class-token no }', 'finetune using mae-finetune { pooling mean }'),
  },
};
