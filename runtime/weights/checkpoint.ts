import { createReadStream } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import type { NamedTensor, OptimizerKind, OptimizerState } from '../engine/engine.ts';
import { OPTIMIZER_TRAITS } from '../engine/optimizer/kinds.ts';
import { writeAtomically } from '../files.ts';
import type { CompiledParameter, CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { TRAINING_NAMES, type TrainedModel, type Training } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import {
  AVERAGE,
  formatMetadata,
  OPTIMIZER,
  readMetadata,
  type TrainingMetadata,
} from './checkpoint-metadata.ts';
import type { CheckpointValues } from './checkpoint-values.ts';
import { requireFinite } from './finite.ts';
import { drawsNumbers, initialTensor } from './initialize.ts';
import {
  ARCHITECTURE,
  CLASSIFIED_MODEL,
  modelDifferences,
  tensorDifferences,
  WHOLE_MODEL,
} from './model-differences.ts';
import { type OpenedWeights, withWeights } from './open-weights.ts';
import { SafetensorsFile, writeSafetensors } from './safetensors.ts';
import type { SourceTensor } from './weight-source.ts';

/**
 * A training checkpoint is one safetensors file: the weights under their official names, in the official
 * layout, so that any reader of PyTorch weights can use it; the optimizer's moments as
 * `optimizer.first_moment.<name>` and `optimizer.second_moment.<name>`, the latter only where it has any; averages of the
 * parameters, if they are kept, as `optimizer.average.<name>`; and the rest of what resuming needs as texts in its metadata.
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
  /** Moving averages of all trainable parameters, where a run keeps them. */
  readonly averages?: readonly NamedTensor[];
  readonly position: TrainingPosition;
  /** The recipe as it is trained, overrides included; its seed is the run's. */
  readonly recipe: CompiledRecipe;
  readonly log: RunningStatistics;
  /** Of a classifier. */
  readonly classNames?: readonly string[];
}

/** What is saved: a checkpoint, the spec that it belongs to, and the engine's description for the record. */
export interface CheckpointContents extends Checkpoint {
  readonly spec: TrainedModel;
  readonly engine: string;
}

/** Bytes that are copied at a time. */
const COPIED_BYTES = 8 * 1024 * 1024;

const FIRST_MOMENT = `${OPTIMIZER}first_moment.`;
const SECOND_MOMENT = `${OPTIMIZER}second_moment.`;

/**
 * Writes a checkpoint atomically: after a failure (disk full, no permission; a `UserError`) or a crash at any
 * moment, what was at `path` before is still there, whole.
 */
