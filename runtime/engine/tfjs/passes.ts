import * as tf from '@tensorflow/tfjs';
import type { CompiledModel } from '../../model/compiled-spec.ts';
import { EngineError } from '../engine.ts';
import { deviceError } from '../webgpu/device-error.ts';
import { webgpuFault } from './backend-webgpu.ts';
import type { Images } from './shapes.ts';

/** Runs a whole pass over a batch; what it leaves on the backend is what it returns, and what is kept on purpose. */
export function runPass<Result extends tf.TensorContainer>(size: number, pass: () => Result): Result {
  try {
    return tf.tidy(pass);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw deviceFailure() ?? explainFailure(error, size);
  }
}

/** Reads a tensor and disposes of it. Throws an `EngineError` where the device that made it has failed since it was opened. */
export async function numbersOf(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    const numbers = await tensor.data<'float32'>();
    const failure = deviceFailure();
    if (failure) throw failure;
    // On cpu the array is the tensor's own.
    return numbers.slice();
  } catch (error) {
    throw deviceFailure() ?? error;
  } finally {
    tensor.dispose();
  }
}

/** The failure of a graphics device, which spoils everything on it. */
function deviceFailure(): EngineError | undefined {
  const fault = tf.getBackend() === 'webgpu' ? webgpuFault() : undefined;
  return fault === undefined ? undefined : deviceError(fault);
}

/** Pictures [size, channels, height, width] as a tensor. Throws an `EngineError` when there are not as many numbers. */
export function imagesTensor(
  { channels, height, width }: CompiledModel['image'],
  images: Float32Array,
  size: number,
): Images<number, number, number> {
  if (images.length !== size * channels * height * width) {
    throw new EngineError(
      `a batch of ${size} has ${images.length} pixels; it must be [${size}, ${channels}, ${height}, ${width}]`,
    );
  }
  return tf.tensor4d(images, [size, channels, height, width]) as Images<number, number, number>;
}

function explainFailure(error: unknown, size: number): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  const stopped = error instanceof WebAssembly.RuntimeError || /\babort/i.test(message);
  // WebAssembly says no more than "Aborted()" when its memory is full, and is of no use afterwards.
  const why = stopped ? 'WebAssembly stopped, as it does when its 4 GB of memory are full' : 'tfjs failed';
  return new EngineError(
    `${why}, on a batch of ${size}: ${message}`,
    'if memory ran out, start again with a smaller --batch, or the same batch with a larger --accumulation',
  );
}
