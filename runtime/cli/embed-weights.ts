import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import onnxProto from 'onnx-proto';
import type { NamedTensor } from '../engine/engine.ts';
import { PRECISIONS, type Precision } from '../export/precision.ts';
import { DATA_TYPES, type EmbeddedParameter, type StoredTensor } from '../export/stored-tensor.ts';
import { explainSystemError, writeAtomically, writeFileAtomically } from '../files.ts';
import type { CompiledParameter } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';

// A CommonJS module whose names Node does not see.
const { onnx } = onnxProto;

type ModelProto = InstanceType<typeof onnx.ModelProto>;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** A protobuf message ends at 2 GiB; weights of more bytes than this go to a file of their own. */
export const LARGEST_EMBEDDED = 1.5 * 2 ** 30;

/** Where tensors begin in the file of weights: pages, so that it can be mapped into memory. */
const ALIGNMENT = 4096;

export interface EmbedOptions {
  /** The compiled graph, its parameters among its inputs. */
  readonly graph: string;
  readonly parameters: readonly CompiledParameter[];
  /** The parameters' values, in the official layout. */
  readonly weights: readonly NamedTensor[];
  /** Added to the file's metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly out: string;
  /** How the weights are stored; `float32` if left out. */
  readonly precision?: Precision;
  /** Bytes of weights that are written into the file itself; `LARGEST_EMBEDDED` if left out. */
  readonly largestEmbedded?: number;
}

export interface EmbeddedModel {
  /** The files that were written: the model and, for large ones, its weights (`<out>.data`). */
  readonly files: readonly string[];
  /** Names of the inputs that are left, and of the outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly weightBytes: number;
}

/**
 * Writes a compiled inference graph as an ONNX file that needs nothing else: its parameters are constants instead of inputs. Throws a
 * `UserError` when a file cannot be read or written; a file that was at `out` is then as it was.
 */
export async function embedWeights(options: EmbedOptions): Promise<EmbeddedModel> {
  const { parameters, weights, out, precision = 'float32', largestEmbedded = LARGEST_EMBEDDED } = options;
  const model = await readModel(options.graph);
  const graph = model.graph;
  if (!graph) throw damaged(options.graph);
  const values = new Map(weights.map((tensor) => [tensor.name, tensor.data]));
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const inputs = graph.input ?? [];
  const embedded = inputs.flatMap(({ name }): EmbeddedParameter[] => {
    const parameter = byName.get(name ?? '');
    const official = parameter && values.get(parameter.name);
    return parameter && official ? [{ parameter, official }] : [];
  });
  const given = new Set(embedded.map(({ parameter }) => parameter.name));
  graph.input = inputs.filter(({ name }) => !given.has(name ?? ''));
  const metadata = Object.entries(options.metadata).map(([key, value]) => ({ key, value }));
  model.metadataProps = [...(model.metadataProps ?? []), ...metadata];

  const tensors = PRECISIONS[precision](graph, embedded);
  const weightBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const external = weightBytes > largestEmbedded ? `${out}.data` : undefined;
  const constants =
    external === undefined ? tensors.map(inlineTensor) : placeTensors(tensors, basename(external));
  graph.initializer = [...(graph.initializer ?? []), ...constants];
  if (external !== undefined) await writeExternal(external, tensors);
  await writeFileAtomically(out, onnx.ModelProto.encode(model).finish());
  return {
    files: external === undefined ? [out] : [out, external],
    inputs: graph.input.map(({ name }) => name ?? ''),
    outputs: (graph.output ?? []).map(({ name }) => name ?? ''),
    weightBytes,
  };
}

async function readModel(path: string): Promise<ModelProto> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw explainSystemError('read', path, error);
  }
  try {
    return onnx.ModelProto.decode(bytes);
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, cause?: unknown): UserError {
  return new UserError(
    `${path} is damaged: it is not an ONNX model`,
    'compile the model again: mae-compile spec/ --out generated',
    { cause },
  );
}

function inlineTensor({ name, type, shape, bytes }: StoredTensor) {
  return onnx.TensorProto.create({ name, dataType: DATA_TYPES[type], dims: [...shape], rawData: bytes() });
}

/** Tensors whose numbers are one after the other in another file. */
function placeTensors(tensors: readonly StoredTensor[], location: string) {
  let offset = 0;
  return tensors.map(({ name, type, shape, byteLength }) => {
    const place = { location, offset: String(offset), length: String(byteLength) };
    offset += aligned(byteLength);
    return onnx.TensorProto.create({
      name,
      dataType: DATA_TYPES[type],
      dims: [...shape],
      dataLocation: EXTERNAL,
      externalData: Object.entries(place).map(([key, value]) => ({ key, value })),
    });
  });
}

async function writeExternal(path: string, tensors: readonly StoredTensor[]): Promise<void> {
  await writeAtomically(path, async (write) => {
    for (const tensor of tensors) {
      const bytes = tensor.bytes();
      await write(bytes);
      const padding = aligned(bytes.byteLength) - bytes.byteLength;
      if (padding > 0) await write(new Uint8Array(padding));
    }
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
