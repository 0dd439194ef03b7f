import { createHash } from 'node:crypto';
import onnxProto from 'onnx-proto';
import { compiledFile } from '../../../compiler/diff/onnx/compiled-file.ts';
import type { OnnxSide } from '../../../compiler/diff/onnx/diff-onnx.ts';
import { type OnnxFile, readOnnx } from '../../../compiler/diff/onnx/onnx-file.ts';
import type { SideKind } from '../../../compiler/diff/report.ts';
import type { ModelSpec } from '../../../compiler/language/model-spec.ts';

const { onnx } = onnxProto;

export type ModelProto = InstanceType<typeof onnx.ModelProto>;
export type Graph = NonNullable<ModelProto['graph']>;

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export function compiled(spec: ModelSpec, graph = 'encoder'): Uint8Array {
  const bytes = compiledFile(spec, graph);
  if (bytes === undefined) throw new Error(`${spec.name} has no ${graph}`);
  return bytes;
}

/** The same file with a change. */
export function edited(bytes: Uint8Array, edit: (model: ModelProto, graph: Graph) => void): Uint8Array {
  // What is decoded are views of the bytes.
  const model = onnx.ModelProto.decode(Uint8Array.from(bytes));
  if (!model.graph) throw new Error('no graph');
  edit(model, model.graph);
  return onnx.ModelProto.encode(model).finish();
}

/** A model as `mae export` writes it: parameters are in the file; every number is `value`. */
export function exported(bytes: Uint8Array, value = 1): Uint8Array {
  return edited(bytes, (_, graph) => {
    const parameters = (graph.input ?? []).filter(({ name }) => name !== 'images');
    graph.input = (graph.input ?? []).filter(({ name }) => name === 'images');
    const tensors = parameters.map(({ name, type }) => {
      const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => Number(dimValue));
      const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value);
      return onnx.TensorProto.create({
        name: name ?? '',
        dataType: 1,
        dims,
        rawData: new Uint8Array(data.buffer),
      });
    });
    graph.initializer = [...(graph.initializer ?? []), ...tensors];
  });
}

export function fileOf(bytes: Uint8Array): OnnxFile {
  const file = readOnnx(bytes, { sha256, external: () => ({ because: 'nothing is beside it' }) });
  if ('because' in file) throw new Error(file.because);
  return file;
}

export function sideOf(bytes: Uint8Array, kind: SideKind = 'onnx'): OnnxSide {
  return { facts: { label: kind === 'onnx' ? 'encoder.onnx' : 'spec.mae', kind }, file: fileOf(bytes) };
}
