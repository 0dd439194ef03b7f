import type { Span } from './span.ts';

/** Height and width, in pixels or in patches. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

export interface ImageSpec extends Size {
  readonly channels: number;
  /** Subtracted from each channel of a picture scaled to 0..1; one number a channel. */
  readonly mean: readonly number[];
  /** What each channel is then divided by; one number a channel. */
  readonly deviation: readonly number[];
}

export interface PatchSpec extends Size {
  /** Whether the image is padded with zeros on the right and at the bottom to whole patches. */
  readonly pad: boolean;
  /** Whether a layer norm follows the embedding. */
  readonly norm: boolean;
}

export type PositionKind = 'sincos-2d' | 'learned' | 'none';

/** One stack of transformer blocks: the encoder or the decoder. */
export interface TransformerSpec {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of the MLP, in channels (already multiplied out). */
  readonly mlpWidth: number;
  readonly qkvBias: boolean;
  /** Whether queries and keys get a layer norm of their own within each head. */
  readonly qkNorm: boolean;
  /** Initial factor of each residual branch's learned scale; 0 for no such scales. */
  readonly layerScale: number;
  /** Stochastic depth of the last block in training, 0..1; the first has 0, those between in equal steps. */
  readonly dropPath: number;
  /** Dropout after the attention's projection and both layers of the MLP in training, 0..1. */
  readonly dropout: number;
  readonly normEpsilon: number;
  readonly positions: PositionKind;
}

export interface EncoderSpec extends TransformerSpec {
  /** Learned class tokens before the patches. */
  readonly classTokens: number;
  /** Learned register tokens between these and the patches, without positions. */
  readonly registers: number;
}

export interface MaskSpec {
  readonly kind: 'random' | 'block' | 'grid' | 'regular';
  /** Share of the patches that is removed, 0..1. */
  readonly ratio: number;
  /** Patches that `grid` removes or keeps together. */
  readonly unit: Size;
  /** Whether the encoder runs on mask tokens too, in the places of the removed patches (the paper's ablation, table 1c). */
  readonly tokensInEncoder: boolean;
}

export interface LossSpec {
  readonly kind: 'mse' | 'l1';
  readonly on: 'masked' | 'all';
  readonly target: 'pixels' | 'normalized-pixels';
}

