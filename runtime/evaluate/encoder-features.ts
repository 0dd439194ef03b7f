import { type Pictures, readForEvaluation } from '../data/pictures.ts';
import type { PretrainingEngine } from '../engine/engine.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';

/** What of the encoder's normed tokens becomes a picture's features. */
export const POOLINGS = ['mean', 'class-token', 'tokens'] as const;
export type FeaturePooling = (typeof POOLINGS)[number];

export interface FeatureOptions {
  readonly engine: Pick<PretrainingEngine, 'features'>;
  readonly spec: Pick<CompiledSpec, 'model' | 'tokens'>;
  readonly pictures: Pictures;
  readonly pooling: FeaturePooling;
  /** Share of a picture's shorter side that the model sees; see `evaluationCrop`. */
  readonly testCrop: number;
  /** Pictures that are encoded at once. */
  readonly batch: number;
  /** Told after each batch how many pictures are done. */
  readonly onBatch?: (done: number, count: number) => void;
}

/** Numbers that a picture's features are: one token's, or those of all tokens one after the other. */
export function featureWidth(
  { model, tokens }: Pick<CompiledSpec, 'model' | 'tokens'>,
  pooling: FeaturePooling,
): number {
  if (pooling === 'class-token' && model.encoder.classTokens === 0) {
    throw new UserError(`${model.name} has no class token`, 'take the mean of the patches: --pooling mean');
  }
  return model.encoder.width * (pooling === 'tokens' ? tokens.prefix + tokens.patches : 1);
}

export interface FeatureBatch {
  /** [indices.length, featureWidth]. */
  readonly features: Float32Array;
  /** The pictures that were asked for; a broken one is replaced by the next that can be read. */
  readonly wanted: readonly number[];
  readonly indices: readonly number[];
}

/**
 * The features of all pictures in their order: the mean over the patches, the class token (the mean of several), or all tokens, class
 * tokens and registers first; after the encoder's last norm.
 */
export async function* encoderFeatures(options: FeatureOptions): AsyncGenerator<FeatureBatch> {
  const { engine, spec, pictures, pooling, testCrop, batch, onBatch } = options;
  const { width, classTokens } = spec.model.encoder;
  const { prefix, patches } = spec.tokens;
  const count = prefix + patches;
  for (let first = 0; first < pictures.count; first += batch) {
    const wanted = Array.from({ length: Math.min(batch, pictures.count - first) }, (_, i) => first + i);
    const { images, indices } = await readForEvaluation(pictures, wanted, testCrop);
    const tokens = await engine.features(images, indices.length);
    const [from, chosen] = pooling === 'mean' ? [prefix, patches] : [0, classTokens];
    const features =
      pooling === 'tokens'
        ? tokens
        : meanOfTokens(tokens, { size: indices.length, count, width, from, chosen });
    yield { features, wanted, indices };
    onBatch?.(first + wanted.length, pictures.count);
  }
}

interface TokenMean {
  readonly size: number;
  /** Tokens of a picture. */
  readonly count: number;
  readonly width: number;
  /** The first of the tokens that are averaged, and how many. */
  readonly from: number;
  readonly chosen: number;
}

/** tokens [size, count, width] → the mean of some of them [size, width]. */
function meanOfTokens(tokens: Float32Array, { size, count, width, from, chosen }: TokenMean): Float32Array {
  const means = new Float32Array(size * width);
  for (let row = 0; row < size; row++) {
    for (let channel = 0; channel < width; channel++) {
      let sum = 0;
      for (let token = from; token < from + chosen; token++) {
        sum += tokens[(row * count + token) * width + channel] ?? 0;
      }
      means[row * width + channel] = sum / chosen;
    }
  }
  return means;
}
