import onnxProto from 'onnx-proto';
import type { CompiledRecipe } from '../../model/compiled-spec.ts';
import type { Device } from '../device.ts';
import type { ChosenPrecision } from '../engine.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';

const { onnx } = onnxProto;

/** Codes of onnx.TensorProto.DataType, and of an attribute that is an integer. */
const FLOAT = 1;
const FLOAT16 = 10;
const INTEGER = 2;

/** Finds out what the steps of a recipe are computed in. */
export type ChoosePrecision = (
  wanted: CompiledRecipe['precision'],
  runtime: OnnxRuntime,
) => Promise<ChosenPrecision>;

/** Whether a device computes in float16: the reason why not. */
const HINDRANCES: Readonly<Record<Device, (runtime: OnnxRuntime) => Promise<string | undefined>>> = {
  cpu: async () => 'the CPU computes in float32; float16 is for --device webgpu',
  cuda: async () => 'float16 is for --device webgpu',
  webgpu: async (runtime) => ((await hasFloat16(runtime)) ? undefined : 'this adapter has no shader-f16'),
};

/** float16 where the recipe asks for it and the device has it. */
export const choosePrecision: ChoosePrecision = async (wanted, runtime) => {
  if (wanted === 'float32') return { type: 'float32' };
  const why = await HINDRANCES[runtime.device](runtime);
  return why === undefined ? { type: 'float16' } : { type: 'float32', why };
};

/** Tries it: ONNX Runtime does not tell what its adapter has, and refuses to run a kernel that needs more. */
async function hasFloat16(runtime: OnnxRuntime): Promise<boolean> {
  const session = await runtime.open(writeTrial(), { name: 'trial of float16', quiet: true });
  try {
    const { square } = await session.run({ x: new runtime.Tensor('float32', Float32Array.of(3), [1]) });
    return square?.data[0] === 9;
  } catch (error) {
    if (error instanceof Error && /\bf16\b/.test(error.message)) return false;
    throw runtime.explainRun('a trial of float16 failed', error);
  } finally {
    await session.release();
  }
}

/** The square of x, computed in float16. */
function writeTrial(): Uint8Array {
  const tensor = (name: string) => ({ name, type: { tensorType: { elemType: FLOAT } } });
  const cast = (from: string, to: string, type: number) => ({
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [{ name: 'to', i: type, type: INTEGER }],
  });
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'mae-compiler',
    graph: {
      name: 'trial',
      node: [
        cast('x', 'half', FLOAT16),
        { opType: 'Mul', input: ['half', 'half'], output: ['product'] },
        cast('product', 'square', FLOAT),
      ],
      input: [tensor('x')],
      output: [tensor('square')],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}
