import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { classify } from '../../runtime/train/classify.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { refusal } from '../weights/refusal.ts';
import { timelessLog } from './tiny-classifier.ts';
import { scratchFolder } from './tiny-run.ts';
import { epochsOf, toyRuns } from './toy-runs.ts';

const toy = toyRuns();
const { checkpointOf, defaultRecipe, setting } = toy;

describe('a run that was stopped', () => {
  test('while it evaluated, evaluates first when it goes on', async () => {
    const whole = await setting();
    await classify(whole.options);
    const stopper = new AbortController();
    let evaluations = 0;
    const { out, options } = await setting({
      more: { signal: stopper.signal },
      tamper: (engine) => {
        const real = engine.classify.bind(engine);
        engine.classify = async (images, size) => {
          if (++evaluations === 2) stopper.abort();
          return real(images, size);
        };
      },
    });
    expect(await classify(options)).toMatchObject({ status: 'interrupted', step: 6 });
    expect(await epochsOf(out)).toHaveLength(1);
    const { signal: _, ...rest } = options;
    await classify({ ...rest, existing: 'resume' });
    expect(await timelessLog(out)).toEqual(await timelessLog(whole.out));
    for (const name of ['checkpoint', 'best']) {
      const [own, its] = [
        await checkpointOf(out, 'finetune', name),
        await checkpointOf(whole.out, 'finetune', name),
      ];
      expect({ ...own, log: own.log.bestStep }).toEqual({ ...its, log: its.log.bestStep });
    }
  });

  test('in the last evaluation, has only that left to do', async () => {
    const stopper = new AbortController();
    const { out, options } = await setting({
      more: { signal: stopper.signal, overrides: { epochs: 1 } },
      tamper: (engine) => {
        const real = engine.classify.bind(engine);
        engine.classify = async (images, size) => {
          stopper.abort();
          return real(images, size);
        };
      },
    });
    expect(await classify(options)).toMatchObject({ status: 'interrupted', step: 3, steps: 3 });
    expect(await epochsOf(out)).toEqual([]);
    const { signal: _, ...rest } = options;
    expect((await classify({ ...rest, existing: 'resume' })).accuracy).toBeDefined();
    const [line] = await epochsOf(out);
    expect(line).toMatchObject({ step: 3, epoch: 0 });
    expect((await checkpointOf(out, 'finetune', 'best')).log).toMatchObject({
      bestStep: 3,
      bestAccuracy: (line?.test_acc1 ?? 0) / 100,
      epochLoss: 0,
    });
    // Then there is nothing left.
    const openNothing = () => Promise.reject(new Error('no engine is needed'));
    expect(await classify({ ...rest, openEngine: openNothing, existing: 'resume' })).toMatchObject({
      status: 'finished',
    });
  });

  test('by an evaluation that fails, has lost nothing', async () => {
    const { out, options } = await setting({
      tamper: (engine) => {
        engine.classify = () => Promise.reject(new Error('the power went off'));
      },
    });
    await expect(classify(options)).rejects.toThrow('the power went off');
    expect((await checkpointOf(out)).position).toEqual({ step: 3, epoch: 1, batch: 0 });
  });

  test('is refused other classes, another recipe, and another training', async () => {
    const { out, options } = await setting({ more: { maxSteps: 1 } });
    await classify(options);
    const resume = { ...options, existing: 'resume' as const };
    const renamed = join(await scratchFolder(), 'pictures');
    await cp(toy.data, renamed, { recursive: true });
    await cp(join(renamed, 'red'), join(renamed, 'amber'), { recursive: true });
    await rm(join(renamed, 'red'), { recursive: true });
    const classes = await refusal(classify({ ...resume, data: renamed, force: true }));
    expect(classes.message).toContain('its class 0 is blue, that of the pictures is amber');

    const spec = { ...toy.model.spec, recipes: { ...toy.model.spec.recipes } };
    spec.recipes.finetune = { ...defaultRecipe('finetune'), dropPath: 0.2 };
    const recipe = await refusal(classify({ ...resume, spec }));
    expect(recipe.message).toContain('was not compiled for recipe toy-finetune: dropPath 0 instead of 0.2');

    const { model: own } = toy.model.spec;
    const encoder = { ...own.encoder, heads: 4 };
    const shape = await refusal(
      classify({ ...resume, spec: { ...toy.model.spec, model: { ...own, encoder } } }),
    );
    expect(shape.message).toContain('is of another model (toy) than toy: encoder.heads 2 instead of 4');

    const path = join(out, 'checkpoint.safetensors');
    const { recipe: _, ...probing } = resume;
    expect((await refusal(classify({ ...probing, training: 'linear-probe' }))).message).toBe(
      `the run in ${path} is one of fine-tuning, not of linear probing`,
    );
    const pretraining = pretrain({ ...probing, openEngine: () => Promise.reject(new Error()) });
    expect((await refusal(pretraining)).message).toContain('is one of fine-tuning, not of pretraining');
  });
});
