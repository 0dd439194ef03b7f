import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures } from '../../runtime/data/pictures.ts';
import type { ClassifierEngine, NamedTensor } from '../../runtime/engine/engine.ts';
import { openClassifierEngine } from '../../runtime/engine/open-engine.ts';
import { evaluateClassifier } from '../../runtime/evaluate/evaluate-classifier.ts';
import { classify } from '../../runtime/train/classify.ts';
import { loadClassifier } from '../../runtime/weights/classifier-weights.ts';
import { decodeEvents } from '../view/tensorboard/decode-events.ts';
import { refusal } from '../weights/refusal.ts';
import { byName, CLASSES, epochsOf, toyRuns } from './toy-runs.ts';

const toy = toyRuns();
const { checkpointOf, classifierOf, initialOf, setting } = toy;

describe('fine-tuning', () => {
  test('learns which colour a picture has, and leaves all that a run leaves', async () => {
    const { out, view, options } = await setting();
    const result = await classify(options);
    expect(result).toMatchObject({ status: 'finished', step: 15, steps: 15, accuracy: { last: 1, best: 1 } });
    expect(result.picture).toBe(join(out, 'predictions.png'));
    const epochs = await epochsOf(out);
    expect(epochs).toHaveLength(5);
    for (const line of epochs) {
      expect(Object.keys(line).sort()).toEqual(
        ['epoch', 'event', 'n_parameters', 'seconds', 'step', 'test_acc1', 'test_acc5', 'test_loss'].concat(
          'train_loss',
          'train_lr',
        ),
      );
      expect(line.n_parameters).toBe(classifierOf('finetune').cost.parameters.trainable);
      // There are only three classes to be among the first five.
      expect(line.test_acc5).toBe(100);
    }
    expect(epochs.at(-1)?.test_acc1).toBe(100);
    expect(epochs.at(-1)?.train_loss).toBeLessThan((epochs[0]?.train_loss ?? 0) / 2);
    expect(view.warnings).toEqual([]);
    expect(view.lines.join('\n')).toContain('3; 6 pictures for validation, in');

    for (const picture of ['predictions.png', 'confusion.png', 'loss.png']) {
      expect((await sharp(join(out, picture)).metadata()).format).toBe('png');
    }
    const page = await readFile(join(out, 'report.html'), 'utf8');
    for (const text of ['Fine-tuning', 'Predictions', 'Validation accuracy', ...CLASSES]) {
      expect(page).toContain(text);
    }
    const [events = ''] = await readdir(join(out, 'tensorboard'));
    const values = decodeEvents(await readFile(join(out, 'tensorboard', events))).flatMap(
      ({ step, summary }) => summary?.value.map((value) => ({ ...value, step })) ?? [],
    );
    expect(values.filter(({ tag }) => tag === 'validation/top1').at(-1)).toMatchObject({
      step: 15,
      simple_value: 100,
    });
    expect(values.find(({ tag }) => tag === 'predictions')?.image?.encoded_image_string).toEqual(
      await readFile(join(out, 'predictions.png')),
    );
    const { classNames, position, recipe } = await checkpointOf(out);
    expect({ classNames, position, recipe }).toEqual({
      classNames: CLASSES,
      position: { step: 15, epoch: 5, batch: 0 },
      recipe: options.recipe,
    });
  });

  test('keeps the checkpoint of the best epoch, wherever it is stopped', async () => {
    let evaluations = 0;
    const tamper = (engine: ClassifierEngine) => {
      const real = engine.classify.bind(engine);
      engine.classify = async (images, size) => {
        const result = await real(images, size);
        // The six pictures for validation are one batch. Only after the second epoch all are not taken for the first class.
        if (size === 6 && ++evaluations !== 2) {
          result.logits.forEach((_, i) => {
            result.logits[i] = i % 3 === 0 ? 1 : 0;
          });
        }
        return result;
      };
    };
    const { out, options } = await setting({ tamper, more: { overrides: { epochs: 4 } } });
    const stop = new AbortController();
    const stopping = { ...options, maxSteps: 6, signal: stop.signal };
    expect((await classify(stopping)).accuracy?.best).toBeGreaterThan(1 / 3);
    expect((await checkpointOf(out, 'finetune', 'best')).position.epoch).toBe(2);
    // As after a crash between the checkpoint and its second name.
    await rm(join(out, 'best.safetensors'));
    evaluations = 2;
    await classify({ ...options, existing: 'resume' });
    const [best, last] = [await checkpointOf(out, 'finetune', 'best'), await checkpointOf(out)];
    expect([best.position.epoch, last.position.epoch]).toEqual([2, 4]);
    expect(best.log.bestStep).toBe(6);
    expect(last.log.bestStep).toBe(6);
    expect(last.log.bestAccuracy).toBe(best.log.bestAccuracy);
  });

  test('has a best epoch although none gets anything right', async () => {
    const tamper = (engine: ClassifierEngine) => {
      const real = engine.classify.bind(engine);
      engine.classify = async (images, size) => {
        const result = await real(images, size);
        return { ...result, logits: result.logits.fill(Number.NaN) };
      };
    };
    const { out, options } = await setting({ tamper, more: { overrides: { epochs: 2 } } });
    expect((await classify(options)).accuracy).toEqual({ last: 0, best: 0 });
    expect((await checkpointOf(out, 'finetune', 'best')).position.epoch).toBe(1);
  });

  test('evaluates and keeps the running means of the parameters', async () => {
    const { out, options } = await setting({ recipe: { ema: 0.9 }, more: { overrides: { epochs: 2 } } });
    await classify(options);
    const [last] = (await epochsOf(out)).slice(-1);
    const { parameters, averages = [] } = await checkpointOf(out);
    expect(averages.length).toBe(classifierOf('finetune').parameters.filter((p) => p.trainable).length);
    expect(byName(averages).get('head.bias')).not.toEqual(byName(parameters).get('head.bias'));
    const weights = await loadClassifier(
      join(out, 'checkpoint.safetensors'),
      toy.model.spec,
      classifierOf('finetune'),
    );
    expect(weights).toMatchObject({ values: 'ema', classNames: CLASSES });
    for (const { name, data: numbers } of averages) {
      expect(byName(weights.parameters).get(name)).toEqual(numbers);
    }
    expect(await lossOf(weights.parameters)).toBeCloseTo(last?.test_loss ?? Number.NaN, 6);
    expect(await lossOf(parameters)).not.toBeCloseTo(last?.test_loss ?? Number.NaN, 4);
  });

  /** The loss on the pictures for validation. */
  async function lossOf(parameters: readonly NamedTensor[]): Promise<number> {
    const { spec, directory } = toy.model;
    const engine = await openClassifierEngine('onnx', { spec, directory, training: 'finetune', threads: 1 });
    try {
      await engine.loadParameters(parameters);
      const source = await openSource(toy.data, { split: 'validation', validation: 0.25 });
      const pictures = new Pictures({ source, image: spec.model.image });
      // Other batches than training evaluates in.
      const { loss } = await evaluateClassifier({ engine, pictures, classes: 3, testCrop: 0.875, batch: 4 });
      return loss;
    } finally {
      await engine.dispose();
    }
  }

  test('evaluates as often as it is told, and always at the end', async () => {
    const { out, options } = await setting({ more: { evaluateEvery: 2 } });
    await classify(options);
    expect((await epochsOf(out)).map(({ test_acc1 }) => test_acc1 !== undefined)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('linear probing', () => {
  test('learns, and leaves the encoder as it was, bit for bit', async () => {
    const gradients: string[][] = [];
    const { out, options } = await setting({
      training: 'linear-probe',
      tamper: (engine) => {
        const update = engine.update.bind(engine);
        engine.update = async (how) => {
          gradients.push((await engine.readGradients()).map(({ name }) => name));
          return update(how);
        };
      },
    });
    expect((await classify(options)).accuracy).toEqual({ last: 1, best: 1 });
    const { parameters, optimizer, log } = await checkpointOf(out, 'linear-probe');
    const before = initialOf('linear-probe');
    const moved = parameters.filter(
      ({ name, data: numbers }) => !numbers.every((value, i) => value === before.get(name)?.[i]),
    );
    const head = ['head.0.running_mean', 'head.0.running_var', 'head.1.bias', 'head.1.weight'];
    expect(moved.map(({ name }) => name).sort()).toEqual(head);
    // Only what is trained has gradients and moments: a linear layer of 16 numbers to 3 classes.
    for (const names of gradients) expect(names.sort()).toEqual(['head.1.bias', 'head.1.weight']);
    expect(optimizer).toMatchObject({ kind: 'lars', secondMoments: [] });
    expect(optimizer.firstMoments.map(({ name }) => name).sort()).toEqual(['head.1.bias', 'head.1.weight']);
    expect((await epochsOf(out))[0]?.n_parameters).toBe(16 * 3 + 3);
    expect(log.bestAccuracy).toBe(1);
    // A backward pass through the encoder would cost twice the forward pass more.
    const [probe, whole] = [classifierOf('linear-probe').cost, classifierOf('finetune').cost];
    expect(probe.trainingFlops).toBeLessThan(1.1 * probe.forwardFlops);
    expect(whole.trainingFlops).toBeGreaterThan(2 * whole.forwardFlops);
  });

  test('needs more than one picture in a micro-batch', async () => {
    const { options } = await setting({ training: 'linear-probe', more: { overrides: { accumulation: 6 } } });
    const { message, help } = await refusal(classify(options));
    expect(message).toContain('toy-probe has 1 picture in each');
    expect(help).toContain('--batch');
  });
});
