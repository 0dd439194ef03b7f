import { describe, expect, it, onTestFinished } from 'vitest';
import { type ModelSpec, patchGrid } from '../../compiler/language/model-spec.ts';
import type { TrainableParameters } from '../../runtime/engine/engine.ts';
import { openClassifierEngine, openEngine } from '../../runtime/engine/open-engine.ts';
import { Random } from '../../runtime/random.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';
import { drawMasking } from '../../runtime/train/draw-masking.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { compileToFolder } from '../support/compiled-model.ts';
import { compileShipped } from '../support/shipped-specs.ts';

const CHOSEN = [0, 1, 2, 3];
const BATCH = CHOSEN.length;
const PATCH = 2;

/** Values of `--set` that make a model small and leave its grid of patches, its tokens and all that is special about it. */
function reductions({ name, image, patch, encoder, decoder }: ModelSpec): string[] {
  const { height, width } = patchGrid({ image, patch });
  const set = {
    image: `${height * PATCH}x${width * PATCH}x${image.channels}`,
    patch: PATCH,
    'encoder.width': 4 * encoder.heads,
    'encoder.depth': 1,
    'decoder.width': 4 * Math.max(Math.round(decoder.width / 64), 2),
    'decoder.heads': 1,
  };
  return Object.entries(set).map(([key, value]) => `${name}.${key}=${value}`);
}

const originals = compileShipped().models;
const reduced = compileShipped(originals.flatMap(reductions));

describe('every spec of the project, reduced by --set', () => {
  it('still checks', () => {
    expect(reduced.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(reduced.models.map(({ name }) => name)).toEqual(originals.map(({ name }) => name));
  });

  it.each(reduced.models.map((spec) => [spec.name, spec] as const))(
    '%s trains three steps',
    async (_, spec) => {
      const model = await compileToFolder(spec);
      onTestFinished(() => model.remove());
      const engine = await openEngine('onnx', { ...model, threads: 1 });
      onTestFinished(() => engine.dispose());
      await engine.loadParameters(initialParameters(model.spec, 1));
      const batch = pictures(spec);
      const masking = drawMasking(model.spec, CHOSEN, 'test');
      const drops = drawDrops(model.spec.graphs['pretrain-gradients'], CHOSEN, 'test');
      const losses = await threeSteps(engine, () => engine.accumulate({ ...batch, masking, drops }, 1));
      expect(losses).toHaveLength(3);
      expect(losses[2]).toBeLessThan(losses[0] ?? 0);
    },
  );

  const classifiers = reduced.models.flatMap((spec) => [
    ...(spec.finetune ? [[spec.name, 'finetune', spec] as const] : []),
    ...(spec.linearProbe ? [[spec.name, 'linear-probe', spec] as const] : []),
  ]);

  it.each(classifiers)('%s takes three steps of %s', async (_, training, spec) => {
    const model = await compileToFolder(spec);
    onTestFinished(() => model.remove());
    const engine = await openClassifierEngine('onnx', { ...model, training, threads: 1 });
    onTestFinished(() => engine.dispose());
    const parameters = model.spec.classifiers[training]?.parameters ?? [];
    const { classes = 0 } = model.spec.recipes[training] ?? {};
    await engine.loadParameters(initialParameters({ parameters }, 1));
    const targets = new Float32Array(BATCH * classes);
    for (let row = 0; row < BATCH; row++) targets[row * classes + row] = 1;
    const graph = model.spec.classifiers[training]?.graphs.gradients;
    const drops = graph ? drawDrops(graph, CHOSEN, 'test') : new Map<string, Float32Array>();
    const batch = { ...pictures(spec), targets, drops };
    const losses = await threeSteps(engine, () => engine.accumulate(batch, 1));
    expect(losses[0]).toBeCloseTo(Math.log(classes), 0);
    expect(losses[2]).toBeLessThan(losses[0] ?? 0);
  });
});

function pictures({ image: { channels, height, width } }: ModelSpec): { size: number; images: Float32Array } {
  const images = new Float32Array(BATCH * channels * height * width);
  return { size: BATCH, images: Random.from('pictures').fillUniform(images) };
}

/** The losses of three AdamW steps on the same batch. */
async function threeSteps(engine: TrainableParameters, accumulate: () => Promise<number>): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    losses.push(await accumulate());
    const settings = { kind: 'adamw', betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0 } as const;
    await engine.update({ ...settings, learningRate: 1e-3 });
  }
  return losses;
}
