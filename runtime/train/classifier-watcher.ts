import { readFile } from 'node:fs/promises';
import { evenlySpread, type Pictures, readForEvaluation } from '../data/pictures.ts';
import { labelsOf } from '../data/source.ts';
import type { ClassifierEngine } from '../engine/engine.ts';
import { drawConfusion } from '../evaluate/confusion-picture.ts';
import { evaluateClassifier } from '../evaluate/evaluate-classifier.ts';
import type { ClassificationSummary } from '../evaluate/metrics.ts';
import { predictionsOf, probabilitiesOf } from '../evaluate/predictions.ts';
import { drawPredictions } from '../evaluate/predictions-picture.ts';
import { formatShare } from '../evaluate/tables.ts';
import type { PredictedExample } from '../evaluate/verdict.ts';
import { drawLossCurve } from '../view/loss-curve.ts';
import { type ReportedClassifier, reportClassifier } from './classification-report.ts';
import { epochPosition } from './run-length.ts';
import type { RunWatcher } from './run-plan.ts';
import type { EpochEvaluation, RunRecorder } from './run-recorder.ts';

export interface WatchedClassifier extends Omit<ReportedClassifier, 'engine'> {
  /** Pictures that the classifier is measured on; none for no evaluation. */
  readonly validation: Pictures | undefined;
  readonly recorder: RunRecorder;
  /** Epochs between evaluations. */
  readonly evaluateEvery: number;
  readonly signal?: AbortSignal;
}

/** How many pictures the test-time picture shows. */
const SHOWN = 24;

/** Pictures that are classified at once: enough to keep the cores busy, few enough for any model's memory. */
const EVALUATION_BATCH = 32;

/**
 * Measures, draws and reports a run that trains a classifier. Throws a `UserError` when no picture can be read, of those for validation
 * or of the others: the former would show only after the first epoch.
 */
export async function watchClassifier(run: WatchedClassifier, engine: ClassifierEngine): Promise<RunWatcher> {
  const { pictures, validation, recipe } = run;
  for (const source of [pictures, validation]) {
    if (source !== undefined) await readForEvaluation(source, [0], recipe.testCrop);
  }
  return new ClassifierWatcher(run, engine);
}

class ClassifierWatcher implements RunWatcher {
  readonly #run: WatchedClassifier;
  readonly #engine: ClassifierEngine;
  #latest: { readonly step: number; readonly summary: ClassificationSummary } | undefined;

  constructor(run: WatchedClassifier, engine: ClassifierEngine) {
    this.#run = run;
    this.#engine = engine;
  }

  readonly endEpoch: NonNullable<RunWatcher['endEpoch']> = async (step) => {
    const { validation, evaluateEvery, length, classifier } = this.#run;
    const { epoch } = epochPosition(length, step);
    const isDue = epoch % evaluateEvery === 0 || step >= length.steps;
    if (validation === undefined || !isDue) return undefined;
    const summary = await this.#evaluate(validation, step);
    if (summary === undefined) return 'cut short';
    const { loss, top1, top5 } = summary;
    const evaluation: EpochEvaluation = {
      loss,
      top1,
      top5,
      trainableParameters: classifier.cost.parameters.trainable,
    };
    return evaluation;
  };

  /** What goes wrong is a warning: a drawing is no reason to end a run. */
  readonly draw = async (): Promise<void> => {
    const { recorder } = this.#run;
    try {
      await this.#drawLosses();
      await this.#drawPredictions();
      await this.#drawConfusion();
    } catch (error) {
      recorder.view.warn(`nothing was drawn: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  readonly report: RunWatcher['report'] = (state, reason) => {
    const reported = { ...this.#run, engine: this.#engine.description };
    return reportClassifier(reported, this.#run.recorder, this.#latest?.summary, state, reason);
  };

  /** By the averages of the parameters where there are any; undefined when it was cut short. */
  async #evaluate(pictures: Pictures, step: number): Promise<ClassificationSummary | undefined> {
    const { recipe, recorder, signal } = this.#run;
    const summary = await this.#withAverages(() =>
      evaluateClassifier({
        engine: this.#engine,
        pictures,
        classes: recipe.classes,
        testCrop: recipe.testCrop,
        batch: EVALUATION_BATCH,
        onBatch: (done, count) => recorder.view.progress(`evaluating  ${done}/${count} pictures`),
        ...(signal ? { signal } : {}),
      }),
    );
    if (signal?.aborted) return undefined;
    this.#latest = { step, summary };
    return summary;
  }

  async #withAverages<Result>(use: () => Promise<Result>): Promise<Result> {
    if (this.#run.recipe.ema === 0) return use();
    await this.#engine.useAverages(true);
    try {
      return await use();
    } finally {
      await this.#engine.useAverages(false);
    }
  }

  get #caption(): string {
    const { recorder, recipe, length } = this.#run;
    const epoch = Number((recorder.step / length.stepsPerEpoch).toFixed(2));
    const accuracy = this.#latest ? ` · top-1 ${formatShare(this.#latest.summary.top1)}` : '';
    return `${recipe.name} · epoch ${epoch} of ${recipe.epochs}${accuracy}`;
  }

  async #drawLosses(): Promise<void> {
    const { spec, files, recipe, length, recorder } = this.#run;
    await drawLossCurve({
      points: recorder.losses,
      title: spec.model.name,
      caption: `${recipe.name} · step ${recorder.step} of ${length.steps} · batch ${recipe.batch}`,
      path: files.lossCurve,
    });
  }

  async #drawPredictions(): Promise<void> {
    const { validation, pictures, spec, classNames, files, recorder, recipe } = this.#run;
    const source = validation ?? pictures;
    const chosen = evenlySpread(source.count, SHOWN);
    const { images, indices } = await readForEvaluation(source, chosen, recipe.testCrop);
    const { logits } = await this.#withAverages(() => this.#engine.classify(images, indices.length));
    const examples = examplesOf({ logits, images, indices, source, classes: recipe.classes });
    const path = files.predictions;
    await drawPredictions({ model: spec.model, examples, classNames, caption: this.#caption, path });
    recorder.events?.image(recorder.step, 'predictions', await readFile(path));
    recorder.events?.flush();
  }

  async #drawConfusion(): Promise<void> {
    const { files, classNames, spec } = this.#run;
    if (this.#latest === undefined) return;
    await drawConfusion({
      summary: this.#latest.summary,
      classNames,
      title: spec.model.name,
      caption: this.#caption,
      path: files.confusion,
    });
  }
}

export interface Predicted {
  /** [indices.length, classes]. */
  readonly logits: Float32Array;
  /** [indices.length, channels, height, width]. */
  readonly images: Float32Array;
  readonly indices: readonly number[];
  readonly source: Pictures;
  readonly classes: number;
}

/** Pictures with what a classifier said of them, for `drawPredictions`. */
export function examplesOf({ logits, images, indices, source, classes }: Predicted): PredictedExample[] {
  const { classes: predicted, probabilities } = predictionsOf(logits, classes);
  const labels = labelsOf(source.source, indices);
  const truthProbabilities = probabilitiesOf(logits, classes, labels);
  const pixels = images.length / indices.length;
  return indices.map((index, row) => {
    const truth = labels[row] ?? -1;
    return {
      picture: images.subarray(row * pixels, (row + 1) * pixels),
      predicted: predicted[row] ?? -1,
      probability: probabilities[row] ?? Number.NaN,
      ...(truth >= 0 ? { truth, truthProbability: truthProbabilities[row] ?? Number.NaN } : {}),
      name: source.source.name(index),
    };
  });
}
