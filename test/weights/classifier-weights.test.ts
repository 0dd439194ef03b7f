import { describe, expect, test } from 'vitest';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import { classifierOf, trainedClassifier } from '../../runtime/model/trained-model.ts';
import { saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import type { CheckpointValues } from '../../runtime/weights/checkpoint-values.ts';
import { loadClassifier } from '../../runtime/weights/classifier-weights.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { interpolatePositions } from '../../runtime/weights/transfer/interpolate-positions.ts';
import { compiledSpec } from '../support/compiled-spec.ts';
import type { SpecOptions } from '../support/specs.ts';
import { refusal } from './refusal.ts';
import { temporaryFolder } from './temporary-folder.ts';

const temporary = temporaryFolder();

const options: SpecOptions = { positions: 'learned', finetune: { classes: 3 } };
/** Pictures of 16x16 and of 24x32, in patches of 4x4. */
const small = compiledSpec(options);
const large = compiledSpec({ ...options, image: [24, 32, 3] });

/** Of every number the mean is so much of the parameter, and 1 more. */
const SHARE = 0.5;

/** A checkpoint of the classifier of small pictures, with running means or without. */
async function saved(name: string, averaged: boolean) {
  const { classifier, recipe } = classifierOf(small, 'finetune');
  const parameters = [...initialParameters(classifier, 1)].map(({ name: tensor, shape, data }) => ({
    name: tensor,
    shape,
    data: data.map((value, index) => value + Math.sin(index)),
  }));
  const trainable = parameters.filter(
    ({ name: tensor }) => classifier.parameters.find((each) => each.name === tensor)?.trainable,
  );
  const averages = trainable.map((tensor) => ({
    ...tensor,
    data: tensor.data.map((value) => SHARE * value + 1),
  }));
  const path = temporary(name);
  await saveCheckpoint(path, {
    spec: trainedClassifier(small, 'finetune', classifier, ['cat', 'dog', 'owl']),
    engine: 'test',
    parameters,
    optimizer: { kind: 'adamw', step: 5, firstMoments: trainable, secondMoments: trainable },
    ...(averaged ? { averages } : {}),
    position: { step: 5, epoch: 1, batch: 2 },
    recipe,
    log: {},
  });
  return { path, parameters: byName(parameters), averages: byName(averages) };
}

const byName = (tensors: readonly NamedTensor[]) => new Map(tensors.map(({ name, data }) => [name, data]));

async function load(path: string, spec: typeof small, values?: CheckpointValues) {
  const found = await loadClassifier(path, spec, classifierOf(spec, 'finetune').classifier, values);
  return { ...found, parameters: byName(found.parameters) };
}

describe('a classifier from a checkpoint with running means', () => {
  test('has these, or the parameters if it is told to', async () => {
    const { path, parameters, averages } = await saved('both.safetensors', true);
    for (const values of [undefined, 'ema'] as const) {
      expect(await load(path, small, values)).toEqual({
        values: 'ema',
        classNames: ['cat', 'dog', 'owl'],
        parameters: averages,
      });
    }
    expect(await load(path, small, 'parameters')).toMatchObject({ values: 'parameters', parameters });
  });

  test('for pictures of another size has interpolated positions, also of the means', async () => {
    const { path, averages } = await saved('sizes.safetensors', true);
    const [means, last] = [await load(path, large), await load(path, large, 'parameters')];
    const positions = means.parameters.get('pos_embed');
    // The class token's row and 6x8 patches, of width 16.
    expect(positions).toHaveLength((1 + 6 * 8) * 16);
    const table = averages.get('pos_embed') ?? new Float32Array();
    const grids = [
      { height: 4, width: 4 },
      { height: 6, width: 8 },
    ] as const;
    expect(positions).toEqual(
      interpolatePositions(table, { grid: grids[0], prefix: 1 }, { grid: grids[1], prefix: 1 }),
    );
    // The weights of an interpolation add up to 1: it passes on what the means are of the parameters.
    for (const [name, data] of means.parameters) {
      const own = last.parameters.get(name);
      data.forEach((mean, i) => {
        expect(mean).toBeCloseTo(SHARE * (own?.[i] ?? Number.NaN) + 1, 5);
      });
    }
  });

  test('is refused running means of one without', async () => {
    const { path, parameters } = await saved('none.safetensors', false);
    expect(await load(path, small)).toMatchObject({ values: 'parameters', parameters });
    const { message, help } = await refusal(load(path, small, 'ema'));
    expect(message).toBe(`${path} has no running means of its parameters (EMA)`);
    expect(help).toContain('leave out --values');
  });
});
