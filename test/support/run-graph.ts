import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOnnxModel } from '../../compiler/emit/onnx/write-model.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { Shape } from '../../compiler/ir/shape.ts';

export type Numbers = Float32Array | Int32Array;

export function concreteShape(shape: Shape, batch: number): number[] {
  return shape.map((dimension) => (typeof dimension === 'number' ? dimension : dimension.perExample * batch));
}

export function elementCount(shape: Shape, batch: number): number {
  return concreteShape(shape, batch).reduce((product, side) => product * side, 1);
}

/** Writes a graph as ONNX and opens it in ONNX Runtime; the returned function runs it for one batch size. */
export async function openGraph(graph: Graph, batch: number) {
  const model = writeOnnxModel(graph, { producerVersion: 'test', metadata: {}, auxiliary: 'inputs' });
  const session = await InferenceSession.create(model.bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const auxiliary = model.auxiliary.map(({ name, role, type }) => {
    const dims = concreteShape(type.shape, batch);
    const fill = role === 'ones' ? 1 : 1 / batch;
    return [
      name,
      new Tensor('float32', new Float32Array(elementCount(type.shape, batch)).fill(fill), dims),
    ] as const;
  });
  return async (values: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>> => {
    const feeds: Record<string, Tensor> = Object.fromEntries(auxiliary);
    for (const { name, value } of [...graph.inputs, ...graph.parameters]) {
      const data = values[name];
      if (!data) throw new Error(`no numbers for ${name}`);
      const dims = concreteShape(value.shape, batch);
      feeds[name] =
        data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('int32', data, dims);
    }
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => {
        if (data instanceof Float32Array || data instanceof Int32Array) return [name, data];
        throw new Error(`${name} is neither float32 nor int32`);
      }),
    );
  };
}
