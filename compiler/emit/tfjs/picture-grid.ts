import { assert, present } from '../../ir/assert.ts';
import { imageSides, patchifyOp } from '../../ir/ops/patchify.ts';
import { perExampleOf } from '../../ir/ops/rows.ts';
import type { Recording } from './modules.ts';

/** How a method that takes pictures of several sizes knows how many patches they have: by a variable `grid`. */
export interface PictureGrid {
  /** The input that is the pictures. */
  readonly images: string;
  /** Whether the method is given the grid instead of the pictures; the root makes it from them. */
  readonly given: boolean;
  /** Patches of a picture in each of the recordings, which are of pictures of several sizes. */
  readonly patches: readonly number[];
}

/** The grid of a method by its recordings; undefined where all of them are of pictures of one size, or of none. */
export function pictureGrid(recordings: readonly Recording[]): PictureGrid | undefined {
  const first = present(recordings[0], 'recording');
  const images = imagesOf(first);
  if (images === undefined) return undefined;
  const sizes = new Set(
    recordings.map(({ inputs }) => {
      const [, height, width] = imageSides(inputs.get(images));
      return `${height}x${width}`;
    }),
  );
  if (sizes.size === 1) return undefined;
  return { images, given: first.scope.parent !== undefined, patches: recordings.map(patchesOf) };
}

/** The number that counts have beyond the patches: 1 of the class token for 65 of 64 patches. Undefined where it is not always the same. */
export function beyondPatches({ patches }: PictureGrid, counts: readonly number[]): number | undefined {
  const beyond = new Set(counts.map((count, index) => count - (patches[index] ?? 0)));
  const [only] = beyond;
  return beyond.size === 1 ? only : undefined;
}

/** Whether a side of a tensor follows from the size of a picture: those of pictures, and the tokens of [batch, tokens, width]. */
export function followsPicture(shape: readonly unknown[], axis: number): boolean {
  if (shape.length === 4) return axis >= 2;
  return shape.length === 3 && axis === 1;
}

function imagesOf({ inputs }: Recording): string | undefined {
  for (const [name, { shape }] of inputs) if (shape.length === 4) return name;
  return undefined;
}

/** A picture's patches: those that the root cuts, or those that a module is given beside the pictures. */
function patchesOf({ inputs, steps, module }: Recording): number {
  for (const step of steps) {
    if ('node' in step && step.node.op === patchifyOp) return perExampleOf(step.node.outputs[0], 'patches');
  }
  const patches = inputs.get('patches');
  assert(patches !== undefined, `${module.path} is given pictures without their patches`);
  return perExampleOf(patches, 'patches');
}
