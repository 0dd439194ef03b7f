import { present } from '../../ir/assert.ts';
import type { Graph, Node, Port, Role, Value } from '../../ir/graph.ts';
import { afterOp } from '../../ir/ops/after.ts';
import type { Sizes } from '../../model/image-patches.ts';
import {
  type AuxiliaryPort,
  type AuxiliarySource,
  auxiliaryFromBatch,
  auxiliaryInputs,
} from './auxiliary.ts';
import { encodeModel, labelled } from './encode-model.ts';
import { NodeWriter } from './node-writer.ts';
import { resultsLast } from './results-last.ts';
import { valueInfo } from './tensors.ts';

const OPSET = 17;
const IR_VERSION = 8;

export interface OnnxModelInfo {
  readonly producerVersion: string;
  /** Written into the file's metadata: what it was compiled from. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Training steps take rows of ones and 1 / batch as inputs; exported models compute them. */
  readonly auxiliary: 'inputs' | 'computed';
  /** Whether pictures of other sizes than the graph's are taken; only with computed auxiliaries. */
  readonly sizes?: Sizes;
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** The bytes without the metadata, which are the last of them. */
  readonly unlabelled: Uint8Array;
  /** Inputs beyond those of the graph itself. */
  readonly auxiliary: readonly AuxiliaryPort[];
}

/** Writes a graph as an ONNX model. Parameters are inputs under their official names, in their stored shapes. */
export function writeOnnxModel(graph: Graph, info: OnnxModelInfo): OnnxModel {
  const writer = new NodeWriter();
  const names = new Map<number, string>();
  for (const { name, value } of [...graph.inputs, ...graph.parameters])
    names.set(value.id, writer.fresh(name));
  for (const { name, value } of graph.outputs)
    if (!names.has(value.id)) names.set(value.id, writer.fresh(name));
  const images = graph.inputs.find(({ role }) => role === 'images')?.name ?? 'images';
  const auxiliary = info.auxiliary === 'inputs' ? auxiliaryInputs() : auxiliaryFromBatch(writer, images);
  const freeSizes = info.sizes === 'free';
  for (const node of graph.nodes) lowerNode(node, { writer, names, auxiliary, freeSizes });
  renameRepeatedOutputs(graph, writer, names);
  const typed = (name: string, { type, shape }: Pick<Value, 'type' | 'shape'>) =>
    valueInfo(name, type, shape);
  const port = ({ name, role, value }: Port) =>
    freeSizes && isSized(role, value)
      ? valueInfo(name, value.type, value.shape, FREE_SIDES[role])
      : typed(name, value);
  const unlabelled = encodeModel(
    {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET }],
      producerName: 'mae-compiler',
      producerVersion: info.producerVersion,
    },
    {
      name: graph.name,
      node: graph.nodes.some(({ op }) => op === afterOp) ? resultsLast(writer.nodes) : writer.nodes,
      initializer: writer.initializers,
      input: [
        ...graph.inputs.map(port),
        ...auxiliary.ports.map(({ name, type }) => typed(name, type)),
        ...graph.parameters.map(({ name, value }) => typed(name, value)),
      ],
      output: graph.outputs.map(port),
    },
  );
  return { bytes: labelled(unlabelled, info.metadata), unlabelled, auxiliary: auxiliary.ports };
}

interface Lowering {
  readonly writer: NodeWriter;
  /** Tensor names by value id. */
  readonly names: Map<number, string>;
  readonly auxiliary: AuxiliarySource;
  readonly freeSizes: boolean;
}

/** What the sides of graph inputs and outputs are called that follow from the size of the pictures, by axis. */
const FREE_SIDES: Partial<Record<Role, Readonly<Record<number, string>>>> = {
  images: { 2: 'height', 3: 'width' },
  features: { 1: 'tokens' },
};

/** Pooled features have no side that does. */
function isSized(role: Role, { shape }: Value): boolean {
  return role === 'images' || (role === 'features' && shape.length === 3);
}

function lowerNode(node: Node, { writer, names, auxiliary, freeSizes }: Lowering): void {
  const suffix = node.phase === 'forward' ? '' : `.${node.phase}`;
  const place = `${node.scope.path === '' ? '' : `${node.scope.path}/`}${node.op.name}${suffix}`;
  const fresh = (hint: string) => writer.fresh(`${place}/${hint}`);
  const nameOf = (value: Value) => {
    const name = names.get(value.id) ?? writer.fresh(place);
    names.set(value.id, name);
    return name;
  };
  const half = node.outputs[0]?.type === 'float16';
  node.op.onnx({
    inputs: node.inputs.map((value) => present(names.get(value.id), `tensor of value ${value.id}`)),
    inputTypes: node.inputs,
    outputs: node.outputs.map(nameOf),
    outputTypes: node.outputs,
    attributes: node.attributes,
    emit(opType, inputs, attributes = {}, output = fresh(opType)) {
      writer.emit(opType, inputs, [output], attributes);
      return output;
    },
    emitMany: (opType, inputs, outputs, attributes = {}) => writer.emit(opType, inputs, outputs, attributes),
    fresh,
    half,
    floats: (values, shape = values.length === 1 ? [] : [values.length]) =>
      writer.constant(half ? 'float16' : 'float32', values, shape),
    int64s: (values, shape = [values.length]) => writer.constant('int64', values, shape),
    int32s: (values, shape = [values.length]) => writer.constant('int32', values, shape),
    byPicture: (tokens, sides) =>
      freeSizes
        ? auxiliary.byPicture(sides)
        : writer.constant('int64', [-1, tokens, ...sides], [sides.length + 2]),
    freeSizes,
    ones: (count) => auxiliary.ones(count),
    batchReciprocal: () => auxiliary.batchReciprocal(),
  });
}

/** One tensor under two output names, or an input as an output, needs a copy: ONNX names each output once. */
function renameRepeatedOutputs(graph: Graph, writer: NodeWriter, names: ReadonlyMap<number, string>): void {
  for (const { name, value } of graph.outputs) {
    const tensor = present(names.get(value.id), `tensor of output ${name}`);
    if (tensor !== name) writer.emit('Identity', [tensor], [name], {});
  }
}
