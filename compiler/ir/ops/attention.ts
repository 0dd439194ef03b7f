import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type OnnxContext } from '../op.ts';
import { float32, perExample, type TensorType } from '../shape.ts';
import { toFloat16, toFloat32 } from './cast.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

interface AttentionSides {
  readonly tokens: number;
  readonly width: number;
  readonly perHead: number;
}

function sidesOf(type: TensorType | undefined, heads: number, parts: number): AttentionSides {
  const width = widthOf(type, 'attention input') / parts;
  assert(width % heads === 0, `attention width ${width} is no multiple of ${heads} heads`);
  return { tokens: perExampleOf(type, 'attention input'), width, perHead: width / heads };
}

export const attentionOp = defineOp({
  name: 'attention',
  documentation:
    'Multi-head self-attention of qkv [batch*n, 3*width] → [batch*n, width]. Also yields, for the gradient, scaled queries, keys, values and results [batch, heads, n, width/heads] and probabilities [batch, heads, n, n].',
  attributes: { heads: 'number' },
  precision: 'half',
  infer([qkv], { heads }) {
    const { tokens, width, perHead } = sidesOf(qkv, heads, 3);
    const split = float32(perExample(1), heads, tokens, perHead);
    const probabilities = float32(perExample(1), heads, tokens, tokens);
    return [float32(perExample(tokens), width), split, split, split, split, probabilities];
  },
  flops([qkv], _, { heads }) {
    const { tokens, width } = sidesOf(qkv, heads, 3);
    return 2 * (2 * tokens * tokens * width);
  },
  gradient({ builder, outputs: [, ...saved], attributes: { heads }, outputGradients: [dy] }) {
    return dy ? [builder.one(attentionGradientOp, [dy, ...saved], { heads })] : [];
  },
  onnx(context) {
    const { inputs, inputTypes, outputs, attributes, emit, emitMany, fresh, floats } = context;
    const { width, perHead } = sidesOf(inputTypes[0], attributes.heads, 3);
    const [out, queries = '', keys = '', values = '', results = '', probabilities = ''] = outputs;
    const parts = ['q', 'k', 'v'].map(fresh);
    emitMany('Split', [inputs[0] ?? '', context.int64s([width, width, width])], parts, { axis: { int: 1 } });
    const [q = '', k = '', v = ''] = parts;
    // The scale goes onto the queries: n * perHead numbers a head instead of the scores' n * n.
    emit('Mul', [splitHeads(context, q, width), floats([perHead ** -0.5])], {}, queries);
    splitHeads(context, k, width, keys);
    splitHeads(context, v, width, values);
    const scores = emit('MatMul', [queries, emit('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const softmax = { axis: { int: -1 } };
    if (context.half) toFloat16(emit, emit('Softmax', [toFloat32(emit, scores)], softmax), probabilities);
    else emit('Softmax', [scores], softmax, probabilities);
    emit('MatMul', [probabilities, values], {}, results);
    mergeHeads(context, results, width, out);
  },
  tfjs: ({ inputs: [qkv], attributes: { heads }, rowsPerPicture, use }) =>
    `${use('attention')}(${qkv}, ${rowsPerPicture(0)}, ${heads})`,
});

export const attentionGradientOp = defineOp({
  name: 'attention-gradient',
  documentation: 'd loss / d qkv [batch*n, 3*width] from dy [batch*n, width] and what attention saved.',
  attributes: { heads: 'number' },
  precision: 'half',
  infer([dy], { heads }) {
    const { tokens, width } = sidesOf(dy, heads, 1);
    return [float32(perExample(tokens), 3 * width)];
  },
  flops([dy], _, { heads }) {
    const { tokens, width } = sidesOf(dy, heads, 1);
    return 4 * (2 * tokens * tokens * width);
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx(context) {
    const { inputs, inputTypes, outputs, attributes, half, emit, floats, int64s } = context;
    const { width, perHead } = sidesOf(inputTypes[0], attributes.heads, 1);
    const wide = (x: string) => (half ? toFloat32(emit, x) : x);
    const narrow = (x: string) => (half ? toFloat16(emit, x) : x);
    const [dy = '', queries = '', keys = '', values = '', results = '', probabilities = ''] = inputs;
    const flip = (x: string) => emit('Transpose', [x], { perm: [0, 1, 3, 2] });
    const gradient = splitHeads(context, dy, width);
    const dValues = emit('MatMul', [flip(probabilities), gradient]);
    const dProbabilities = emit('MatMul', [gradient, flip(values)]);
    // The softmax's row sums of p * dp equal those of result * dresult, which are fewer numbers.
    const rowSums = emit('ReduceSum', [emit('Mul', [wide(gradient), wide(results)]), int64s([-1])], {
      keepdims: { int: 1 },
    });
    const dScores = narrow(emit('Mul', [wide(probabilities), emit('Sub', [wide(dProbabilities), rowSums])]));
    const dQueries = emit('Mul', [emit('MatMul', [dScores, keys]), floats([perHead ** -0.5])]);
    const dKeys = emit('MatMul', [flip(dScores), queries]);
    const merged = [dQueries, dKeys, dValues].map((part) => mergeHeads(context, part, width));
    emit('Concat', merged, { axis: { int: 1 } }, outputs[0]);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

type HeadsContext = OnnxContext<{ readonly heads: number }>;

/** [batch*n, width] → [batch, heads, n, width/heads]. */
function splitHeads(
  { attributes, inputTypes, emit, byPicture }: HeadsContext,
  x: string,
  width: number,
  output?: string,
): string {
  const tokens = perExampleOf(inputTypes[0], 'attention input');
  const shape = byPicture(tokens, [attributes.heads, width / attributes.heads]);
  return emit('Transpose', [emit('Reshape', [x, shape])], { perm: [0, 2, 1, 3] }, output);
}

/** [batch, heads, n, width/heads] → [batch*n, width]. */
function mergeHeads({ emit, int64s }: HeadsContext, x: string, width: number, output?: string): string {
  return emit('Reshape', [emit('Transpose', [x], { perm: [0, 2, 1, 3] }), int64s([-1, width])], {}, output);
}

/** qkv [batch*n, 3*width] → [batch*n, width]. */
export function attention(builder: GraphBuilder, qkv: Value, heads: number): Value {
  return builder.one(attentionOp, [qkv], { heads });
}
