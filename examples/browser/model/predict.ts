import { type Tensor, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs';
import {
  add,
  addPerToken,
  type Batch,
  gatherRows,
  type Images,
  patchify,
  prependTokens,
  type RowNumbers,
  type Rows,
  restoreTokens,
  sliceRows,
  sliceTokens,
  splitBatch,
} from 'mae-compiler/tfjs';
import { type MaskedAutoencoder, TOKENS } from '../../../generated/vit-pico/model.js';
import { type Masking, maskingIndices } from '../../../runtime/train/masking.ts';

/** Pictures [size, channels, height, width], normalised, as the compiled class takes them. */
export function imagesTensor(images: Float32Array, size: number): Images<3, 64, 64> {
  return tensor4d(images, [size, 3, 64, 64]) as Images<3, 64, 64>;
}

/**
 * What the model predicts for every patch under a masking that keeps any number of patches.
 *
 * `MaskedAutoencoder.forward` is compiled for the mask ratio of the spec. Its parts know no count of visible tokens before they
 * are called, so that here they stand in the same order with the count of this masking: at the spec's own ratio the numbers are
 * those of `forward`.
 */
export function predictAtAnyRatio(
  { encoder, decoder }: MaskedAutoencoder,
  images: Images<3, 64, 64>,
  masking: Masking,
): Batch<64, 192> {
  return tidy(() => {
    const indices = maskingIndices(masking, TOKENS.prefix);
    const visible = rowNumbers<number>(indices.visible);
    const restore = rowNumbers<65>(indices.restore);
    const tokens = TOKENS.prefix + masking.visible;

    const patches = patchify(images, [8, 8], [8, 8]);
    const placed = addPerToken(encoder.patchEmbed.forward(patches), sliceRows(encoder.posEmbed, 1, 64));
    const classToken = add(encoder.clsToken, sliceRows(encoder.posEmbed, 0, 1));
    let seen: Rows<number, 128> = prependTokens(classToken, gatherRows(placed, visible), masking.visible);
    for (const block of encoder.blocks) seen = block.forward(seen, tokens);
    const latent = encoder.norm.forward(seen);

    const restored = restoreTokens(decoder.embed.forward(latent), decoder.maskToken, restore);
    let all = addPerToken(restored, decoder.posEmbed);
    for (const block of decoder.blocks) all = block.forward(all);
    return splitBatch(sliceTokens(decoder.pred.forward(decoder.norm.forward(all)), 65, 1, 64), 64);
  });
}

function rowNumbers<Count extends number>(numbers: Int32Array): RowNumbers<Count> {
  const tensor: Tensor = tensor1d(numbers, 'int32');
  return tensor as RowNumbers<Count>;
}
