import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ClassificationBatch, ClassifierEngine } from '../../runtime/engine/engine.ts';
import {
  createOnnxClassifier,
  type OnnxClassifierOptions,
} from '../../runtime/engine/onnx/classifier-engine.ts';
import type { BackendName } from '../../runtime/engine/tfjs/backends.ts';
import { createTfjsClassifier } from '../../runtime/engine/tfjs/classifier-engine.ts';
import { rateScales } from '../../runtime/train/layer-decay.ts';
import { loadReferenceCase, type ReferenceCase, relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import {
  checkAdamParameters,
  checkGradients,
  LOSS_TOLERANCE,
  OUTPUT_TOLERANCE,
} from '../support/reference-checks.ts';
import { classificationCase } from '../support/reference-config.ts';
import { testedBackends } from '../support/tfjs-backends.ts';

type Training = 'finetune' | 'linear-probe';

/** Shaders are compiled at the first run, which takes a while in software. */
const TIMEOUT = 300_000;

type Open = (options: OnnxClassifierOptions & { readonly directory: string }) => Promise<ClassifierEngine>;

const onTfjs =
  (backend: BackendName): Open =>
  (options) =>
    createTfjsClassifier({ ...options, backend });

const BACKENDS = await testedBackends();

/** The engines that can run here. */
const ENGINES: Readonly<Record<string, Open>> = {
  onnx: (options) => createOnnxClassifier({ ...options, threads: 1 }),
  ...(BACKENDS.includes('webgpu')
    ? { 'onnx on webgpu': (options) => createOnnxClassifier({ ...options, device: 'webgpu' }) }
    : {}),
  ...Object.fromEntries(BACKENDS.map((backend) => [`tfjs on ${backend}`, onTfjs(backend)])),
};

function openEngine(
  open: Open,
  { spec, directory }: CompiledModelFolder,
  training: Training,
): Promise<ClassifierEngine> {
  const classifier = spec.classifiers[training];
  if (classifier === undefined) throw new Error(`no ${training}`);
  return open({ spec, directory, training, classifier });
}

/** Labels with timm's smoothing: an equal share for every class, the rest for the label. */
function targetsOf(reference: ReferenceCase, classes: number, smoothing: number): Float32Array {
  const labels = reference.float64('labels');
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1 - smoothing + smoothing / classes;
  });
  return targets;
}

function batchOf(reference: ReferenceCase, classes: number, smoothing = 0): ClassificationBatch {
  const targets = targetsOf(reference, classes, smoothing);
  return { size: targets.length / classes, images: reference.tensor('imgs').data, targets };
}

const finetuning = z.object({
  lr: z.number(),
  weight_decay: z.number(),
  layer_decay: z.number(),
  smoothing: z.number().default(0),
});

