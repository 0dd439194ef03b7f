import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

type Rewrite = (bytes: Uint8Array) => Uint8Array;

/** Writes a graph as ONNX and opens it in ONNX Runtime; the returned function runs it for one batch size. */
export async function openGraph(graph: Graph, batch: number, rewrite: Rewrite = (bytes) => bytes) {
  const { session, feedsOf } = await openSession(graph, batch, {}, rewrite);
  return async (values: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>> => {
    const results = await session.run(feedsOf(values));
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => {
        if (data instanceof Float32Array || data instanceof Int32Array) return [name, data];
        throw new Error(`${name} is neither float32 nor int32`);
      }),
    );
  };
}

/** Runs a graph once; resolves to the names of the ONNX nodes in the order in which ONNX Runtime ran them. */
export async function nodesRun(
  graph: Graph,
  batch: number,
  values: Readonly<Record<string, Numbers>>,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nodes-run-'));
  try {
    const profile = { enableProfiling: true, profileFilePrefix: join(folder, 'profile') };
    const { session, feedsOf } = await openSession(graph, batch, profile);
    await session.run(feedsOf(values));
    session.endProfiling();
    await session.release();
    const [file = ''] = await readdir(folder);
    const events: readonly { readonly name: string }[] = JSON.parse(
      await readFile(join(folder, file), 'utf8'),
    );
    const suffix = '_kernel_time';
    return events.flatMap(({ name }) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openSession(
  graph: Graph,
  batch: number,
  options: InferenceSession.SessionOptions,
  rewrite: Rewrite = (bytes) => bytes,
) {
  const model = writeOnnxModel(graph, { producerVersion: 'test', metadata: {}, auxiliary: 'inputs' });
  const session = await InferenceSession.create(rewrite(model.bytes), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    ...options,
  });
  const auxiliary = model.auxiliary.map(({ name, role, type }) => {
    const dims = concreteShape(type.shape, batch);
    const fill = role === 'ones' ? 1 : 1 / batch;
    return [
      name,
      new Tensor('float32', new Float32Array(elementCount(type.shape, batch)).fill(fill), dims),
    ] as const;
  });
  const feedsOf = (values: Readonly<Record<string, Numbers>>): Record<string, Tensor> => {
    const feeds: Record<string, Tensor> = Object.fromEntries(auxiliary);
    for (const { name, value } of [...graph.inputs, ...graph.parameters]) {
      const data = values[name];
      if (!data) throw new Error(`no numbers for ${name}`);
      const dims = concreteShape(value.shape, batch);
      feeds[name] =
        data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('int32', data, dims);
    }
    return feeds;
  };
  return { session, feedsOf };
}
