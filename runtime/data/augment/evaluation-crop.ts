import { centreCrop, type Placement, type Size } from '../crop.ts';

/** The model's side as a share of the shorter side that the official evaluation resizes a picture to. */
const OFFICIAL_SHARE = 224 / 256;

/** Models larger than this see as much of a picture as there is room for. */
const LARGEST_WITH_MARGIN = 224;

/** The share that main_finetune gives a model of this image: 224/256 up to 224 pixels, 1 above. */
export function evaluationShare(image: Size): number {
  return Math.min(image.height, image.width) <= LARGEST_WITH_MARGIN ? OFFICIAL_SHARE : 1;
}

/**
 * The placement for evaluation: torchvision's `Resize` of the shorter side to the integer part of side / share, and `CenterCrop`.
 * Images that are not square are covered, keeping the picture's aspect ratio. A share is above 0 and at most 1.
 *
 * @throws RangeError for another share: the picture would not cover the image.
 */
export function evaluationCrop(picture: Size, image: Size, share = evaluationShare(image)): Placement {
  if (!(share > 0 && share <= 1))
    throw new RangeError(`an evaluation crop's share is in (0, 1], not ${share}`);
  return centreCrop(picture, image, share);
}
