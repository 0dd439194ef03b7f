import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import onnxProto, { type onnx as OnnxTypes } from 'onnx-proto';
import { constantTensor, DATA_TYPES } from '../../compiler/emit/onnx/tensors.ts';

const { onnx } = onnxProto;

type NodeProto = OnnxTypes.INodeProto;

/** Value of an attribute's type: a 64-bit integer. */
const INTEGER = 2;

/**
 * An ONNX model that rounds wherever a device with float16 does. ONNX Runtime's CPU, which has no arithmetic in float16, drops
 * pairs of casts and with them nearly all of the rounding; so here every tensor of float16 is one of float32 that is rounded
 * explicitly. Sums within an operator stay float32, as on devices that sum up products in it.
 */
export function withRounding(bytes: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(bytes);
  const { graph } = model;
  if (!graph) throw new Error('a model without a graph');
  const half = new Set<string>();
  for (const tensor of graph.initializer ?? []) {
    if (tensor.dataType === DATA_TYPES.float16) half.add(tensor.name ?? '');
  }
  const initializer = (graph.initializer ?? []).map((tensor) =>
    half.has(tensor.name ?? '') ? widened(tensor) : tensor,
  );
  const node = (graph.node ?? []).flatMap((each) => rounded(each, half));
  graph.node = node;
  graph.initializer = initializer;
  return onnx.ModelProto.encode(model).finish();
}

/** Writes the float16 graphs of a compiled model anew, with their rounding. */
export async function roundHalfGraphs(directory: string): Promise<void> {
  const folder = join(directory, 'onnx');
  for (const name of await readdir(folder)) {
    if (!name.endsWith('-float16.onnx')) continue;
    await writeFile(join(folder, name), withRounding(await readFile(join(folder, name))));
  }
}

/** A node as it is in float32, followed by what rounds its results if they were float16. */
function rounded(node: NodeProto, half: Set<string>): NodeProto[] {
  const target = node.opType === 'Cast' ? Number(node.attribute?.[0]?.i) : undefined;
  if (target === DATA_TYPES.float32) return [{ ...node, opType: 'Identity', attribute: [] }];
  const isHalf = target === DATA_TYPES.float16 || (node.input ?? []).some((name) => half.has(name));
  if (!isHalf || node.opType === 'Shape') return [node];
  const outputs = node.output ?? [];
  for (const name of outputs) half.add(name);
  const plain = target === undefined ? node : { ...node, opType: 'Identity', attribute: [] };
  const exact = (name: string) => (name === '' ? '' : `${name}/exact`);
  return [
    { ...plain, output: outputs.map(exact) },
    ...outputs.filter((name) => name !== '').flatMap((name) => rounding(exact(name), name)),
  ];
}

/** A cast to float16 and back, with a node between them, or they would be dropped, too. */
function rounding(x: string, out: string): NodeProto[] {
  const node = (opType: string, input: string[], output: string, to?: number): NodeProto => ({
    name: `${output}/rounding`,
    opType,
    input,
    output: [output],
    attribute: to === undefined ? [] : [{ name: 'to', i: to, type: INTEGER }],
  });
  const [half, shape, kept] = ['half', 'shape', 'kept'].map((part) => `${out}/${part}`);
  return [
    node('Cast', [x], half ?? '', DATA_TYPES.float16),
    node('Shape', [x], shape ?? ''),
    node('Reshape', [half ?? '', shape ?? ''], kept ?? ''),
    node('Cast', [kept ?? ''], out, DATA_TYPES.float32),
  ];
}

/** A constant of float16 in float32. */
function widened({ name, dims, rawData }: OnnxTypes.ITensorProto): OnnxTypes.ITensorProto {
  const bytes = Uint8Array.from(rawData ?? []);
  const values = Array.from(new Uint16Array(bytes.buffer), float16Value);
  return constantTensor(name ?? '', 'float32', values, (dims ?? []).map(Number));
}

/** What IEEE 754-2008 says that the bits of a binary16 mean. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
