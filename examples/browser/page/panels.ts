import { patchGrid } from '../../../runtime/model/patch-grid.ts';
import { fillRemoved, predictedPicture, type RgbPicture, rgbOf } from '../../../runtime/view/patches.ts';
import { spec } from '../model/compiled.ts';
import type { Prediction } from '../model/messages.ts';
import { drawingOf, element } from './element.ts';

const { model } = spec;

/** The three pictures side by side. */
export class Panels {
  readonly #original = element('original', HTMLCanvasElement);
  readonly #masked = element('masked', HTMLCanvasElement);
  readonly #reconstruction = element('reconstruction', HTMLCanvasElement);
  readonly #error = element('error', HTMLOutputElement);

  /** Shows a picture and what the model made of it. */
  show(image: Float32Array, { prediction, mask }: Prediction): void {
    const { predicted, loss } = predictedPicture(model, image, prediction, mask);
    const original = rgbOf(model, image);
    drawPixels(this.#original, original);
    drawPixels(this.#masked, original, mask);
    drawPixels(this.#reconstruction, fillRemoved(model, original, rgbOf(model, predicted), mask));
    this.#error.value = `error ${loss.toFixed(3)}`;
  }
}

/** Draws red, green, blue bytes of the model's size; of removed patches nothing, so that the paper shows. */
export function drawPixels(canvas: HTMLCanvasElement, picture: RgbPicture, mask?: Float32Array): void {
  const { height, width } = model.image;
  const across = patchGrid(model).width;
  const data = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const patch = Math.floor(y / model.patch.height) * across + Math.floor(x / model.patch.width);
      for (let channel = 0; channel < 3; channel++) {
        data.data[pixel * 4 + channel] = picture[pixel * 3 + channel] ?? 0;
      }
      data.data[pixel * 4 + 3] = mask?.[patch] === 1 ? 0 : 255;
    }
  }
  canvas.width = width;
  canvas.height = height;
  drawingOf(canvas).putImageData(data, 0, 0);
}
