import onnxProto from 'onnx-proto';
import { Tensor } from 'onnxruntime-node';
import { DATA_TYPES } from '../../compiler/emit/onnx/tensors.ts';
import { elements, type Product } from './product.ts';

const { onnx } = onnxProto;
const INT = 2;
const OPSET = 17;
const IR_VERSION = 8;

/**
 * An ONNX model of nothing but the products; each takes operands of its own, and only the shapes of the results are looked at. Sizes are
 * left open, or ONNX Runtime would know those shapes without a product.
 */
export function productsModel(products: readonly Product[]): Uint8Array {
  const nodes = products.flatMap(({ opType, transposeA, transposeB }, i) => {
    const attribute =
      opType === 'MatMul'
        ? []
        : [
            { name: 'transA', type: INT, i: Number(transposeA) },
            { name: 'transB', type: INT, i: Number(transposeB) },
          ];
    const domain = opType === 'FusedMatMul' ? 'com.microsoft' : '';
    return [
      { name: `product${i}`, opType, domain, input: [`a${i}`, `b${i}`], output: [`c${i}`], attribute },
      { name: `shape${i}`, opType: 'Shape', input: [`c${i}`], output: [`s${i}`] },
    ];
  });
  const port = (name: string, elemType: number, shape: readonly number[]) => ({
    name,
    type: {
      tensorType: { elemType, shape: { dim: shape.map((_, axis) => ({ dimParam: `${name}_${axis}` })) } },
    },
  });
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'products',
      node: nodes,
      input: products.flatMap(({ a, b }, i) => [
        port(`a${i}`, DATA_TYPES.float32, a),
        port(`b${i}`, DATA_TYPES.float32, b),
      ]),
      output: products.map(({ a, b }, i) => port(`s${i}`, DATA_TYPES.int64, [Math.max(a.length, b.length)])),
    },
  }).finish();
}

/** Of all operands together, in numbers: more than a processor's caches hold, and no more than need be. */
const POOL = 64e6;

/**
 * Operands for the model of the products: views of one large array, each of another part of it as long as there are others, so that
 * they come from memory as a step's do. No number is so small that it would be slow.
 */
export function productFeeds(products: readonly Product[]): Record<string, Tensor> {
  const largest = products.reduce((most, { a, b }) => Math.max(most, elements(a), elements(b)), 0);
  const pool = Float32Array.from({ length: Math.max(POOL, largest) }, (_, i) => ((i % 1021) - 510) / 1021);
  let offset = 0;
  const operand = (shape: readonly number[]): Tensor => {
    const length = elements(shape);
    if (offset + length > pool.length) offset = 0;
    const view = pool.subarray(offset, offset + length);
    offset += length;
    return new Tensor('float32', view, shape);
  };
  return Object.fromEntries(
    products.flatMap(({ a, b }, i) => [
      [`a${i}`, operand(a)],
      [`b${i}`, operand(b)],
    ]),
  );
}
