import { access, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures } from '../../runtime/data/pictures.ts';
import type { ClassificationBatch, ClassifierEngine, NamedTensor } from '../../runtime/engine/engine.ts';
import { openClassifierEngine, openEngine } from '../../runtime/engine/open-engine.ts';
import { evaluateClassifier } from '../../runtime/evaluate/evaluate-classifier.ts';
import type { CompiledClassifier, CompiledClassifierRecipe } from '../../runtime/model/compiled-spec.ts';
import { type ClassifierTraining, trainedClassifier } from '../../runtime/model/trained-model.ts';
import { type ClassifyOptions, classify } from '../../runtime/train/classify.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { type Checkpoint, loadCheckpoint, loadWeights } from '../../runtime/weights/checkpoint.ts';
import { loadClassifier } from '../../runtime/weights/classifier-weights.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { decodeEvents } from '../view/tensorboard/decode-events.ts';
import { refusal } from '../weights/refusal.ts';
import { drawColours, timelessLog, toySpec } from './tiny-classifier.ts';
import { keepingView, scratchFolder } from './tiny-run.ts';

const CLASSES = ['blue', 'green', 'red'];

let model: CompiledModelFolder;
let cleanUp: () => Promise<void>;
/** 8 pictures of each colour: 6 for training, hence 3 steps an epoch, and 2 for validation. */
let data = '';

beforeAll(async () => {
  model = await compileToFolder(toySpec());
  data = await drawColours(join(model.directory, 'pictures'), { blue: 8, green: 8, red: 8 });
  cleanUp = model.remove;
});
afterAll(() => cleanUp());

const defaultRecipe = (training: ClassifierTraining): CompiledClassifierRecipe => {
  const recipe = model.spec.recipes[training];
  if (recipe === undefined) throw new Error('compiled without it');
  return recipe;
};
const classifierOf = (training: ClassifierTraining): CompiledClassifier => {
  const classifier = model.spec.classifiers[training];
  if (classifier === undefined) throw new Error('compiled without it');
  return classifier;
};

interface Setting {
  readonly training?: ClassifierTraining;
  readonly recipe?: Partial<CompiledClassifierRecipe>;
  readonly more?: Partial<ClassifyOptions>;
  /** Gets hold of the engine before it is used. */
  readonly tamper?: (engine: ClassifierEngine) => void;
}

async function setting({ training = 'finetune', recipe = {}, more = {}, tamper }: Setting = {}) {
  const out = join(await scratchFolder(), 'run');
  const view = keepingView();
  const options: ClassifyOptions = {
    spec: model.spec,
    training,
    data,
    out,
    validation: 0.25,
    view,
    recipe: { ...defaultRecipe(training), ...recipe },
    openEngine: async () => {
      const { spec, directory } = model;
      const engine = await openClassifierEngine('onnx', { spec, directory, training, threads: 1 });
      tamper?.(engine);
      return engine;
    },
    saveEvery: { epochs: 0 },
    drawEvery: { epochs: 0 },
    ...more,
  };
  return { out, view, options };
}

function checkpointOf(
  out: string,
  training: ClassifierTraining = 'finetune',
  name = 'checkpoint',
): Promise<Checkpoint> {
  const trained = trainedClassifier(model.spec, training, classifierOf(training), CLASSES);
  return loadCheckpoint(join(out, `${name}.safetensors`), trained);
}

const epochsOf = async (out: string) =>
  (await readLog(join(out, 'log.jsonl'))).flatMap((line) => (line.event === 'epoch' ? [line] : []));

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const byName = (tensors: readonly NamedTensor[]) =>
  new Map(tensors.map(({ name, data: numbers }) => [name, numbers]));

