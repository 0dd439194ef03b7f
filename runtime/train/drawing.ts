import { readFile } from 'node:fs/promises';
import { evenlySpread, type Pictures, readForEvaluation } from '../data/pictures.ts';
import type { PretrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { drawLossCurve } from '../view/loss-curve.ts';
import { drawReconstruction } from '../view/reconstruction.ts';
import { drawMasking } from './draw-masking.ts';
import type { RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import type { RunRecorder } from './run-recorder.ts';

/** How many pictures are drawn while training. */
const DRAWN = 8;

/** Pictures that a model is shown with removed patches, always the same ones. */
export interface DrawingSample {
  /** [labels.length, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** Which pictures of the folder they are. */
  readonly indices: readonly number[];
  /** Their names. */
  readonly labels: readonly string[];
}

/** Some pictures from all over a folder, their centres. */
export async function sampleOf(pictures: Pictures, count: number): Promise<DrawingSample> {
  const { images, indices } = await readForEvaluation(pictures, evenlySpread(pictures.count, count));
  return { images, indices, labels: indices.map((index) => pictures.source.name(index)) };
}

/** The sample with patches removed as the keys say, and the engine's prediction, as a PNG file. */
export async function drawSample(options: {
  readonly engine: PretrainingEngine;
  readonly spec: Pick<CompiledSpec, 'model' | 'tokens'>;
  readonly sample: DrawingSample;
  readonly seed: number;
  readonly caption: string;
  readonly path: string;
}): Promise<void> {
  const { engine, spec, sample, seed, caption, path } = options;
  const { images, indices, labels } = sample;
  const masking = drawMasking(spec, indices, 'drawing', seed);
  const { prediction, mask } = await engine.reconstruct({ size: indices.length, images, masking });
  await drawReconstruction({ model: spec.model, images, prediction, mask, caption, labels, path });
}

export interface DrawnRun {
  readonly spec: Pick<CompiledSpec, 'model' | 'tokens'>;
  readonly files: RunFiles;
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly pictures: Pictures;
  readonly recorder: RunRecorder;
}

/** Draws how far a run is: its reconstructions and its losses. */
export class RunDrawing {
  readonly #run: DrawnRun;
  readonly #engine: PretrainingEngine;
  readonly #sample: DrawingSample;

  private constructor(run: DrawnRun, engine: PretrainingEngine, sample: DrawingSample) {
    this.#run = run;
    this.#engine = engine;
    this.#sample = sample;
  }

  /** Reads the pictures that will be drawn. @throws UserError when none can be decoded. */
  static async open(run: DrawnRun, engine: PretrainingEngine): Promise<RunDrawing> {
    return new RunDrawing(run, engine, await sampleOf(run.pictures, DRAWN));
  }

  /** Draws both pictures. What goes wrong is a warning: a drawing is no reason to end a run. */
  async draw(): Promise<void> {
    const { recorder } = this.#run;
    try {
      await this.#drawReconstruction();
      await this.#drawLosses();
    } catch (error) {
      recorder.view.warn(`nothing was drawn: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #drawReconstruction(): Promise<void> {
    const { spec, files, recipe, length, recorder } = this.#run;
    const epoch = Number((recorder.step / length.stepsPerEpoch).toFixed(2));
    const loss = Number.isNaN(recorder.smoothedLoss) ? '' : ` · loss ${recorder.smoothedLoss.toFixed(4)}`;
    await drawSample({
      engine: this.#engine,
      spec,
      sample: this.#sample,
      seed: recipe.seed,
      caption: `epoch ${epoch} of ${recipe.epochs} · step ${recorder.step}${loss}`,
      path: files.reconstruction,
    });
    recorder.events?.image(recorder.step, 'reconstruction', await readFile(files.reconstruction));
    recorder.events?.flush();
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
}
