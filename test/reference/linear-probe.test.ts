import { describe, expect, it } from 'vitest';
import { linearProbeGraph } from '../../compiler/model/linear-probe.ts';
import { differentiate } from '../../compiler/passes/differentiate.ts';
import { foldGelu } from '../../compiler/passes/fold-gelu.ts';
import { simplify } from '../../compiler/passes/simplify.ts';
import { classificationCase } from '../support/reference-config.ts';
import { officialGradient, storedParameters } from '../support/reference-parameters.ts';
import { openGraph } from '../support/run-graph.ts';
import { loadReferenceCase, relativeDeviation } from './reference-case.ts';

// A few times what PyTorch's own float32 run deviates from the recorded float64 one.
const TOLERANCE = 2e-6;

const reference = await loadReferenceCase('g_linprobe');
const { config, spec } = classificationCase(reference);
const options = { classes: config.num_classes, pooling: 'class-token' } as const;
const training = differentiate(foldGelu(linearProbeGraph(spec, options)));
const images = reference.tensor('imgs').data;
const targets = new Float32Array(config.batch * config.num_classes);
Array.from(reference.float64('labels')).forEach((label, row) => {
  targets[row * config.num_classes + label] = 1;
});

describe('reference case g_linprobe', () => {
  it('yields the recorded features, logits, loss and gradients of the head alone', async () => {
    const run = await openGraph(training, config.batch);
    const feeds = { images, targets, ...storedParameters(training, reference) };
    const results = await run({ ...feeds, 'loss-weight': Float32Array.of(1) });
    for (const name of ['features', 'logits']) {
      expect(relativeDeviation(results[name] ?? [], reference.tensor(name).data), name).toBeLessThan(
        TOLERANCE,
      );
    }
    expect(relativeDeviation(results.loss ?? [], reference.float64('loss'))).toBeLessThan(5e-7);
    const gradients = Object.keys(results).filter((name) => name.startsWith('gradient:'));
    expect(gradients.sort()).toEqual(['gradient:head.1.bias', 'gradient:head.1.weight']);
    for (const name of ['head.1.weight', 'head.1.bias']) {
      const official = officialGradient(training, results, name);
      const recorded = reference.tensor(`grad.${name}`).data;
      expect(relativeDeviation(official, recorded), name).toBeLessThan(TOLERANCE);
    }
  });

  it('yields the recorded running statistics of the next step', async () => {
    const run = await openGraph(training, config.batch);
    const feeds = { images, targets, ...storedParameters(training, reference) };
    const results = await run({ ...feeds, 'loss-weight': Float32Array.of(1) });
    for (const [output, name] of [
      ['next-running-mean', 'head.0.running_mean'],
      ['next-running-variance', 'head.0.running_var'],
    ] as const) {
      const recorded = reference.tensor(`step1.${name}`).data;
      expect(relativeDeviation(results[output] ?? [], recorded), name).toBeLessThan(TOLERANCE);
    }
  });

  it('classifies by the running statistics when it is used', async () => {
    const graph = simplify(linearProbeGraph(spec, options, 'inference'));
    const run = await openGraph(graph, config.batch);
    const { logits } = await run({ images, ...storedParameters(graph, reference) });
    expect(relativeDeviation(logits ?? [], reference.tensor('eval_logits').data)).toBeLessThan(TOLERANCE);
  });

  it('has no backward pass through the encoder', () => {
    const backward = training.nodes.filter(({ phase }) => phase === 'backward');
    expect(backward.filter(({ scope }) => scope.path.startsWith('encoder'))).toEqual([]);
    expect(backward.length).toBeGreaterThan(0);
  });
});
