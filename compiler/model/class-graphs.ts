import type { Graph } from '../ir/graph.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { type ClassifierOptions, classifierGraph } from './classifier.ts';
import { recordedSizes } from './image-patches.ts';
import { type LinearProbeOptions, linearProbeGraph } from './linear-probe.ts';
import { featuresGraph, maskedAutoencoderClassGraph } from './masked-autoencoder.ts';

/** What the classes of `model.ts` are made of: in use they take the pictures that the spec accepts, in training those of its size. */
export function pretrainingClassGraphs(spec: ModelSpec): Graph[] {
  return [
    ...recordedSizes(spec).map((sizes) => featuresGraph(spec, sizes)),
    maskedAutoencoderClassGraph(spec),
  ];
}

/** The same of `classifier.ts`. */
export function classifierClassGraphs(spec: ModelSpec, options: ClassifierOptions): Graph[] {
  return [
    ...recordedSizes(spec).map((sizes) => classifierGraph(spec, options, 'inference', sizes)),
    classifierGraph(spec, options, 'training'),
  ];
}

/** The same of `linear-classifier.ts`. */
export function linearProbeClassGraphs(spec: ModelSpec, options: LinearProbeOptions): Graph[] {
  return [
    ...recordedSizes(spec).map((sizes) => linearProbeGraph(spec, options, 'inference', sizes)),
    linearProbeGraph(spec, options, 'training'),
  ];
}