describe.each(['e_vit_gap', 'f_vit_cls'])('fine-tuning as in %s', async (name) => {
  const reference = await loadReferenceCase(name);
  const { config, spec } = classificationCase(reference);
  const { lr: learningRate, weight_decay, layer_decay, smoothing } = finetuning.parse(reference.config);
  const pooling = config.global_pool ? 'mean' : 'class-token';
  const batch = batchOf(reference, config.num_classes, smoothing);
  let model: CompiledModelFolder;

  beforeAll(async () => {
    model = await compileToFolder({
      ...spec,
      ...(spec.finetune ? { finetune: { ...spec.finetune, classes: config.num_classes, pooling } } : {}),
    });
  });
  afterAll(() => model.remove());

  it.each(Object.entries(ENGINES))(
    '%s computes and trains as PyTorch does',
    { timeout: TIMEOUT },
    async (_, open) => {
      const engine = await openEngine(open, model, 'finetune');
      onTestFinished(() => engine.dispose());
      const parameters = model.spec.classifiers.finetune?.parameters ?? [];
      await engine.loadParameters(parameters.map((parameter) => reference.tensor(parameter.name)));
      const { logits, features } = await engine.classify(batch.images, batch.size);
      expect(relativeDeviation(logits, reference.float64('logits'))).toBeLessThan(OUTPUT_TOLERANCE);
      expect(relativeDeviation(features, reference.float64('features'))).toBeLessThan(OUTPUT_TOLERANCE);
      const scales = rateScales(parameters, config.depth, layer_decay);
      const settings = {
        kind: 'adamw',
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: weight_decay,
      } as const;
      const losses = reference.float64('step_losses');
      for (let step = 1; step <= 3; step++) {
        const loss = await engine.accumulate(batch, 1);
        // Adam makes more of rounding errors from step to step.
        const tolerance = step === 1 ? LOSS_TOLERANCE : OUTPUT_TOLERANCE;
        expect(relativeDeviation([loss], losses.subarray(step - 1, step))).toBeLessThan(tolerance);
        if (step === 1) checkGradients(await engine.readGradients(), reference);
        await engine.update({ ...settings, learningRate, rateScales: scales });
        if (step === 2) continue;
        const stepped = { steps: step, learningRate, epsilon: 1e-8, rateScales: scales };
        checkAdamParameters(await engine.readParameters(), reference, stepped);
      }
    },
  );
});

const probing = z.object({ lr: z.number() });

describe('linear probing as in g_linprobe', async () => {
  const reference = await loadReferenceCase('g_linprobe');
  const { config, spec } = classificationCase(reference);
  const { lr: learningRate } = probing.parse(reference.config);
  const batch = batchOf(reference, config.num_classes);
  let model: CompiledModelFolder;

  beforeAll(async () => {
    model = await compileToFolder({
      ...spec,
      ...(spec.linearProbe
        ? { linearProbe: { ...spec.linearProbe, classes: config.num_classes, pooling: 'class-token' } }
        : {}),
    });
  });
  afterAll(() => model.remove());

  it.each(Object.entries(ENGINES))(
    '%s computes and trains as PyTorch does',
    { timeout: TIMEOUT },
    async (_, open) => {
      const engine = await openEngine(open, model, 'linear-probe');
      onTestFinished(() => engine.dispose());
      const parameters = model.spec.classifiers['linear-probe']?.parameters ?? [];
      await engine.loadParameters(parameters.map((parameter) => reference.tensor(parameter.name)));
      const inUse = async () => (await engine.classify(batch.images, batch.size)).logits;
      expect(relativeDeviation(await inUse(), reference.float64('eval_logits'))).toBeLessThan(
        OUTPUT_TOLERANCE,
      );
      const losses = reference.float64('step_losses');
      for (let step = 1; step <= 3; step++) {
        const loss = await engine.accumulate(batch, 1);
        expect(relativeDeviation([loss], losses.subarray(step - 1, step))).toBeLessThan(LOSS_TOLERANCE);
        if (step === 1) checkGradients(await engine.readGradients(), reference);
        await engine.update({ kind: 'lars', momentum: 0.9, trust: 0.001, weightDecay: 0, learningRate });
        if (step === 2) continue;
        for (const { name, data } of await engine.readParameters()) {
          // The frozen encoder stays bit for bit; the head and the statistics are as recorded.
          if (!name.startsWith('head.')) expect(data, name).toEqual(reference.tensor(name).data);
          else {
            const recorded = reference.float64(`step${step}.${name}`);
            expect(relativeDeviation(data, recorded), name).toBeLessThan(OUTPUT_TOLERANCE);
          }
        }
        for (const { name, data } of (await engine.readOptimizerState()).firstMoments) {
          const recorded = reference.float64(`mu${step}.${name}`);
          expect(relativeDeviation(data, recorded), name).toBeLessThan(OUTPUT_TOLERANCE);
        }
      }
      expect(relativeDeviation(await inUse(), reference.float64('step3_eval_logits'))).toBeLessThan(
        OUTPUT_TOLERANCE,
      );
    },
  );
});
