import onnxProto, { type onnx as OnnxTypes } from 'onnx-proto';
import type { OnnxFacts, OnnxPort, OnnxWeight } from '../report.ts';
import type { Refusal } from '../sides/spec-json.ts';
import type { Numbers } from '../weights/numbers.ts';
import { graphHash } from './graph-hash.ts';

const { onnx } = onnxProto;

/** An ONNX file with all that is compared of it. */
export interface OnnxFile {
  readonly facts: OnnxFacts;
  /** How many operators there are of each type. */
  readonly operators: ReadonlyMap<string, number>;
  /** The weights in it and the parameters among its inputs, by name. */
  readonly weights: ReadonlyMap<string, OnnxWeight>;
  /** The numbers of a weight that is in it; undefined for other names. */
  readonly numbers: (name: string) => Numbers | undefined;
}

/** What reading an ONNX file needs from outside. */
export interface OnnxReading {
  /** Lower-case hexadecimal SHA-256. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** So many bytes of a file beside this one, which holds weights. */
  readonly external: (location: string, offset: number, length: number) => Uint8Array | { because: string };
}

/** Numbers of onnx.TensorProto.DataType by what they are called. */
const typeNames = new Map(
  Object.entries(onnx.TensorProto.DataType).map(([name, code]) => [
    code,
    name
      .toLowerCase()
      .replace(/^float$/, 'float32')
      .replace(/^double$/, 'float64'),
  ]),
);

/** Constants that this project's compiler writes; every other initializer is a weight. */
const OWN_CONSTANT = /^constant_\d+$/;

/** Decodes an ONNX file. */
export function readOnnx(bytes: Uint8Array, reading: OnnxReading): OnnxFile | Refusal {
  const model = decode(bytes);
  const graph = model?.graph;
  if (!model || !graph || (graph.node ?? []).length === 0) {
    return { because: 'it is no ONNX model', help: 'is it an .onnx file, and whole?' };
  }
  const weights = new Map<string, OnnxWeight>();
  const constants = new Map<string, string>();
  for (const tensor of graph.initializer ?? []) {
    const data = bytesOf(tensor, reading);
    if ('because' in data) {
      return { because: data.because, help: 'keep the files of an exported model together' };
    }
    const weight = {
      type: typeOf(tensor.dataType),
      shape: (tensor.dims ?? []).map(Number),
      sha256: reading.sha256(data),
    };
    const name = tensor.name ?? '';
    if (OWN_CONSTANT.test(name)) constants.set(name, JSON.stringify(weight));
    else weights.set(name, weight);
  }
  const operators = new Map<string, number>();
  for (const { opType } of graph.node ?? [])
    operators.set(opType ?? '', (operators.get(opType ?? '') ?? 0) + 1);
  const ports = (graph.input ?? []).map(portOf);
  for (const port of ports) {
    const parameter = parameterOf(port);
    if (parameter !== undefined && !weights.has(port.name)) weights.set(port.name, parameter);
  }
  const facts: OnnxFacts = {
    producer: model.producerName ?? '',
    producerVersion: model.producerVersion ?? '',
    opset: Math.max(
      0,
      ...(model.opsetImport ?? []).filter(({ domain }) => !domain).map(({ version }) => Number(version)),
    ),
    metadata: Object.fromEntries(
      (model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? '']),
    ),
    inputs: ports.filter(({ name }) => !weights.has(name)),
    outputs: (graph.output ?? []).map(portOf),
    graphHash: graphHash(graph, constants, reading.sha256),
  };
  const held = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  const numbers = (name: string): Numbers | undefined => {
    const tensor = held.get(name);
    const data = tensor && bytesOf(tensor, reading);
    return data === undefined || 'because' in data
      ? undefined
      : { type: typeOf(tensor?.dataType), bytes: data };
  };
  return { facts, operators, weights, numbers };
}

function decode(bytes: Uint8Array): OnnxTypes.ModelProto | undefined {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch {
    return undefined;
  }
}

function typeOf(code: number | null | undefined): string {
  return typeNames.get(code ?? 0) ?? 'undefined';
}

function portOf({ name, type }: OnnxTypes.IValueInfoProto): OnnxPort {
  const tensor = type?.tensorType;
  const shape = (tensor?.shape?.dim ?? []).map((side) => side.dimParam || Number(side.dimValue ?? 0));
  return { name: name ?? '', type: typeOf(tensor?.elemType), shape };
}

/** An input is a parameter if all of its sides are fixed; data has as many rows as there are pictures, and settings have no sides. */
function parameterOf({ type, shape }: OnnxPort): OnnxWeight | undefined {
  const sides = shape.flatMap((side) => (typeof side === 'number' ? [side] : []));
  return shape.length > 0 && sides.length === shape.length ? { type, shape: sides, sha256: null } : undefined;
}

/** The numbers of a tensor as bytes. Those that are neither raw nor floats are taken as they are encoded. */
function bytesOf(
  tensor: OnnxTypes.ITensorProto,
  { external }: OnnxReading,
): Uint8Array | { because: string } {
  const place = new Map((tensor.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  const location = place.get('location');
  if (location !== undefined) {
    const length = place.get('length');
    return external(
      location,
      Number(place.get('offset') ?? 0),
      length === undefined ? byteLength(tensor) : Number(length),
    );
  }
  if (tensor.rawData && tensor.rawData.length > 0) return tensor.rawData;
  if (tensor.floatData && tensor.floatData.length > 0) {
    return new Uint8Array(Float32Array.from(tensor.floatData).buffer);
  }
  return onnx.TensorProto.encode({ ...tensor, name: '', docString: '' }).finish();
}

const BYTES: Readonly<Record<string, number>> = {
  ...{ float64: 8, int64: 8, uint64: 8, float32: 4, int32: 4, uint32: 4 },
  ...{ float16: 2, bfloat16: 2, int16: 2, uint16: 2 },
};

/** Of a tensor whose file does not say how long it is there. */
function byteLength({ dataType, dims }: OnnxTypes.ITensorProto): number {
  const elements = (dims ?? []).reduce<number>((product, side) => product * Number(side), 1);
  return elements * (BYTES[typeOf(dataType)] ?? 1);
}
