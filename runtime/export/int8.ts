import onnxProto from 'onnx-proto';
import { castToFloat32 } from './cast-node.ts';
import {
  bytesOf,
  type EmbeddedParameter,
  float32Tensor,
  type GraphProto,
  type NodeProto,
  type StoredTensor,
  storedNumbers,
} from './stored-tensor.ts';

// A CommonJS module whose names Node does not see.
const { onnx } = onnxProto;

/**
 * The weights of linear layers as int8, with one scale for each output: weight = scale x int8, from -127 to 127. What goes into such a
 * layer is quantized when it runs, to uint8 with one scale and zero point for the whole tensor, and multiplied in integers; the rest
 * is computed in float32 as before. ONNX's own operators only (`DynamicQuantizeLinear`, `MatMulInteger`); ONNX Runtime joins them.
 */
export function storeInt8(graph: GraphProto, embedded: readonly EmbeddedParameter[]): StoredTensor[] {
  const byName = new Map(embedded.map((each) => [each.parameter.name, each]));
  const quantized = new Map<string, StoredTensor[]>();
  const inputs = new Set<string>();
  graph.node = (graph.node ?? []).flatMap((node) => {
    const linear = linearOf(node, byName);
    if (linear === undefined) return [node];
    quantized.set(linear.name, quantizedTensors(linear));
    const fresh = !inputs.has(linear.input);
    inputs.add(linear.input);
    return [...(fresh ? [quantizeNode(linear.input)] : []), ...productNodes(linear)];
  });
  const read = new Set(graph.node.flatMap(({ input }) => input ?? []));
  return embedded.flatMap((each) => {
    const { name } = each.parameter;
    return [...(quantized.get(name) ?? []), ...(read.has(name) ? [float32Tensor(each)] : [])];
  });
}

/** A linear layer: output = input x weight + bias, if it has one. */
interface Linear {
  /** Of the weight. */
  readonly name: string;
  readonly input: string;
  readonly bias: string | undefined;
  readonly output: string;
  readonly weight: EmbeddedParameter;
  /** Whether the weight is stored as [outputs, inputs] rather than [inputs, outputs]. */
  readonly transposed: boolean;
}

/** The linear layer that a node is, if it is one. */
function linearOf(node: NodeProto, parameters: ReadonlyMap<string, EmbeddedParameter>): Linear | undefined {
  const [input, name, bias] = node.input ?? [];
  const [output] = node.output ?? [];
  const weight = parameters.get(name ?? '');
  if (node.opType !== 'Gemm' || !input || !name || !output || !weight) return undefined;
  const attributes = new Map((node.attribute ?? []).map((each) => [each.name, each]));
  const plain =
    Number(attributes.get('transA')?.i ?? 0) === 0 &&
    ['alpha', 'beta'].every((factor) => (attributes.get(factor)?.f ?? 1) === 1);
  if (!plain) return undefined;
  const transposed = Number(attributes.get('transB')?.i ?? 0) === 1;
  return { name, input, bias, output, weight, transposed };
}

export interface QuantizedMatrix {
  /** [inputs, outputs]. */
  readonly values: Int8Array;
  /** [outputs]. */
  readonly scales: Float32Array;
}

/**
 * A weight of [inputs, outputs], or [outputs, inputs] where it is transposed, as int8 with a scale for each output: its largest number
 * becomes 127. An output whose weights are all 0 has the scale 1.
 */
export function quantizeMatrix(
  weight: Float32Array,
  {
    inputs,
    outputs,
    transposed,
  }: { readonly inputs: number; readonly outputs: number; readonly transposed: boolean },
): QuantizedMatrix {
  const [inputStride, outputStride] = transposed ? [1, inputs] : [outputs, 1];
  const scales = new Float32Array(outputs).fill(1);
  const values = new Int8Array(inputs * outputs);
  for (let output = 0; output < outputs; output++) {
    const at = (input: number) => weight[input * inputStride + output * outputStride] ?? 0;
    let largest = 0;
    for (let input = 0; input < inputs; input++) largest = Math.max(largest, Math.abs(at(input)));
    if (largest > 0) scales[output] = largest / 127;
    const scale = scales[output] ?? 1;
    for (let input = 0; input < inputs; input++) {
      // The scale is rounded to float32, so the largest number may come out a hair above 127.
      const rounded = Math.round(at(input) / scale);
      values[input * outputs + output] = Math.max(-127, Math.min(127, rounded));
    }
  }
  return { values, scales };
}

function quantizedTensors({ name, weight, transposed }: Linear): StoredTensor[] {
  const [rows = 0, columns = 0] = weight.parameter.storedShape;
  const [inputs, outputs] = transposed ? [columns, rows] : [rows, columns];
  const { values, scales } = quantizeMatrix(storedNumbers(weight), { inputs, outputs, transposed });
  return [
    tensor(integers(name), 'int8', [inputs, outputs], values),
    tensor(scalesOf(name), 'float32', [outputs], scales),
  ];
}

function tensor(
  name: string,
  type: StoredTensor['type'],
  shape: readonly number[],
  data: ArrayBufferView,
): StoredTensor {
  return { name, type, shape, byteLength: data.byteLength, bytes: () => bytesOf(data) };
}

const integers = (weight: string) => `${weight}.int8`;
const scalesOf = (weight: string) => `${weight}.scale`;
const quantizedInput = (input: string) => [`${input}.uint8`, `${input}.scale`, `${input}.zero-point`];

function quantizeNode(input: string) {
  return onnx.NodeProto.create({
    opType: 'DynamicQuantizeLinear',
    name: `${input}/quantize`,
    input: [input],
    output: quantizedInput(input),
  });
}

/** (input - zero point) x weight in integers, then times both scales, plus the bias. */
function productNodes({ name, input, bias, output }: Linear) {
  const [values = '', scale = '', zeroPoint = ''] = quantizedInput(input);
  const node = (opType: string, inputs: readonly string[], result: string) =>
    onnx.NodeProto.create({ opType, name: `${result}/${opType}`, input: [...inputs], output: [result] });
  const product = bias ? `${output}.product` : output;
  return [
    node('MatMulInteger', [values, integers(name), zeroPoint], `${output}.int32`),
    castToFloat32(`${output}.int32`, `${output}.unscaled`),
    node('Mul', [scale, scalesOf(name)], `${output}.scale`),
    node('Mul', [`${output}.unscaled`, `${output}.scale`], product),
    ...(bias ? [node('Add', [product, bias], output)] : []),
  ];
}
