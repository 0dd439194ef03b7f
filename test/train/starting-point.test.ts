import { describe, expect, test } from 'vitest';
import { newRun } from '../../runtime/train/starting-point.ts';
import { namingScheme } from '../../runtime/weights/naming/schemes.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { refusal } from '../weights/refusal.ts';
import { smallSpec } from '../weights/small-spec.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';
import { sourceOf, type TargetOptions, targetOf } from '../weights/transfer/official-parameters.ts';

const temporary = temporaryFolder();

const { model, parameters } = targetOf();
const spec = { ...smallSpec(), model, parameters: [...parameters] };
const options = { model: spec, recipe: spec.recipes.pretrain, overrides: {} };

/** A file with the weights of another model, under Hugging Face's names. */
async function foreign(name: string, target: TargetOptions): Promise<string> {
  const theirs = namingScheme('huggingface').fromOfficial(sourceOf(targetOf(target).parameters));
  const tensors = await Promise.all(
    [...theirs.values()].map(async ({ name: tensor, shape, read }) => ({
      name: tensor,
      shape,
      data: await read(),
    })),
  );
  await writeSafetensors(temporary(name), tensors);
  return temporary(name);
}

describe('a new run from weights', () => {
  test('tells what it takes, line by line', async () => {
    const path = await foreign('larger.safetensors', { grid: { height: 4, width: 4 } });
    expect((await newRun(options, { path })).notes).toEqual([
      `starts from the weights in ${path}`,
      'taken 48 tensors: cls_token, patch_embed, blocks.0–1, mask_token, decoder_embed, decoder_blocks.0, decoder_norm, decoder_pred, norm',
      'interpolated pos_embed 4x4 → 2x2 (bicubic)',
      'interpolated decoder_pos_embed 4x4 → 2x2 (bicubic)',
    ]);
  });

  test('is refused before an engine is opened when they do not fit', async () => {
    const path = await foreign('encoder.safetensors', { end: 'none' });
    const { message } = await refusal(newRun(options, { path }));
    expect(message).toContain(`the weights in ${path} do not fit small: the decoder: 17 tensors are missing`);
    expect((await refusal(newRun(options, { path: temporary('none.pth') }))).message).toContain(
      'no such file',
    );
  });

  test('and one from initial values says nothing', async () => {
    expect((await newRun(options)).notes).toEqual([]);
  });
});
