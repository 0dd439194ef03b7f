import { fileURLToPath } from 'node:url';
import { StepWorker } from '../worker-protocol.ts';
import type { Task } from './contestant.ts';

const script = fileURLToPath(new URL('../gemm-worker.js', import.meta.url));

/** Matrix products without anything else: those of a step, or a few large ones. */
export interface Products {
  readonly worker: StepWorker;
  /** Of all of them once. */
  readonly flops: number;
}

/** Starts a process in which ONNX Runtime does nothing but matrix products; a "step" of its worker does all of them once. */
export async function startProducts(task: Task, products: 'step' | 'large'): Promise<Products> {
  const worker = new StepWorker(`${products} products`, process.execPath, [script, task.directory]);
  const { flops } = await worker.start({ ...task, products });
  return { worker, flops: Number(flops) };
}
