import onnxProto from 'onnx-proto';
import { DATA_TYPES } from './stored-tensor.ts';

// A CommonJS module whose names Node does not see.
const { onnx } = onnxProto;

/** A node that makes float32 numbers of others. */
export function castToFloat32(input: string, output: string) {
  return onnx.NodeProto.create({
    opType: 'Cast',
    name: `${output}/to-float32`,
    input: [input],
    output: [output],
    attribute: [{ name: 'to', type: onnx.AttributeProto.AttributeType.INT, i: DATA_TYPES.float32 }],
  });
}