/** The initial values of the run with the recipe's seed. */
async function initialOf(training: ClassifierTraining): Promise<ReadonlyMap<string, Float32Array>> {
  const { initialParameters } = await import('../../runtime/weights/initialize.ts');
  const trained = trainedClassifier(model.spec, training, classifierOf(training), CLASSES);
  return byName([...initialParameters(trained, defaultRecipe(training).seed)]);
}

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
      model.spec,
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
    const { spec, directory } = model;
    const engine = await openClassifierEngine('onnx', { spec, directory, training: 'finetune', threads: 1 });
    try {
      await engine.loadParameters(parameters);
      const source = await openSource(data, { split: 'validation', validation: 0.25 });
      const pictures = new Pictures({ source, image: spec.model.image });
      // Other batches than training evaluates in.
      const { loss } = await evaluateClassifier({ engine, pictures, classes: 3, testCrop: 0.875, batch: 4 });
      return loss;
    } finally {
      await engine.dispose();
    }
  }

  test('lowers the rate from layer to layer', async () => {
    const { optimizer } = defaultRecipe('finetune');
    const recipe = { layerDecay: 0.5, optimizer: { ...optimizer, weightDecay: 0 } };
    const { out, options } = await setting({ recipe, more: { maxSteps: 1, validation: 0 } });
    await classify(options);
    const [before, after] = [await initialOf('finetune'), byName((await checkpointOf(out)).parameters)];
    // AdamW's first step changes every number by the rate, whatever the gradient is. One block, so two layers below the head's.
    const rate = 1e-2;
    for (const [name, factor] of [
      ['head.weight', 1],
      ['fc_norm.weight', 1],
      ['blocks.0.mlp.fc1.weight', 0.5],
      ['patch_embed.proj.weight', 0.25],
      ['pos_embed', 0.25],
    ] as const) {
      const [old, now] = [before.get(name), after.get(name)];
      const largest = Math.max(...(now ?? []).map((value, i) => Math.abs(value - (old?.[i] ?? 0))));
      expect(largest / (rate * factor), name).toBeCloseTo(1, 2);
    }
  });

  test('clips the gradients by their global norm', async () => {
    const optimizer = {
      kind: 'sgd' as const,
      baseLearningRate: 1,
      learningRatePer: 6,
      weightDecay: 0,
      momentum: 0,
      nesterov: false,
    };
    const { out, options } = await setting({
      recipe: { optimizer, clip: 0.01 },
      more: { maxSteps: 1, validation: 0 },
    });
    await classify(options);
    const before = await initialOf('finetune');
    let square = 0;
    for (const { name, data: numbers } of (await checkpointOf(out)).parameters) {
      numbers.forEach((value, i) => {
        square += (value - (before.get(name)?.[i] ?? 0)) ** 2;
      });
    }
    // Plain gradient descent at rate 1 moves by the gradient, and that is 0.01 long.
    expect(Math.sqrt(square)).toBeCloseTo(0.01, 5);
  });

  test('has the same gradient from micro-batches as from the whole batch', async () => {
    const gradients: ReadonlyMap<string, Float32Array>[] = [];
    for (const accumulation of [1, 3]) {
      const { options } = await setting({
        recipe: { accumulation, labelSmoothing: 0.1 },
        more: { maxSteps: 1, validation: 0 },
        tamper: (engine) => {
          const update = engine.update.bind(engine);
          engine.update = async (how) => {
            gradients.push(byName(await engine.readGradients()));
            return update(how);
          };
        },
      });
      await classify(options);
    }
    const [whole, parts] = gradients;
    expect(whole?.size).toBe(classifierOf('finetune').parameters.filter((p) => p.trainable).length);
    for (const [name, gradient] of whole ?? []) {
      const largest = Math.max(...gradient.map(Math.abs));
      const own = parts?.get(name);
      const error = Math.max(...gradient.map((value, i) => Math.abs(value - (own?.[i] ?? Number.NaN))));
      expect(error, name).toBeLessThan(1e-5 * largest + 1e-8);
    }
  });

  test('gives rare classes more weight when they are to be balanced', async () => {
    const uneven = await drawColours(join(await scratchFolder(), 'uneven'), { blue: 2, green: 4, red: 6 });
    const batches: ClassificationBatch[] = [];
    const { options } = await setting({
      recipe: { classWeights: 'balanced', batch: 12, labelSmoothing: 0 },
      more: { data: uneven, maxSteps: 1, validation: 0 },
      tamper: (engine) => {
        const accumulate = engine.accumulate.bind(engine);
        engine.accumulate = (batch, weight) => {
          batches.push(batch);
          return accumulate(batch, weight);
        };
      },
    });
    await classify(options);
    const rows = Array.from({ length: 12 }, (_, i) => [
      ...(batches[0]?.targets.subarray(3 * i, 3 * i + 3) ?? []),
    ]);
    // 12 pictures / (3 classes · the pictures of the class).
    const wanted = [
      ...new Array(2).fill([2, 0, 0]),
      ...new Array(4).fill([0, 1, 0]),
      ...new Array(6).fill([0, 0, Math.fround(2 / 3)]),
    ];
    expect(rows.map(String).sort()).toEqual(wanted.map(String).sort());
  });

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

  test('needs no pictures for validation', async () => {
    const { out, view, options } = await setting({
      more: { validation: 0, overrides: { epochs: 1, batch: 12 } },
    });
    const result = await classify(options);
    // All 24 pictures.
    expect(result).toMatchObject({ status: 'finished', steps: 2 });
    expect(result.accuracy).toBeUndefined();
    expect(view.lines.join('\n')).toContain('3; no pictures for validation');
    expect((await epochsOf(out))[0]).not.toHaveProperty('test_acc1');
    expect(await exists(join(out, 'predictions.png'))).toBe(true);
    for (const none of ['best.safetensors', 'confusion.png'])
      expect(await exists(join(out, none))).toBe(false);
    expect(await readFile(join(out, 'report.html'), 'utf8')).not.toContain('was not trained on');
  });

  test('takes other pictures for validation, of the same classes', async () => {
    const folder = await scratchFolder();
    const validationData = await drawColours(join(folder, 'others'), { blue: 1, green: 1, red: 3 }, 100);
    const { view, options } = await setting({ more: { validationData, overrides: { epochs: 1 } } });
    expect(await classify(options)).toMatchObject({ steps: 4 });
    expect(view.lines.join('\n')).toContain(`3; 5 pictures for validation, in ${validationData}`);
    const two = await drawColours(join(folder, 'two'), { blue: 1, red: 1 });
    const other = await setting({ more: { validationData: two } });
    const { message } = await refusal(classify(other.options));
    expect(message).toContain('have different classes: only the former has green');
  });

  test('passes over a picture that does not decode, and says so', async () => {
    const folder = await drawColours(join(await scratchFolder(), 'torn'), { blue: 6, green: 6, red: 6 });
    await writeFile(join(folder, 'blue', '000.png'), 'not a picture');
    const { out, view, options } = await setting({
      more: { data: folder, validation: 0, overrides: { epochs: 1 } },
    });
    await classify(options);
    expect(view.warnings.join()).toContain(`skipped ${join(folder, 'blue', '000.png')}`);
    const log = await readLog(join(out, 'log.jsonl'));
    expect(log.filter(({ event }) => event === 'skipped')).toHaveLength(1);
    expect(log[0]?.event).toBe('start');
  });

  test('starts from the encoder of a pretrained model', async () => {
    const { spec, directory } = model;
    const pretrained = join(await scratchFolder(), 'pretrained');
    await pretrain({
      spec,
      data,
      out: pretrained,
      maxSteps: 2,
      overrides: { baseLearningRate: 1 },
      view: keepingView(),
      drawEvery: { epochs: 0 },
      openEngine: () => openEngine('onnx', { spec, directory, threads: 1 }),
    });
    const from = join(pretrained, 'checkpoint.safetensors');
    const { out, view, options } = await setting({
      more: { from, maxSteps: 1, validation: 0, overrides: { baseLearningRate: 1e-60 } },
    });
    await classify(options);
    const encoder = byName(await loadWeights(from, spec));
    const [parameters, fresh] = [byName((await checkpointOf(out)).parameters), await initialOf('finetune')];
    for (const [name, numbers] of parameters) {
      const isNew = /^(head|fc_norm)\./.test(name);
      expect(numbers, name).toEqual(isNew ? fresh.get(name) : encoder.get(name));
    }
    expect(encoder.get('cls_token')).not.toEqual(fresh.get('cls_token'));
    const notes = view.lines.filter((line) => line.startsWith('note')).join('\n');
    expect(notes).toContain(`starts from the parameters in ${from}`);
    expect(notes).toMatch(/initialised .*head/);
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
    const before = await initialOf('linear-probe');
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
    await cp(data, renamed, { recursive: true });
    await cp(join(renamed, 'red'), join(renamed, 'amber'), { recursive: true });
    await rm(join(renamed, 'red'), { recursive: true });
    const classes = await refusal(classify({ ...resume, data: renamed, force: true }));
    expect(classes.message).toContain('its class 0 is blue, that of the pictures is amber');

    const spec = { ...model.spec, recipes: { ...model.spec.recipes } };
    spec.recipes.finetune = { ...defaultRecipe('finetune'), dropPath: 0.2 };
    const recipe = await refusal(classify({ ...resume, spec }));
    expect(recipe.message).toContain('was not compiled for recipe toy-finetune: dropPath 0 instead of 0.2');

    const { model: own } = model.spec;
    const encoder = { ...own.encoder, heads: 4 };
    const shape = await refusal(classify({ ...resume, spec: { ...model.spec, model: { ...own, encoder } } }));
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
