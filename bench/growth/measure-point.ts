import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadSpec } from '../../runtime/model/load-spec.ts';
import { trainingBytes } from '../../runtime/train/training-memory.ts';
import { nameOf, type Sizes, specText } from './axes.ts';
import { compilePoint, modelOf } from './compile-point.ts';
import type { StepMeasures } from './step-worker.ts';

/** What is measured of a point. */
export interface Amounts {
  /** Processor seconds of a step. */
  readonly step: number;
  /** Bytes that the step's process takes at most, above what it takes before it opens the model. */
  readonly memory: number;
  /** Processor seconds until the step's graph is a session. */
  readonly session: number;
  /** Processor seconds of compiling the model. */
  readonly compile: number;
}

export type Metric = keyof Amounts;

export interface Measured {
  readonly sizes: Sizes;
  readonly measured: Amounts;
  /**
   * What each is made of, counted: floating-point operations; parameters, gradients, moments and activations; bytes of the step's graph,
   * and of all that is generated. What was measured should grow like these.
   */
  readonly counted: Amounts;
}

export interface Effort {
  /** Compilations and steps of which the fastest counts. */
  readonly compilations: number;
  readonly steps: number;
  readonly threads: number;
}

/** Compiles a point below `folder`, and takes its steps in a process of its own. */
export async function measurePoint(sizes: Sizes, folder: string, effort: Effort): Promise<Measured> {
  const model = modelOf(specText(sizes));
  const directory = join(folder, nameOf(sizes));
  const { seconds: compile, bytes: generated } = compilePoint(model, directory, effort.compilations);
  const { session, step, bytes } = await takeSteps(directory, sizes.batch, effort);
  const { cost, recipes, graphs } = await loadSpec(directory);
  const { size: graphBytes } = statSync(join(directory, graphs['pretrain-gradients'].file));
  const emptyModel = { ...cost, parameters: { total: 0, trainable: 0 }, trainingActivationBytes: 0 };
  return {
    sizes,
    measured: { step, memory: bytes, session, compile },
    counted: {
      step: cost.trainingFlops * sizes.batch,
      memory: trainingBytes(cost, recipes.pretrain) - trainingBytes(emptyModel, recipes.pretrain),
      session: graphBytes,
      compile: generated,
    },
  };
}

async function takeSteps(
  directory: string,
  batch: number,
  { steps, threads }: Effort,
): Promise<StepMeasures> {
  const worker = fileURLToPath(new URL('step-worker.js', import.meta.url));
  const args = [worker, directory, ...[batch, steps, threads].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}