export interface AdamWSpec {
  readonly kind: 'adamw';
  /** Learning rate for a global batch of `learningRatePer` pictures. */
  readonly baseLearningRate: number;
  readonly learningRatePer: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Momentum with a trust ratio for each parameter of more than one dimension (You et al. 2017). */
export interface LarsSpec {
  readonly kind: 'lars';
  readonly baseLearningRate: number;
  readonly learningRatePer: number;
  readonly momentum: number;
  readonly trust: number;
  readonly weightDecay: number;
}

export interface SgdSpec {
  readonly kind: 'sgd';
  readonly baseLearningRate: number;
  readonly learningRatePer: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

export type OptimizerSpec = AdamWSpec | LarsSpec | SgdSpec;

export interface AugmentSpec {
  /** Random resized crop: share of the picture's area, closed interval. */
  readonly crop: readonly [number, number];
  /** Random resized crop: width / height of the crop, closed interval. */
  readonly aspect: readonly [number, number];
  /** Whether half of the pictures are mirrored left to right. */
  readonly flip: boolean;
  /** Largest relative change of brightness, contrast and saturation, 0..1. */
  readonly colorJitter: number;
}

export interface RandAugmentSpec {
  /** 0 is off. */
  readonly magnitude: number;
  readonly deviation: number;
  readonly increasing: boolean;
  readonly operations: number;
  readonly probability: number;
}

export interface ErasingSpec {
  /** 0 is off. */
  readonly probability: number;
  readonly area: readonly [number, number];
  /** Height / width. */
  readonly aspect: readonly [number, number];
}

/** Mixing of pictures within a batch; both alphas 0 is off. */
export interface MixingSpec {
  readonly mixup: number;
  readonly cutmix: number;
  /** Share of the batches that are mixed. */
  readonly probability: number;
  /** Share of these that use cutmix, where both are on. */
  readonly switching: number;
}

export interface ClassifierAugmentSpec extends AugmentSpec {
  readonly randAugment: RandAugmentSpec;
  readonly erasing: ErasingSpec;
  readonly mixing: MixingSpec;
}

/** How a model is trained, whatever it is trained for. */
export interface TrainingRecipe {
  readonly name: string;
  readonly epochs: number;
  /** Epochs of linear warm-up. */
  readonly warmup: number;
  /** Pictures per optimizer step, over all accumulated micro-batches. */
  readonly batch: number;
  /** Micro-batches whose gradients make one optimizer step. */
  readonly accumulation: number;
  /** What of the forward pass the backward pass computes again rather than keeps: nothing, or all within transformer blocks. */
  readonly recompute: 'none' | 'blocks';
  /** What a step computes matrix products in, on devices that can. */
  readonly precision: 'float32' | 'float16';
  readonly optimizer: OptimizerSpec;
  readonly schedule: 'cosine';
  /** Learning rate at the end of the schedule. */
  readonly minimumLearningRate: number;
  /** Largest global norm of the gradients; 0 for no clipping. */
  readonly clip: number;
  /** Decay of the running mean of the parameters; 0 for none. */
  readonly ema: number;
  readonly augment: AugmentSpec;
  readonly seed: number;
}

/** How a model is pretrained. */
export type Recipe = TrainingRecipe;

export type Pooling = 'mean' | 'class-token';

/** How a classifier is trained on top of the encoder: with it (fine-tuning) or on it as it is (linear probing). */
export interface ClassifierRecipe extends TrainingRecipe {
  readonly augment: ClassifierAugmentSpec;
  readonly classes: number;
  readonly pooling: Pooling;
  /** Learning rate of a layer as a share of the next one's; 1 for no decay. */
  readonly layerDecay: number;
  /** Stochastic depth and dropout of the encoder in this training. */
  readonly dropPath: number;
  readonly dropout: number;
  readonly labelSmoothing: number;
  readonly classWeights: 'none' | 'balanced';
  /** Share of a test picture's shorter side that the model sees. */
  readonly testCrop: number;
}

/** A checked model: every default spelled out, every check passed. */
export interface ModelSpec {
  readonly name: string;
  /** The comment block above the declaration or at the top of its file, without its markers; may be empty. */
  readonly description: string;
  readonly image: ImageSpec;
  readonly patch: PatchSpec;
  /** What the exported encoder and classifiers take besides pictures of just this size. */
  readonly accept: 'exact' | 'multiples' | 'any';
  readonly encoder: EncoderSpec;
  readonly decoder: TransformerSpec;
  readonly mask: MaskSpec;
  readonly loss: LossSpec;
  readonly pretrain: Recipe;
  readonly finetune?: ClassifierRecipe;
  readonly linearProbe?: ClassifierRecipe;
  /** Where each value came from, by dotted path ("encoder.width"); defaults have no entry. */
  readonly spans: ReadonlyMap<string, Span>;
  /** The file that declares the model. */
  readonly source: string;
  /** What the model was called before; nothing that is compiled depends on it. */
  readonly formerName?: string;
}

/** The patch grid of a model; a padded image's last patches are partly padding. */
export function patchGrid({ image, patch }: { readonly image: Size; readonly patch: Size }): Size {
  return { height: Math.ceil(image.height / patch.height), width: Math.ceil(image.width / patch.width) };
}

/**
 * How many patches the encoder sees in pretraining: int(L * (1 - ratio)) in double arithmetic, as the official code; of a
 * `grid` mask the same of its units, of a `regular` one a patch in each cell.
 */
export function visiblePatches(grid: Size, mask: Pick<MaskSpec, 'kind' | 'ratio' | 'unit'>): number {
  const patches = grid.height * grid.width;
  const perUnit = mask.unit.height * mask.unit.width;
  if (mask.kind === 'grid') return Math.trunc((patches / perUnit) * (1 - mask.ratio)) * perUnit;
  if (mask.kind === 'regular') return patches / regularCell(mask.ratio) ** 2;
  return Math.trunc(patches * (1 - mask.ratio));
}

/** The side of the cells of which a `regular` mask keeps one patch each: 2 at 75%; no whole number where there is none. */
export function regularCell(ratio: number): number {
  const side = Math.sqrt(1 / (1 - ratio));
  return Math.abs(side - Math.round(side)) < 1e-9 ? Math.round(side) : side;
}
