import { describe, expect, test } from 'vitest';
import { readCheckpointSpec } from '../../compiler/diff/sides/spec-json.ts';
import { classifierOf, isPretrainingRecipe, type TrainedModel } from '../../runtime/model/trained-model.ts';
import { resumedRun } from '../../runtime/train/starting-point.ts';
import { type CheckpointContents, saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { formatMetadata, readMetadata } from '../../runtime/weights/checkpoint-metadata.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { SafetensorsFile, writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { compiledSpec } from '../support/compiled-spec.ts';
import { keysOf, LATER_MODEL_KEYS, LATER_RECIPE_KEYS, valueAt, without } from '../support/later-keys.ts';
import { refusal } from './refusal.ts';
import { smallSpec } from './small-spec.ts';
import { temporaryFolder } from './temporary-folder.ts';

const temporary = temporaryFolder();

function contentsOf(training: 'pretrain' | 'finetune'): CheckpointContents {
  const spec = smallSpec();
  const classify = classifierOf(compiledSpec({ finetune: {} }), 'finetune').recipe;
  const trained: TrainedModel = { ...spec, training };
  const trainable = spec.parameters.filter((parameter) => parameter.trainable);
  const zeros = trainable.map(({ name, shape }) => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((product, side) => product * side, 1)),
  }));
  return {
    spec: trained,
    engine: 'an engine',
    parameters: [...initialParameters(spec, 1)],
    optimizer: { kind: 'adamw', step: 3, firstMoments: zeros, secondMoments: zeros },
    position: { step: 3, epoch: 1, batch: 0 },
    recipe: training === 'pretrain' ? spec.recipes.pretrain : classify,
    log: { seconds: 2 },
  };
}

/** The metadata with keys gone from what it says of the model or of the recipe. */
function stripped(
  metadata: Readonly<Record<string, string>>,
  gone: { readonly spec?: readonly string[]; readonly recipe?: readonly string[] },
): Record<string, string> {
  const text = (name: 'spec' | 'recipe') =>
    JSON.stringify(without(JSON.parse(metadata[name] ?? ''), gone[name] ?? []));
  return { ...metadata, spec: text('spec'), recipe: text('recipe') };
}

/** What is read of metadata, in a file without tensors. */
async function read(metadata: Readonly<Record<string, string>>) {
  const path = temporary('metadata.safetensors');
  await writeSafetensors(path, [], metadata);
  const file = await SafetensorsFile.open(path);
  try {
    return readMetadata(file);
  } finally {
    await file.close();
  }
}

describe.each(['pretrain', 'finetune'] as const)('metadata of %s', (training) => {
  const contents = contentsOf(training);
  const today = formatMetadata(contents);
  const keys = {
    spec: Object.keys(LATER_MODEL_KEYS),
    recipe: Object.keys(LATER_RECIPE_KEYS),
  };

  test.each(keys.spec)('without the model’s %s means what its compiler did', async (key) => {
    expect(valueAt(contents.spec.model, key)).toEqual(LATER_MODEL_KEYS[key]);
    expect(await read(stripped(today, { spec: [key] }))).toEqual(await read(today));
  });

  test.each(keys.recipe)('without the recipe’s %s means what its compiler did', async (key) => {
    expect(valueAt(contents.recipe, key)).toEqual(LATER_RECIPE_KEYS[key]);
    expect(await read(stripped(today, { recipe: [key] }))).toEqual(await read(today));
  });

  test('without all of them is the same still, for mae diff too', async () => {
    const old = stripped(today, keys);
    expect(await read(old)).toEqual(await read(today));
    const side = (metadata: Record<string, string>) =>
      readCheckpointSpec('checkpoint.safetensors', new Map(Object.entries(metadata)));
    expect(side(old)).toEqual(side(today));
    expect(side(today)).toHaveProperty('spec');
  });

  test('without any other key is damaged', async () => {
    for (const part of ['spec', 'recipe'] as const) {
      const all = keysOf(JSON.parse(today[part] ?? ''));
      const needed = all.filter((key) => !keys[part].includes(key) && !key.startsWith('mask.unit.'));
      expect(needed.length).toBeGreaterThan(15);
      for (const key of needed) {
        const { message } = await refusal(read(stripped(today, { [part]: [key] })));
        expect(message).toMatch(/metadata\.safetensors is damaged: its metadata is wrong in /);
        expect(message).toContain(key);
      }
    }
  });

  test('with a later key of another sort is damaged', async () => {
    for (const part of ['spec', 'recipe'] as const) {
      for (const key of keys[part]) {
        const last = key.split('.').at(-1) ?? '';
        const value = JSON.stringify(valueAt(JSON.parse(today[part] ?? ''), key));
        const wrong = (today[part] ?? '').replaceAll(`"${last}":${value}`, `"${last}":null`);
        const { message } = await refusal(read({ ...today, [part]: wrong }));
        expect(message).toContain(key);
      }
    }
  });
});

test('a run of an older version goes on, with nothing to say but that', async () => {
  const contents = contentsOf('pretrain');
  const path = temporary('old.safetensors');
  await saveCheckpoint(path, contents);
  const file = await SafetensorsFile.open(path);
  const tensors = await Promise.all(
    [...file.tensors.values()].map(async ({ name, shape }) => ({ name, shape, data: await file.read(name) })),
  );
  const gone = { spec: Object.keys(LATER_MODEL_KEYS), recipe: Object.keys(LATER_RECIPE_KEYS) };
  const metadata = stripped(Object.fromEntries(file.metadata), gone);
  await file.close();
  await writeSafetensors(path, tensors, metadata);

  const spec = smallSpec();
  const { pretrain: recipe } = spec.recipes;
  const start = await resumedRun({ model: spec, recipe, overrides: {}, accepts: isPretrainingRecipe }, path);
  expect(start.notes).toEqual([`goes on after step 3, from ${path}`]);
  expect(start.recipe).toEqual(recipe);
  const other = { ...spec, model: { ...spec.model, patch: { ...spec.model.patch, pad: true } } };
  const refused = resumedRun({ model: other, recipe, overrides: {}, accepts: isPretrainingRecipe }, path);
  expect((await refusal(refused)).message).toContain('patch.pad false instead of true');
});
