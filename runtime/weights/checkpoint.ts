import { createReadStream } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import type { NamedTensor, OptimizerState } from '../engine/engine.ts';
import { writeAtomically } from '../files.ts';
import type { CompiledParameter, CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { formatMetadata, readMetadata } from './checkpoint-metadata.ts';
import { drawsNumbers, initialTensor } from './initialize.ts';
import { ARCHITECTURE, modelDifferences, tensorDifferences, WHOLE_MODEL } from './model-differences.ts';
import { SafetensorsFile, writeSafetensors } from './safetensors.ts';

/**
 * A training checkpoint is one safetensors file: the weights under their official names, in the official
 * layout, so that any reader of PyTorch weights can use it; the optimizer's moments as
 * `optimizer.first_moment.<name>` and `optimizer.second_moment.<name>`; and the rest of what resuming needs
 * as texts in its metadata.
 */

/** How far a training run is. */
export interface TrainingPosition {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  /** Batches done of the epoch under way. */
  readonly batch: number;
}

/**
 * Running statistics that a resumed run goes on with, by name: a mean loss, a best loss, seconds of training.
 */
export type RunningStatistics = Readonly<Record<string, number>>;

/** Everything that a training run resumes from. */
export interface Checkpoint {
  /** Every parameter of the model, frozen ones too, in the order of its spec. */
  readonly parameters: readonly NamedTensor[];
  readonly optimizer: OptimizerState;
  readonly position: TrainingPosition;
  /** The recipe as it is trained, overrides included; its seed is the run's. */
  readonly recipe: CompiledRecipe;
  readonly log: RunningStatistics;
}

/** What is saved: a checkpoint, the spec that it belongs to, and the engine's description for the record. */
export interface CheckpointContents extends Checkpoint {
  readonly spec: CompiledSpec;
  readonly engine: string;
}

/** Bytes that are copied at a time. */
const COPIED_BYTES = 8 * 1024 * 1024;

const OPTIMIZER = 'optimizer.';
const FIRST_MOMENT = `${OPTIMIZER}first_moment.`;
const SECOND_MOMENT = `${OPTIMIZER}second_moment.`;

/**
 * Writes a checkpoint atomically: after a failure (disk full, no permission; a `UserError`) or a crash at any
 * moment, what was at `path` before is still there, whole.
 */
export async function saveCheckpoint(path: string, contents: CheckpointContents): Promise<void> {
  const { spec, optimizer, position } = contents;
  if (optimizer.step !== position.step) {
    throw new Error(`the optimizer took ${optimizer.step} steps, the position says ${position.step}`);
  }
  const tensors = [
    ...contents.parameters,
    ...optimizer.firstMoments.map((moment) => prefixed(FIRST_MOMENT, moment)),
    ...optimizer.secondMoments.map((moment) => prefixed(SECOND_MOMENT, moment)),
  ];
  const wrong = tensorDifferences(tensors, [...spec.parameters, ...momentShapes(spec)]);
  if (wrong.length > 0) throw new Error(`not a checkpoint of ${spec.model.name}: ${wrong.join('; ')}`);
  await writeSafetensors(path, tensors, formatMetadata(contents));
}

/**
 * Keeps the checkpoint that was just saved at `last` as `best`, too, atomically: a second name for the same
 * bytes, which later checkpoints at `last` do not touch. Throws a `UserError` when it cannot be written.
 */
export async function keepAsBest(last: string, best: string): Promise<void> {
  const temporary = `${best}.partial`;
  try {
    await rm(temporary, { force: true });
    await link(last, temporary);
    await rename(temporary, best);
  } catch {
    // Some file systems (exFAT, some network shares) have no links.
    await writeAtomically(best, async (write) => {
      for await (const chunk of createReadStream(last, { highWaterMark: COPIED_BYTES })) await write(chunk);
    });
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/**
 * Reads a checkpoint of the model to resume from, whole or not at all. Throws a `UserError` when the file is
 * damaged, holds weights only, or belongs to another model; the message names what differs.
 */
export async function loadCheckpoint(path: string, spec: CompiledSpec): Promise<Checkpoint> {
  const file = await SafetensorsFile.open(path);
  try {
    const training = readMetadata(file);
    if (training === undefined) {
      throw new UserError(
        `${path} holds weights only: there is no optimizer state to resume from`,
        'resume from a checkpoint that a training run saved',
      );
    }
    const { position, recipe, log } = training;
    refuse(file, spec, [
      ...modelDifferences(training.model, spec.model, WHOLE_MODEL),
      ...tensorDifferences(file.tensors.values(), [...spec.parameters, ...momentShapes(spec)]),
    ]);
    const trainable = spec.parameters.filter((parameter) => parameter.trainable);
    return {
      parameters: await readTensors(file, '', spec.parameters),
      optimizer: {
        step: position.step,
        firstMoments: await readTensors(file, FIRST_MOMENT, trainable),
        secondMoments: await readTensors(file, SECOND_MOMENT, trainable),
      },
      position,
      recipe,
      log,
    };
  } finally {
    await file.close();
  }
}

/**
 * Reads the model's weights, in the order of its spec, from a checkpoint or from any safetensors file with
 * the official names and shapes. Frozen position tables may be missing: they are computed. Throws a
 * `UserError` as `loadCheckpoint` does; how the checkpoint was trained (mask, loss) may differ.
 */
export async function loadWeights(path: string, spec: CompiledSpec): Promise<NamedTensor[]> {
  const file = await SafetensorsFile.open(path);
  try {
    const training = readMetadata(file);
    const weights = [...file.tensors.values()].filter(({ name }) => !name.startsWith(OPTIMIZER));
    const expected = spec.parameters.filter(
      (parameter) => file.tensors.has(parameter.name) || !isComputed(parameter),
    );
    refuse(file, spec, [
      ...(training ? modelDifferences(training.model, spec.model, ARCHITECTURE) : []),
      ...tensorDifferences(weights, expected),
    ]);
    const tensors: NamedTensor[] = [];
    for (const parameter of spec.parameters) {
      const found = file.tensors.has(parameter.name);
      tensors.push(found ? await readTensor(file, '', parameter) : initialTensor(parameter, 0));
    }
    return tensors;
  } finally {
    await file.close();
  }
}

/** Whether a parameter's value follows from the spec alone. */
function isComputed(parameter: CompiledParameter): boolean {
  return !parameter.trainable && !drawsNumbers(parameter.initializer);
}

/** Throws when there are differences between the file's model and the one that it is wanted for. */
function refuse(file: SafetensorsFile, spec: CompiledSpec, differences: readonly string[]): void {
  if (differences.length === 0) return;
  const model = file.metadata.get('model');
  throw new UserError(
    `${file.path} is of another model${model ? ` (${model})` : ''} than ${spec.model.name}: ${differences.join('; ')}`,
    'use the model that it was trained as, or a checkpoint of this one',
  );
}

/** The tensor under a longer name; its data is asked for when it is written, not now. */
function prefixed(prefix: string, tensor: NamedTensor): NamedTensor {
  return {
    name: prefix + tensor.name,
    shape: tensor.shape,
    get data() {
      return tensor.data;
    },
  };
}

function momentShapes(spec: CompiledSpec): { name: string; shape: readonly number[] }[] {
  const trainable = spec.parameters.filter((parameter) => parameter.trainable);
  return [FIRST_MOMENT, SECOND_MOMENT].flatMap((prefix) =>
    trainable.map(({ name, shape }) => ({ name: prefix + name, shape })),
  );
}

async function readTensors(
  file: SafetensorsFile,
  prefix: string,
  parameters: readonly CompiledParameter[],
): Promise<NamedTensor[]> {
  const tensors: NamedTensor[] = [];
  for (const parameter of parameters) tensors.push(await readTensor(file, prefix, parameter));
  return tensors;
}

async function readTensor(
  file: SafetensorsFile,
  prefix: string,
  parameter: CompiledParameter,
): Promise<NamedTensor> {
  return { name: parameter.name, shape: parameter.shape, data: await file.read(prefix + parameter.name) };
}
