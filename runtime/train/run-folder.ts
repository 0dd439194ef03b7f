import { access, mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainSystemError } from '../files.ts';
import type { CompiledParameter } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { formatBytes } from './format.ts';
import { readLog } from './run-log.ts';

/** The files of a training run. */
export interface RunFiles {
  readonly directory: string;
  readonly checkpoint: string;
  readonly log: string;
  readonly reconstruction: string;
  readonly lossCurve: string;
  /** The same, to be enlarged at will. */
  readonly lossCurveVector: string;
}

export function runFiles(directory: string): RunFiles {
  return {
    directory,
    checkpoint: join(directory, 'checkpoint.safetensors'),
    log: join(directory, 'log.jsonl'),
    reconstruction: join(directory, 'reconstruction.png'),
    lossCurve: join(directory, 'loss.png'),
    lossCurveVector: join(directory, 'loss.svg'),
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
  const { directory, ...paths } = files;
  try {
    for (const path of Object.values(paths)) await rm(path, { force: true });
  } catch (error) {
    throw explainSystemError('replace the run in', directory, error);
  }
}

/** Milliseconds after which a checkpoint that is not being written any further was left behind. */
const LEFT_BEHIND = 600_000;

/** Removes the unfinished checkpoints that a killed run left behind: they would fill the disk unseen. */
export async function removePartialFiles(files: RunFiles): Promise<void> {
  const names = await readdir(files.directory).catch(() => []);
  for (const name of names) {
    if (!/^\.checkpoint\.safetensors\.[0-9a-f]+\.partial$/.test(name)) continue;
    const path = join(files.directory, name);
    const written = await stat(path).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs > LEFT_BEHIND)
      await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Bytes of a checkpoint: the parameters, and two moments of the trainable ones, in float32. */
export function checkpointBytes(
  parameters: readonly Pick<CompiledParameter, 'shape' | 'trainable'>[],
): number {
  const elements = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
  return parameters.reduce((sum, { shape, trainable }) => sum + 4 * elements(shape) * (trainable ? 3 : 1), 0);
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
