import { describe, expect, it } from 'vitest';
import { classifierGraph } from '../../compiler/model/classifier.ts';
import { differentiate } from '../../compiler/passes/differentiate.ts';
import { foldGelu } from '../../compiler/passes/fold-gelu.ts';
import { classificationCase } from '../support/reference-config.ts';
import { officialGradient, storedParameters } from '../support/reference-parameters.ts';
import { openGraph } from '../support/run-graph.ts';
import { loadReferenceCase, referenceCaseNames, relativeDeviation } from './reference-case.ts';

const OUTPUT_TOLERANCE = 2e-6;
const LOSS_TOLERANCE = 5e-7;

const names = await referenceCaseNames();
const references = await Promise.all(names.map((name) => loadReferenceCase(name)));
const cases = references.filter(({ kind }) => kind === 'vit_finetune');

/** Label smoothing as timm's: confidence on the label plus an equal share for every class. */
function smoothedTargets(labels: ArrayLike<number>, classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  Array.from(labels).forEach((label, row) => {
    targets[row * classes + label] = 1 - smoothing + smoothing / classes;
  });
  return targets;
}

describe.each(cases.map((reference) => [reference.name, reference] as const))(
  'reference case %s',
  (_, reference) => {
    const { config, spec } = classificationCase(reference);
    const pooling = config.global_pool ? 'mean' : 'class-token';
    const graph = classifierGraph(spec, { classes: config.num_classes, pooling });
    const smoothing = Number(reference.config.smoothing ?? reference.config.label_smoothing ?? 0);
    const targets = smoothedTargets(reference.float64('labels'), config.num_classes, smoothing);
    const feeds = { images: reference.tensor('imgs').data, targets, ...storedParameters(graph, reference) };

    it('yields the recorded features, logits and loss', async () => {
      const { features, logits, loss } = await (await openGraph(graph, config.batch))(feeds);
      expect(relativeDeviation(features ?? [], reference.tensor('features').data)).toBeLessThan(
        OUTPUT_TOLERANCE,
      );
      expect(relativeDeviation(logits ?? [], reference.tensor('logits').data)).toBeLessThan(OUTPUT_TOLERANCE);
      expect(relativeDeviation(loss ?? [], reference.float64('loss'))).toBeLessThan(LOSS_TOLERANCE);
    });

    it('yields every recorded gradient, that of the trained positions too', async () => {
      const training = differentiate(foldGelu(graph));
      const run = await openGraph(training, config.batch);
      const results = await run({ ...feeds, 'loss-weight': Float32Array.of(1) });
      const recorded = reference.tensorNames.filter((name) => name.startsWith('grad.'));
      expect(training.parameters.map(({ name }) => `grad.${name}`).sort()).toEqual(recorded.sort());
      for (const parameter of training.parameters) {
        const expected = reference.tensor(`grad.${parameter.name}`).data;
        const official = officialGradient(training, results, parameter.name);
        // The key third of a qkv bias has a true gradient of zero; against the whole tensor its rounding noise is small.
        expect(relativeDeviation(official, expected), parameter.name).toBeLessThan(OUTPUT_TOLERANCE);
      }
    });
  },
);
