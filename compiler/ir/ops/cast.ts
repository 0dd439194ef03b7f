import { assert, present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type OnnxContext } from '../op.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

/** Codes of onnx.TensorProto.DataType. */
const CODES = { float32: 1, float16: 10 } as const;

export type FloatType = keyof typeof CODES;

export const castOp = defineOp({
  name: 'cast',
  documentation:
    'x in float16 or in float32. What float16 has no room for, beyond 65504, becomes infinite; what is below 6e-8, zero.',
  attributes: { to: 'string' },
  precision: 'conversion',
  infer([x], { to }) {
    const { type, shape } = present(x, 'cast input');
    const target = floatType(to);
    assert(type !== 'int32' && type !== target, `a cast of ${type} to ${target}`);
    return [{ type: target, shape }];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, outputs, attributes: { to }, emit }) {
    emit('Cast', inputs, { to: { int: CODES[floatType(to)] } }, outputs[0]);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

function floatType(name: string): FloatType {
  assert(name === 'float32' || name === 'float16', `${name} is no type that numbers are cast to`);
  return name;
}

/** x of any shape in the other type. */
export function cast(builder: GraphBuilder, x: Value, to: FloatType): Value {
  return builder.one(castOp, [x], { to });
}

type Emit = OnnxContext['emit'];

/** A tensor in float32, within the lowering of an op that computes in float16. */
export function toFloat32(emit: Emit, x: string): string {
  return emit('Cast', [x], { to: { int: CODES.float32 } });
}

export function toFloat16(emit: Emit, x: string, output?: string): string {
  return emit('Cast', [x], { to: { int: CODES.float16 } }, output);
}
