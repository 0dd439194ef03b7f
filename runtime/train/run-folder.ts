import { access, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OPTIMIZER_TRAITS } from '../engine/optimizer/kinds.ts';
import { explainSystemError } from '../files.ts';
import type { CompiledParameter, CompiledRecipe } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { removeEventFiles } from '../view/tensorboard/event-file.ts';
import { formatBytes } from './format.ts';
import { readLog } from './run-log.ts';

/** The files of a training run. */
export interface RunFiles {
  readonly directory: string;
  readonly checkpoint: string;
  /** The checkpoint of the best epoch, of classifiers. */
  readonly best: string;
  readonly log: string;
  readonly reconstruction: string;
  /** Test pictures with what a classifier takes them for, and what it takes for what. */
  readonly predictions: string;
  readonly confusion: string;
  readonly lossCurve: string;
  /** The same, to be enlarged at will. */
  readonly lossCurveVector: string;
  /** All of it on one page. */
  readonly report: string;
  /** Folder of what TensorBoard reads. */
  readonly tensorBoard: string;
  /** Says which process trains into the folder, while one does. */
  readonly lock: string;
}

export function runFiles(directory: string): RunFiles {
  return {
    directory,
    checkpoint: join(directory, 'checkpoint.safetensors'),
    best: join(directory, 'best.safetensors'),
    log: join(directory, 'log.jsonl'),
    reconstruction: join(directory, 'reconstruction.png'),
    predictions: join(directory, 'predictions.png'),
    confusion: join(directory, 'confusion.png'),
    lossCurve: join(directory, 'loss.png'),
    lossCurveVector: join(directory, 'loss.svg'),
    report: join(directory, 'report.html'),
    tensorBoard: join(directory, 'tensorboard'),
    lock: join(directory, 'run.lock'),
  };
}

/** What a run does about one that is already in its folder. */
export type ExistingRun = 'refuse' | 'resume' | 'overwrite';

/**
 * Checks, before anything is trained, that the run can go into its folder, and makes the folder if need be. Nothing of an existing
 * run is touched. Throws a `UserError` when there is a run that may not be replaced, none to resume, or no permission.
 */
export async function checkRunFolder(files: RunFiles, existing: ExistingRun): Promise<void> {
  const { directory, checkpoint, log } = files;
  const hasCheckpoint = await exists(checkpoint);
  if (existing === 'resume' && !hasCheckpoint) {
    throw new UserError(
      `there is no run to resume in ${directory}: no checkpoint.safetensors`,
      'leave out --resume to start a run there, or name the folder of another one with --out',
    );
  }
  if (existing === 'refuse' && (hasCheckpoint || (await hasSteps(log)))) {
    throw new UserError(
      `${directory} already holds a run`,
      `${hasCheckpoint ? 'go on with it: --resume\n' : ''}keep it and train into another folder: --out DIR\nreplace it: --overwrite`,
    );
  }
  await checkWritable(directory);
}

async function checkWritable(directory: string): Promise<void> {
  const probe = join(directory, `.write-test.${process.pid}`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (error) {
    await rm(probe, { force: true }).catch(() => undefined);
    throw explainSystemError('train into', directory, error);
  }
}

/** Removes what an earlier run left in the folder, for a run that replaces it. Files that are not a run's stay. */
export async function clearRun(files: RunFiles): Promise<void> {
  const { directory, tensorBoard, lock: _, ...paths } = files;
  try {
    for (const path of Object.values(paths)) await rm(path, { force: true });
    await removeEventFiles(tensorBoard);
  } catch (error) {
    throw explainSystemError('replace the run in', directory, error);
  }
}

/**
 * Removes the unfinished files that a killed run left behind: they would fill the disk unseen. For the process that holds the
 * folder's lock: no other writes any.
 */
export async function removePartialFiles({ directory, ...files }: RunFiles): Promise<void> {
  const own = new Set(Object.values(files).map((path) => basename(path)));
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const of = /^\.(.+)\.[0-9a-f]+\.partial$/.exec(name)?.[1] ?? /^(.+)\.partial$/.exec(name)?.[1];
    if (of === undefined || !own.has(of)) continue;
    await rm(join(directory, name), { force: true }).catch(() => undefined);
  }
}

/** What of a recipe says how many numbers are kept for each trainable parameter. */
export type KeptNumbers = Pick<CompiledRecipe, 'ema'> & {
  readonly optimizer: Pick<CompiledRecipe['optimizer'], 'kind'>;
};

/** Numbers that training keeps for each trainable parameter besides it: one moment or two, and perhaps its average. */
export function keptNumbers({ optimizer, ema }: KeptNumbers): number {
  return (OPTIMIZER_TRAITS[optimizer.kind].secondMoments ? 2 : 1) + (ema > 0 ? 1 : 0);
}

/** Bytes of a checkpoint in float32: the parameters, and what is kept for the trainable ones. */
export function checkpointBytes(
  parameters: readonly Pick<CompiledParameter, 'shape' | 'trainable'>[],
  recipe: KeptNumbers,
): number {
  const elements = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
  const kept = keptNumbers(recipe);
  return parameters.reduce(
    (sum, { shape, trainable }) => sum + 4 * elements(shape) * (trainable ? 1 + kept : 1),
    0,
  );
}

/** A warning when the folder's disk has no room for a checkpoint, next to the one that it replaces. */
export async function spaceWarning(files: RunFiles, bytes: number): Promise<string | undefined> {
  const disk = await statfs(files.directory).catch(() => undefined);
  const free = disk ? disk.bavail * disk.bsize : Number.POSITIVE_INFINITY;
  const needed = (await exists(files.checkpoint)) ? bytes : 2 * bytes;
  if (free >= needed) return undefined;
  return `${files.directory} has ${formatBytes(free)} left on its disk; a checkpoint takes ${formatBytes(bytes)}, and twice that while it is replaced`;
}

/** Whether a log tells of a step: a run that failed before its first has nothing to keep. */
async function hasSteps(log: string): Promise<boolean> {
  return (await exists(log)) && (await readLog(log)).some(({ event }) => event === 'step');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
