import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { matmul } from './matmul.ts';
import { countOf, rowsOf, widthOf } from './rows.ts';
import { sumRows } from './sum-rows.ts';

/**
 * How a weight matrix is held. PyTorch's is out-in. The gradient of the wider layout is the wider matrix product, which is
 * faster in the GEMM libraries, so the model picks the layout with the larger side last.
 */
export type WeightLayout = 'in-out' | 'out-in';

export const linearOp = defineOp({
  name: 'linear',
  documentation:
    'alpha * x [rows, in] times weight + beta * bias [out] → [rows, out]; the weight is [in, out] or [out, in].',
  attributes: { layout: 'string', alpha: 'number', beta: 'number' },
  precision: 'half',
  infer([x, weight, bias], { layout }) {
    const [inputs, outputs] = weightSides(weight?.shape, layout);
    assert(widthOf(x, 'linear input') === inputs, `linear of width ${inputs} got ${x?.shape[1]}`);
    assert(bias === undefined || bias.shape[0] === outputs, `linear bias must have ${outputs} elements`);
    return [float32(rowsOf(x, 'linear input'), outputs)];
  },
  flops([x, weight], _, { layout }) {
    const [inputs, outputs] = weightSides(weight?.shape, layout);
    return 2 * countOf(rowsOf(x, 'linear input')) * inputs * outputs;
  },
  gradient({
    builder,
    inputs: [x, weight, bias],
    attributes: { layout, alpha, beta },
    outputGradients: [dy],
    needs,
  }) {
    if (!x || !weight || !dy) return [];
    const inOut = layout === 'in-out';
    const [left, right] = inOut ? [x, dy] : [dy, x];
    return [
      needs(0) ? matmul(builder, dy, weight, { transposeB: inOut, alpha }) : undefined,
      needs(1) ? matmul(builder, left, right, { transposeA: true, alpha }) : undefined,
      bias && needs(2) ? sumRows(builder, dy, { scale: beta }) : undefined,
    ];
  },
  onnx({ inputs, outputs, attributes: { layout, alpha, beta }, emit }) {
    emit('Gemm', inputs, { transB: { int: layout === 'out-in' ? 1 : 0 }, alpha, beta }, outputs[0]);
  },
  tfjs({ inputs: [x, weight, bias], attributes: { layout, alpha, beta }, use }) {
    assert(alpha === 1 && beta === 1, 'only a compiled training step scales a linear');
    return `${use('linear')}(${x}, ${weight}, ${bias ?? 'undefined'}, '${layout}')`;
  },
});

/** x [rows, in] → [rows, out]. */
export function linear(
  builder: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  layout: WeightLayout,
): Value {
  return builder.one(linearOp, bias ? [x, weight, bias] : [x, weight], { layout, alpha: 1, beta: 1 });
}

function weightSides(
  shape: readonly unknown[] | undefined,
  layout: string,
): [inputs: number, outputs: number] {
  const [first, second] = shape ?? [];
  assert(typeof first === 'number' && typeof second === 'number', 'a linear weight is a matrix');
  return layout === 'in-out' ? [first, second] : [second, first];
}
