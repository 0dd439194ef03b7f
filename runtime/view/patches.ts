import { byteOf } from '../data/normalize.ts';
import type { CompiledModel } from '../model/compiled-spec.ts';
import { patchGrid, type Sides } from '../model/patch-grid.ts';

/** Added to the variance of a patch's pixels under the root (He et al. 2022, normalised-pixel target). */
const VARIANCE_EPSILON = 1e-6;

/** What of a compiled model says how its pictures are cut into patches. */
export type PatchedModel = Pick<CompiledModel, 'image' | 'loss'> & { readonly patch: Sides };

/** How many patches a picture has. */
export function patchCount(model: PatchedModel): number {
  const { height, width } = patchGrid(model);
  return height * width;
}

/** How many values the prediction for a patch has. */
export function patchValues({ image, patch }: PatchedModel): number {
  return patch.height * patch.width * image.channels;
}

/**
 * Where the pixels of one patch lie in a picture [channels, height, width], in the order of the official patches: row, column,
 * channel; -1 for padding. Patches are counted row by row.
 */
export function patchPositions(model: PatchedModel, index: number): Int32Array {
  const { image, patch } = model;
  const patchesAcross = patchGrid(model).width;
  const top = Math.floor(index / patchesAcross) * patch.height;
  const left = (index % patchesAcross) * patch.width;
  const positions = new Int32Array(patchValues(model));
  for (let i = 0; i < positions.length; i++) {
    const channel = i % image.channels;
    const pixel = Math.floor(i / image.channels);
    const y = top + Math.floor(pixel / patch.width);
    const x = left + (pixel % patch.width);
    const inside = y < image.height && x < image.width;
    positions[i] = inside ? (channel * image.height + y) * image.width + x : -1;
  }
  return positions;
}

/** Mean and deviation (unbiased variance, epsilon under the root) of a patch, as the normalised-pixel target uses them. */
function patchStatistics(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, deviation: Math.sqrt(variance + VARIANCE_EPSILON) };
}

/** What the model should predict for a patch with these pixels, and the way back from there to pixels. */
function patchTarget(model: PatchedModel, pixels: Float64Array) {
  const identity = { mean: 0, deviation: 1 };
  const { mean, deviation } = model.loss.target === 'normalized-pixels' ? patchStatistics(pixels) : identity;
  return {
    target: pixels.map((pixel) => (pixel - mean) / deviation),
    toPixel: (value: number) => value * deviation + mean,
  };
}

/** One picture, what the model predicted for it, and how well. */
export interface PredictedPicture {
  /** [channels, height, width], normalised as the input is: every patch as it was predicted. */
  readonly predicted: Float32Array;
  /** Mean over the removed patches of the mean squared error of their values: this picture's share of the loss. */
  readonly loss: number;
}

/**
 * Puts the prediction [patches, values] for a picture [channels, height, width] back into a picture. Where the model predicts
 * normalised pixels, each patch gets the mean and the deviation of the true one: the model says nothing about them. Padding
 * counts as pixels of value 0, as it does in training, and is cut off.
 */
export function predictedPicture(
  model: PatchedModel,
  picture: Float32Array,
  prediction: Float32Array,
  mask: Float32Array,
): PredictedPicture {
  const predicted = new Float32Array(picture.length);
  let loss = 0;
  let removed = 0;
  for (let patch = 0; patch < patchCount(model); patch++) {
    const positions = patchPositions(model, patch);
    const { target, toPixel } = patchTarget(
      model,
      Float64Array.from(positions, (position) => picture[position] ?? 0),
    );
    let squares = 0;
    positions.forEach((position, i) => {
      const value = prediction[patch * positions.length + i] ?? 0;
      if (position >= 0) predicted[position] = toPixel(value);
      squares += (value - (target[i] ?? 0)) ** 2;
    });
    if (mask[patch] === 0) continue;
    loss += squares / positions.length;
    removed++;
  }
  return { predicted, loss: loss / Math.max(1, removed) };
}

/** Red, green and blue bytes, pixel by pixel. */
export type RgbPicture = Uint8Array;

/** A normalised picture as it looks: one or two channels as grey (the first), more as colour (the first three). */
export function rgbOf({ image }: PatchedModel, picture: Float32Array): RgbPicture {
  const pixels = image.height * image.width;
  const bytes = new Uint8Array(pixels * 3);
  for (let i = 0; i < bytes.length; i++) {
    const channel = image.channels >= 3 ? i % 3 : 0;
    bytes[i] = byteOf(picture[channel * pixels + Math.floor(i / 3)] ?? 0, channel, image);
  }
  return bytes;
}

/** `kept` with its removed patches taken from `filling`. */
export function fillRemoved(
  model: PatchedModel,
  kept: RgbPicture,
  filling: RgbPicture,
  mask: Float32Array,
): RgbPicture {
  const { height, width } = model.patch;
  const patchesAcross = patchGrid(model).width;
  return kept.map((byte, i) => {
    const pixel = Math.floor(i / 3);
    const row = Math.floor(Math.floor(pixel / model.image.width) / height);
    const column = Math.floor((pixel % model.image.width) / width);
    return mask[row * patchesAcross + column] === 0 ? byte : (filling[i] ?? 0);
  });
}