export async function saveCheckpoint(path: string, contents: CheckpointContents): Promise<void> {
  const { spec, optimizer, position, averages = [] } = contents;
  if (optimizer.step !== position.step) {
    throw new Error(`the optimizer took ${optimizer.step} steps, the position says ${position.step}`);
  }
  const tensors = [
    ...contents.parameters,
    ...optimizer.firstMoments.map((moment) => prefixed(FIRST_MOMENT, moment)),
    ...optimizer.secondMoments.map((moment) => prefixed(SECOND_MOMENT, moment)),
    ...averages.map((average) => prefixed(AVERAGE, average)),
  ];
  const expected = expectedTensors(spec, optimizer.kind, averages.length > 0);
  const wrong = tensorDifferences(tensors, expected);
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
 * damaged, holds weights only, or belongs to another model or, if one is given, another optimizer; the message names what
 * differs.
 */
export async function loadCheckpoint(
  path: string,
  spec: TrainedModel,
  optimizer?: OptimizerKind,
): Promise<Checkpoint> {
  const file = await SafetensorsFile.open(path);
  try {
    const training = readMetadata(file);
    if (training === undefined) {
      throw new UserError(
        `${path} holds weights only: there is no optimizer state to resume from`,
        'resume from a checkpoint that a training run saved',
      );
    }
    const { position, recipe, log, optimizer: kind, lossScale, classNames } = training;
    refuseTraining(path, training.training, spec.training ?? 'pretrain');
    if (optimizer !== undefined) refuseOptimizer(path, kind, optimizer);
    const hasAverages = [...file.tensors.keys()].some((name) => name.startsWith(AVERAGE));
    refuse(file, spec, [
      ...modelDifferences(training.model, spec.model, PARTS[training.training]),
      ...tensorDifferences(file.tensors.values(), expectedTensors(spec, kind, hasAverages)),
    ]);
    const trainable = spec.parameters.filter((parameter) => parameter.trainable);
    const { secondMoments } = OPTIMIZER_TRAITS[kind];
    return {
      parameters: await readTensors(file, '', spec.parameters),
      optimizer: {
        kind,
        step: position.step,
        firstMoments: await readTensors(file, FIRST_MOMENT, trainable),
        secondMoments: await readTensors(file, SECOND_MOMENT, secondMoments ? trainable : []),
        ...(lossScale ? { lossScale } : {}),
      },
      ...(hasAverages ? { averages: await readTensors(file, AVERAGE, trainable) } : {}),
      position,
      recipe,
      log,
      ...(classNames ? { classNames } : {}),
    };
  } finally {
    await file.close();
  }
}

/** What a checkpoint says of its training; undefined for a file that is none. */
export async function readCheckpointFacts(path: string): Promise<TrainingMetadata | undefined> {
  return withWeights(path, async ({ format }) => {
    if (format !== 'checkpoint') return undefined;
    const file = await SafetensorsFile.open(path);
    try {
      return readMetadata(file);
    } finally {
      await file.close();
    }
  });
}

/**
 * Reads the model's weights, in the order of its spec, from a checkpoint or from any file of weights that
 * `openWeights` reads, of just the model's shapes. Of a checkpoint with running means these are read, unless `values` says otherwise.
 * Frozen position tables may be missing: they are computed. Throws a `UserError` as `loadCheckpoint` does; how the checkpoint was
 * trained (mask, loss) may differ.
 */
export async function loadWeights(
  path: string,
  spec: CompiledSpec,
  values?: CheckpointValues,
): Promise<NamedTensor[]> {
  return withWeights(path, (weights) => readWeights(weights, spec), values);
}

/** Reads the model's weights as `loadWeights` does, from a file that is open. */
export async function readWeights(weights: OpenedWeights, spec: CompiledSpec): Promise<NamedTensor[]> {
  const expected = spec.parameters.filter(
    (parameter) => weights.tensors.has(parameter.name) || !isComputed(parameter),
  );
  refuse(weights, spec, [
    ...(weights.model ? modelDifferences(weights.model, spec.model, ARCHITECTURE) : []),
    ...tensorDifferences(weights.tensors.values(), expected),
  ]);
  const tensors: NamedTensor[] = [];
  for (const parameter of spec.parameters) {
    const found = weights.tensors.get(parameter.name);
    tensors.push(found ? await readSource(weights.path, found) : initialTensor(parameter, 0));
  }
  return tensors;
}

async function readSource(path: string, { name, shape, read }: SourceTensor): Promise<NamedTensor> {
  const data = await read();
  requireFinite(path, name, data);
  return { name, shape, data };
}

/** Whether a parameter's value follows from the spec alone. */
function isComputed(parameter: CompiledParameter): boolean {
  return !parameter.trainable && !drawsNumbers(parameter.initializer);
}

/** Throws when there are differences between the file's model and the one that it is wanted for. */
function refuse(
  file: Pick<OpenedWeights, 'path' | 'metadata'>,
  spec: TrainedModel,
  differences: readonly string[],
): void {
  if (differences.length === 0) return;
  const model = file.metadata.get('model');
  throw new UserError(
    `${file.path} is of another model${model ? ` (${model})` : ''} than ${spec.model.name}: ${differences.join('; ')}`,
    'use the model that it was trained as, or a checkpoint of this one',
  );
}

/** The parts of a model that a training depends on. */
const PARTS = {
  pretrain: WHOLE_MODEL,
  finetune: CLASSIFIED_MODEL,
  'linear-probe': CLASSIFIED_MODEL,
} satisfies Record<Training, unknown>;

/** Throws when the run in the file trains the model for something else. */
function refuseTraining(path: string, found: Training, wanted: Training): void {
  if (found === wanted) return;
  throw new UserError(
    `the run in ${path} is one of ${TRAINING_NAMES[found]}, not of ${TRAINING_NAMES[wanted]}`,
    `start a run of ${TRAINING_NAMES[wanted]} from its weights: --from ${path} --out DIR`,
  );
}

/** Throws when the run in the file is trained with another optimizer than is wanted. */
function refuseOptimizer(path: string, found: OptimizerKind, wanted: OptimizerKind): void {
  if (found === wanted) return;
  const { [found]: its, [wanted]: other } = OPTIMIZER_TRAITS;
  throw new UserError(
    `the run in ${path} is trained with ${its.label}; ${other.label} cannot go on from its state`,
    `resume it with ${its.label}, or start another run from its weights: --from ${path} --out DIR`,
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

/** Every tensor of a checkpoint: parameters, moments of that kind of optimizer, averages. */
function expectedTensors(
  spec: TrainedModel,
  optimizer: OptimizerKind,
  averages: boolean,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const trainable = spec.parameters.filter((parameter) => parameter.trainable);
  const prefixes = [
    FIRST_MOMENT,
    ...(OPTIMIZER_TRAITS[optimizer].secondMoments ? [SECOND_MOMENT] : []),
    ...(averages ? [AVERAGE] : []),
  ];
  return [
    ...spec.parameters,
    ...prefixes.flatMap((prefix) => trainable.map(({ name, shape }) => ({ name: prefix + name, shape }))),
  ];
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
  const data = await file.read(prefix + parameter.name);
  requireFinite(file.path, prefix + parameter.name, data);
  return { name: parameter.name, shape: parameter.shape, data };
}
