import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../../engine.ts';
import { deviceError } from '../../webgpu/device-error.ts';
import { firstLine, type OnnxRuntime } from '../onnx-runtime.ts';
import { DOWNLOAD, UPLOAD } from './programs.ts';
import { inputName, NUMBERS, outputName, type TensorProgram, writeProgram } from './tensor-program.ts';

/** What a program is run on for one parameter. */
export interface Lane<Input extends string> {
  readonly tensors: Readonly<Partial<Record<Input, Tensor>>>;
  readonly numbers?: readonly number[];
}

/**
 * Parameters that go through a program in one run: few enough that old and new tensors fit beside each other, and enough that
 * starting runs takes no time.
 */
const LANES = 32;

/** Tensors in the graphics device's memory, and programs over them. Whoever gets a tensor disposes of it. */
export class GpuTensors {
  readonly #runtime: OnnxRuntime;
  /** By program and count of lanes. */
  readonly #sessions = new Map<string, InferenceSession>();

  constructor(runtime: OnnxRuntime) {
    this.#runtime = runtime;
  }

  async upload(data: Float32Array, dims: readonly number[]): Promise<Tensor> {
    const tensor = new this.#runtime.Tensor('float32', data, dims);
    const [results] = await this.#runLanes(UPLOAD, [{ tensors: { tensor } }]);
    return present(results?.copy, 'copy');
  }

  /** The numbers of a tensor, which stays. */
  async download(tensor: Tensor): Promise<Float32Array> {
    const [results] = await this.#runLanes(DOWNLOAD, [{ tensors: { tensor } }]);
    return floatsOf(present(results?.copy, 'copy'));
  }

  /** Runs a program for parameters a group at a time, so that the caller can let go of what a group replaces. */
  async *run<Input extends string, Output extends string, Of extends Lane<Input>>(
    program: TensorProgram<Input, Output>,
    lanes: readonly Of[],
  ): AsyncGenerator<{ readonly lane: Of; readonly results: Readonly<Partial<Record<Output, Tensor>>> }> {
    for (let from = 0; from < lanes.length; from += LANES) {
      const group = lanes.slice(from, from + LANES);
      for (const [index, results] of (await this.#runLanes(program, group)).entries()) {
        const lane = group[index];
        if (lane) yield { lane, results };
      }
    }
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #runLanes<Input extends string, Output extends string>(
    program: TensorProgram<Input, Output>,
    lanes: readonly Lane<Input>[],
  ): Promise<Partial<Record<Output, Tensor>>[]> {
    const session = await this.#session(program, lanes.length);
    const feeds: Record<string, Tensor> = {};
    if (program.numbers > 0) {
      const numbers = Float32Array.from(lanes.flatMap((lane) => [...(lane.numbers ?? [])]));
      feeds[NUMBERS] = new this.#runtime.Tensor('float32', numbers, [numbers.length]);
    }
    for (const [index, { tensors }] of lanes.entries()) {
      for (const name of program.inputs) feeds[inputName(index, name)] = present(tensors[name], name);
    }
    try {
      const results = await session.run(feeds);
      return lanes.map((_, index) => lanesResults(program.outputs, results, index));
    } catch (error) {
      throw deviceError(`ONNX Runtime failed on the graphics device: ${firstLine(error)}`);
    }
  }

  async #session<Input extends string, Output extends string>(
    program: TensorProgram<Input, Output>,
    lanes: number,
  ): Promise<InferenceSession> {
    const key = `${program.name} x ${lanes}`;
    const open = this.#sessions.get(key);
    if (open) return open;
    const names = program.outputs.flatMap((name) =>
      Array.from({ length: lanes }, (_, lane) => outputName(lane, name)),
    );
    const session = await this.#runtime.open(writeProgram(program, lanes), {
      name: program.name,
      onDevice: program.location === 'cpu' ? [] : names,
    });
    this.#sessions.set(key, session);
    return session;
  }
}

function lanesResults<Output extends string>(
  outputs: readonly Output[],
  results: InferenceSession.OnnxValueMapType,
  lane: number,
): Partial<Record<Output, Tensor>> {
  const own: Partial<Record<Output, Tensor>> = {};
  for (const name of outputs) own[name] = present(results[outputName(lane, name)], name);
  return own;
}

/** The numbers of a tensor on the host. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new EngineError(`ONNX Runtime gave a tensor of ${tensor.type} where float32 was due`);
}

function present(tensor: Tensor | undefined, name: string): Tensor {
  if (tensor === undefined) throw new EngineError(`there is no tensor ${name} on the graphics device`);
  return tensor;
}
