/** Height and width, in pixels or in patches. */
export interface Sides {
  readonly height: number;
  readonly width: number;
}

/** How many patches a picture has from top to bottom and from left to right; the last ones of a padded picture are partly padding. */
export function patchGrid({ image, patch }: { readonly image: Sides; readonly patch: Sides }): Sides {
  return { height: Math.ceil(image.height / patch.height), width: Math.ceil(image.width / patch.width) };
}
