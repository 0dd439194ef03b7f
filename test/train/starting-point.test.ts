import { describe, expect, test, vi } from 'vitest';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import type { CompiledRecipe } from '../../runtime/model/compiled-spec.ts';
import { newRun, type StartingPoint } from '../../runtime/train/starting-point.ts';
import { saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { namingScheme } from '../../runtime/weights/naming/schemes.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { refusal } from '../weights/refusal.ts';
import { smallSpec } from '../weights/small-spec.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';
import { sourceOf, type TargetOptions, targetOf } from '../weights/transfer/official-parameters.ts';
import { LinearEngine } from './linear-engine.ts';
import { tinySpec } from './tiny-run.ts';

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

/** The trainable ones of these tensors, and the same times a factor, and 1 more. */
function averagedBy({ parameters: all }: typeof spec, tensors: readonly NamedTensor[], factor: number) {
  const names = new Set(all.flatMap(({ name, trainable }) => (trainable ? [name] : [])));
  const trainable = tensors.filter(({ name }) => names.has(name));
  const averages = trainable.map((tensor) => ({
    ...tensor,
    data: tensor.data.map((value) => factor * value + 1),
  }));
  return { trainable, averages };
}

/** What a run gives its engine. */
async function loadedBy({ load }: Pick<StartingPoint<CompiledRecipe>, 'load'>) {
  const engine = new LinearEngine(tinySpec());
  const loaded = vi.spyOn(engine, 'loadParameters').mockResolvedValue();
  await load(engine);
  return new Map(Array.from(loaded.mock.calls[0]?.[0] ?? [], ({ name, data }) => [name, data]));
}

describe('a new run from weights', () => {
  test('tells what it takes, line by line', async () => {
    const path = await foreign('larger.safetensors', { grid: { height: 4, width: 4 } });
    expect((await newRun(options, { from: path })).notes).toEqual([
      `starts from the parameters in ${path}`,
      'taken 48 tensors: cls_token, patch_embed, blocks.0–1, mask_token, decoder_embed, decoder_blocks.0, decoder_norm, decoder_pred, norm',
      'interpolated pos_embed 4x4 → 2x2 (bicubic)',
      'interpolated decoder_pos_embed 4x4 → 2x2 (bicubic)',
    ]);
  });

  test('takes the running means that a checkpoint keeps, or its parameters if told to', async () => {
    const path = temporary('averaged.safetensors');
    const sums = [...initialParameters(spec, 1)];
    const { trainable, averages } = averagedBy(spec, sums, 0.5);
    await saveCheckpoint(path, {
      spec,
      engine: 'test',
      parameters: sums,
      optimizer: { kind: 'adamw', step: 2, firstMoments: trainable, secondMoments: trainable },
      averages,
      position: { step: 2, epoch: 0, batch: 2 },
      recipe: spec.recipes.pretrain,
      log: {},
    });
    const means = await newRun(options, { from: path });
    expect(means.notes[0]).toBe(`starts from the running means of the parameters (EMA) in ${path}`);
    const loaded = await loadedBy(means);
    for (const { name, data } of averages) expect(loaded.get(name), name).toEqual(data);
    expect(averages.length).toBeGreaterThan(40);
    expect(averages.length).toBeLessThan(loaded.size);

    const last = await newRun(options, { from: path, fromValues: 'parameters' });
    expect(last.notes[0]).toBe(`starts from the parameters in ${path}`);
    expect(last.notes.slice(1)).toEqual(means.notes.slice(1));
    const parameters = await loadedBy(last);
    for (const { name, data } of sums) expect(parameters.get(name), name).toEqual(data);
  });

  test('is refused running means of a file that has none', async () => {
    const path = await foreign('plain.safetensors', {});
    const { message, help } = await refusal(newRun(options, { from: path, fromValues: 'ema' }));
    expect(message).toBe(`${path} has no running means of its parameters (EMA)`);
    expect(help).toContain('leave out --values');
  });

  test('is refused before an engine is opened when they do not fit', async () => {
    const path = await foreign('encoder.safetensors', { end: 'none' });
    const { message } = await refusal(newRun(options, { from: path }));
    expect(message).toContain(`the weights in ${path} do not fit small: the decoder: 17 tensors are missing`);
    expect((await refusal(newRun(options, { from: temporary('none.pth') }))).message).toContain(
      'no such file',
    );
  });

  test('and one from initial values says nothing', async () => {
    expect((await newRun(options)).notes).toEqual([]);
  });
});
