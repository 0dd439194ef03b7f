import { labelsOf } from '../data/source.ts';
import { encoderFeatures, type FeatureOptions, featureWidth } from './encoder-features.ts';
import { ClassificationMetrics, type ClassificationSummary } from './metrics.ts';
import { FeatureBank, neighbourVotes } from './nearest-neighbours.ts';

export interface NeighbourOptions extends Omit<FeatureOptions, 'pictures' | 'onBatch'> {
  /** Labelled pictures that vote, and those whose class is looked for. */
  readonly known: FeatureOptions['pictures'];
  readonly asked: FeatureOptions['pictures'];
  readonly classes: number;
  /** How many neighbours vote. */
  readonly neighbours: number;
  readonly onBatch?: (what: 'known' | 'asked', done: number, count: number) => void;
}

/**
 * How well pictures are classified by those whose features are nearest, without any training: the cheap yardstick of features (Wu et al.
 * 2018; Caron et al. 2021). The summary's loss means nothing here: a class that no neighbour has gets no vote.
 */
export async function evaluateNeighbours(options: NeighbourOptions): Promise<ClassificationSummary> {
  const { known, asked, classes, neighbours, onBatch, spec, pooling } = options;
  const width = featureWidth(spec, pooling);
  const features = new Float32Array(known.count * width);
  const labels = new Int32Array(known.count);
  let rows = 0;
  const tell = (what: 'known' | 'asked') => (done: number, count: number) => onBatch?.(what, done, count);
  for await (const batch of encoderFeatures({ ...options, pictures: known, onBatch: tell('known') })) {
    for (const [row, index] of batch.indices.entries()) {
      // A broken picture has no features of its own, and another does not vote twice.
      if (index !== batch.wanted[row]) continue;
      features.set(batch.features.subarray(row * width, (row + 1) * width), rows * width);
      labels[rows++] = known.source.label(index) ?? -1;
    }
  }
  const bank = new FeatureBank(features.subarray(0, rows * width), width);
  const metrics = new ClassificationMetrics(classes);
  for await (const batch of encoderFeatures({ ...options, pictures: asked, onBatch: tell('asked') })) {
    const own = batch.indices.flatMap((index, row) => (index === batch.wanted[row] ? [row] : []));
    const queries = new Float32Array(own.length * width);
    own.forEach((row, place) => {
      queries.set(batch.features.subarray(row * width, (row + 1) * width), place * width);
    });
    const votes = neighbourVotes(bank.nearest(queries, neighbours), labels.subarray(0, rows), { classes });
    const indices = own.map((row) => batch.indices[row] ?? 0);
    metrics.add(votes, labelsOf(asked.source, indices));
  }
  return metrics.summary();
}
