import type { NamedTensor } from '../engine/engine.ts';
import type { CompiledParameter, CompiledSpec } from '../model/compiled-spec.ts';
import type { NamedGraph } from '../model/load-spec.ts';
import { type ClassifierTraining, classifierOf } from '../model/trained-model.ts';
import { readCheckpointFacts, readWeights } from '../weights/checkpoint.ts';
import type { CheckpointValues } from '../weights/checkpoint-values.ts';
import { loadClassifier, trainingOf } from '../weights/classifier-weights.ts';
import { withWeights } from '../weights/open-weights.ts';

/** The graphs that run without training; `classifier` is that of fine-tuning or of linear probing. */
export const EXPORTED_GRAPHS = ['encoder', 'masked-autoencoder', 'classifier'] as const;
export type ExportedGraphName = (typeof EXPORTED_GRAPHS)[number];

/** Weights with the parameters that they are of. */
export interface ExportedWeights {
  readonly parameters: readonly CompiledParameter[];
  readonly weights: readonly NamedTensor[];
  /** Which of the file's weights these are. */
  readonly values: CheckpointValues;
  /** What the file says of them besides. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Which weights of a checkpoint; what it says itself where something is left out. */
export interface WeightsChoice {
  readonly training: ClassifierTraining | 'pretrain' | undefined;
  readonly values: CheckpointValues | undefined;
}

/** A graph to be exported, with the training whose weights it takes. */
export interface ExportedGraph {
  readonly graph: NamedGraph;
  readonly training: ClassifierTraining | 'pretrain';
}

/** The graph of that name; which classifier it is, the checkpoint says where the option does not. */
export async function exportedGraph(
  spec: CompiledSpec,
  checkpoint: string,
  name: ExportedGraphName,
  training?: ClassifierTraining,
): Promise<ExportedGraph> {
  if (name !== 'classifier') return { graph: { name, graph: spec.graphs[name] }, training: 'pretrain' };
  const kind = training ?? (await trainingOf(checkpoint)) ?? 'finetune';
  const graph = classifierOf(spec, kind).classifier.graphs.classifier;
  return { graph: { name: `${kind} classifier`, graph }, training: kind };
}

/**
 * All weights of a checkpoint: those of its classifier if it has one and `training` does not say otherwise; the running means of them
 * if it has any and `values` does not say otherwise.
 * @throws UserError where the checkpoint is of something else.
 */
export async function exportedWeights(
  spec: CompiledSpec,
  checkpoint: string,
  { training, values: wanted }: WeightsChoice,
): Promise<ExportedWeights> {
  const kind = training ?? (await readCheckpointFacts(checkpoint))?.training ?? 'pretrain';
  if (kind !== 'pretrain') return classifierWeights(spec, checkpoint, kind, wanted);
  const { parameters } = spec;
  return withWeights(
    checkpoint,
    async (opened) => ({
      parameters,
      weights: await readWeights(opened, spec),
      values: opened.values,
      metadata: {},
    }),
    wanted,
  );
}

async function classifierWeights(
  spec: CompiledSpec,
  checkpoint: string,
  training: ClassifierTraining,
  wanted: CheckpointValues | undefined,
): Promise<ExportedWeights> {
  const { classifier } = classifierOf(spec, training);
  const {
    parameters: weights,
    values,
    classNames,
  } = await loadClassifier(checkpoint, spec, classifier, wanted);
  return {
    parameters: classifier.parameters,
    weights,
    values,
    metadata: classNames ? { classes: JSON.stringify(classNames) } : {},
  };
}
