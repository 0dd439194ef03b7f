import { type Training, trainingNames } from '../../language/schema/key-entry.ts';
import { type TrainingMemory, totalBytes } from '../training-memory.ts';
import { alignColumns } from './align-columns.ts';
import { formatBytes } from './quantities.ts';

/** What a step of one of a model's trainings needs. */
export interface StepMemory {
  readonly training: Training;
  /** Pictures that go through the step at once. */
  readonly pictures: number;
  readonly memory: TrainingMemory;
  /** The sum where activations of blocks are computed again; undefined where the recipe does that, or it would change nothing. */
  readonly recomputing?: number;
}

export interface MemoryRow {
  readonly model: { readonly name: string; readonly memory: readonly StepMemory[] };
}

const PARTS = [
  ['parameters', 'parameters'],
  ['gradients', 'gradients'],
  ['moments', 'moments'],
  ['averages', 'averages'],
  ['activations', 'activations'],
  ['workspace', 'workspace'],
] as const satisfies readonly (readonly [string, keyof TrainingMemory])[];

/** The memory of a training step by model and training: a line each. */
export function memoryTable(rows: readonly MemoryRow[]): string {
  const names = PARTS.map(([name]) => name);
  const head = ['training step', '', 'images', ...names, 'in all', 'recompute blocks'];
  const lines = rows.flatMap(({ model }) =>
    model.memory.map(({ training, pictures, memory, recomputing }) => [
      model.name,
      trainingNames[training],
      String(pictures),
      ...PARTS.map(([, part]) => (memory[part] === 0 ? '-' : formatBytes(memory[part]))),
      formatBytes(totalBytes(memory)),
      recomputing === undefined ? '-' : formatBytes(recomputing),
    ]),
  );
  const right = [...PARTS, 'in all', 'recompute blocks'].map(() => 'right' as const);
  return alignColumns([head, ...lines], ['left', 'left', 'right', ...right]);
}
