import { Option } from '@commander-js/extra-typings';
import type { EngineKind } from '../engine/open-engine.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { type PictureSize, specForPictures, textOf } from '../model/picture-size.ts';
import { field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import { parsePictureSize } from './parse-values.ts';

/** What size the pictures get that a model sees. */
export function imageOption() {
  return new Option(
    '--image <size>',
    "height x width that pictures are resized and cropped to, such as 448x448 (default: that of the model's spec)",
  ).argParser(parsePictureSize);
}

/** The spec for pictures of the size of `--image`. @throws UserError where the model or the engine takes none of it. */
export function specForImage(
  spec: CompiledSpec,
  { image, engine }: { readonly image?: PictureSize | undefined; readonly engine: EngineKind },
): CompiledSpec {
  if (image === undefined) return spec;
  const sized = specForPictures(spec, image);
  if (sized === spec || engine === 'onnx') return sized;
  throw new UserError(
    `the ${engine} engine takes pictures of ${textOf(spec.model.image)} only: its classes are written for that size`,
    'leave out --engine: the onnx engine takes other sizes',
  );
}

/** The line that tells of another size than the spec's; none where it is that. */
export function describeImage(spec: CompiledSpec, sized: CompiledSpec): string[] {
  if (sized === spec) return [];
  const describe = ({ model, tokens }: CompiledSpec) => `${textOf(model.image)}, ${tokens.patches} patches`;
  return [field('image', `${describe(sized)}; the model was compiled for ${describe(spec)}`)];
}
