import type { StepWorker } from '../worker-protocol.ts';

/** Something that takes training steps, in a process of its own. */
export interface Contestant {
  /** Such as `mae-compiler, onnx`; or `PyTorch 2.15, compiled`. */
  readonly name: string;
  readonly precision: 'float32' | 'float16' | 'bfloat16';
  /** What it computes on: `CPU`, or the name of an adapter. */
  readonly on: string;
  /** Starts the process; throws with the reason where it cannot. */
  start(task: Task): Promise<StepWorker>;
}

/** The steps to be taken. */
export interface Task {
  /** Folder of the compiled model. */
  readonly directory: string;
  /** The resolved model, for those that know no such folders. */
  readonly model: unknown;
  readonly batch: number;
  readonly threads: number;
}

/** Something that does not take part. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export interface Field {
  readonly present: readonly Contestant[];
  readonly absent: readonly Absent[];
}

export const CPU = 'CPU';

/** A worker that has started; one that cannot is stopped. */
export async function started(
  worker: StepWorker,
  setup: Task & Record<string, unknown>,
): Promise<StepWorker> {
  try {
    await worker.start(setup);
    return worker;
  } catch (error) {
    worker.stop();
    throw error;
  }
}
