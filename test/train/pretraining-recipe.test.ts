import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PretrainingBatch, PretrainingEngine } from '../../runtime/engine/engine.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import type { CompiledRecipe } from '../../runtime/model/compiled-spec.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { type Checkpoint, loadCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { refusal } from '../weights/refusal.ts';
import { drawColours, toySpec } from './tiny-classifier.ts';
import { keepingView, scratchFolder } from './tiny-run.ts';

let model: CompiledModelFolder;
let data = '';

beforeAll(async () => {
  model = await compileGraphsToFolder(toySpec());
  data = await drawColours(join(model.directory, 'pictures'), { blue: 4, green: 4 });
});
afterAll(() => model.remove());

/** Takes a step with a recipe; resolves to the checkpoint, the gradient's length and the first batch. */
async function firstStep(changes: Partial<CompiledRecipe>) {
  const { spec, directory } = model;
  const out = join(await scratchFolder(), 'run');
  const batches: PretrainingBatch[] = [];
  let norm = 0;
  const watched = (engine: PretrainingEngine): PretrainingEngine => {
    const [update, accumulate] = [engine.update.bind(engine), engine.accumulate.bind(engine)];
    engine.accumulate = (batch, weight) => {
      batches.push(batch);
      return accumulate(batch, weight);
    };
    engine.update = async (how) => {
      const gradients = await engine.readGradients();
      norm = Math.sqrt(
        gradients.reduce((sum, { data: numbers }) => numbers.reduce((all, x) => all + x * x, sum), 0),
      );
      return update(how);
    };
    return engine;
  };
  await pretrain({
    spec,
    data,
    out,
    view: keepingView(),
    maxSteps: 1,
    drawEvery: { epochs: 0 },
    recipe: { ...spec.recipes.pretrain, batch: 6, warmup: 0, ...changes },
    openEngine: async () => watched(await openEngine('onnx', { spec, directory, threads: 1 })),
  });
  const checkpoint = await loadCheckpoint(join(out, 'checkpoint.safetensors'), spec);
  return { checkpoint, norm, images: batches[0]?.images ?? new Float32Array() };
}

const valuesOf = ({ parameters }: Pick<Checkpoint, 'parameters'>) =>
  new Map(parameters.map(({ name, data: numbers }) => [name, numbers]));

/** Moves by the gradient itself. */
const plainDescent = {
  kind: 'sgd',
  baseLearningRate: 1,
  learningRatePer: 6,
  weightDecay: 0,
  momentum: 0,
  nesterov: false,
} as const;

describe('the recipe of a pretraining', () => {
  test('clips, and keeps running means that follow the parameters', async () => {
    const clipped = await firstStep({ optimizer: plainDescent, clip: 0.2, ema: 0.9 });
    const whole = await firstStep({ optimizer: plainDescent, clip: 0 });
    expect(clipped.norm).toBe(whole.norm);
    expect(whole.norm).toBeGreaterThan(0.2);
    const { averages = [], recipe } = clipped.checkpoint;
    const initial = valuesOf({ parameters: [...initialParameters(model.spec, recipe.seed)] });
    const [now, far] = [valuesOf(clipped.checkpoint), valuesOf(whole.checkpoint)];
    for (const { name, data: average } of averages) {
      average.forEach((value, i) => {
        const [from = 0, to = 0, unclipped = 0] = [initial, now, far].map((values) => values.get(name)?.[i]);
        // From the initial values by 1 - min(0.9, 1 / 10) of the way.
        expect(value).toBeCloseTo(0.1 * from + 0.9 * to, 6);
        expect(to - from).toBeCloseTo(((unclipped - from) * 0.2) / whole.norm, 6);
      });
    }
    expect(averages).toHaveLength(model.spec.parameters.filter(({ trainable }) => trainable).length);
    expect(whole.checkpoint.averages).toBeUndefined();
  });

  test('jitters colours: a picture of one hue gets others', async () => {
    const augment = { ...model.spec.recipes.pretrain.augment, crop: [1, 1] as [number, number], flip: false };
    const [plain, jittered, again] = [
      await firstStep({ augment }),
      await firstStep({ augment: { ...augment, colorJitter: 0.4 } }),
      await firstStep({ augment: { ...augment, colorJitter: 0.4 } }),
    ];
    expect(jittered.images).toEqual(again.images);
    const pixels = 3 * 8 * 8;
    for (let picture = 0; picture < 6; picture++) {
      const [before, after] = [plain, jittered].map(({ images }) =>
        images.subarray(picture * pixels, (picture + 1) * pixels),
      );
      const changed =
        before?.filter((value, i) => Math.abs(value - (after?.[i] ?? value)) > 0.01).length ?? 0;
      expect(changed).toBeGreaterThan(pixels / 4);
    }
  });

  test('jitters no colours of pictures that have other channels', async () => {
    const { spec } = model;
    const image = { ...spec.model.image, channels: 4 };
    const jitter = { ...spec.recipes.pretrain.augment, colorJitter: 0.4 };
    const { message } = await refusal(
      pretrain({
        spec: { ...spec, model: { ...spec.model, image } },
        recipe: { ...spec.recipes.pretrain, augment: jitter },
        data,
        out: join(await scratchFolder(), 'run'),
        view: keepingView(),
        openEngine: () => Promise.reject(new Error('no engine may be opened')),
      }),
    );
    expect(message).toContain('which are for pictures of 1 or 3 channels, not of 4');
  });
});
