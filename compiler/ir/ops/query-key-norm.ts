import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type OnnxContext } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { concatColumns, groupColumns, sliceColumns, ungroupColumns } from './columns.ts';
import { layerNormGradient, normalize } from './layer-norm-gradient.ts';
import { multiply } from './multiply.ts';
import { perExampleOf, widthOf } from './rows.ts';
import { sumRows } from './sum-rows.ts';

export const queryKeyNormOp = defineOp({
  name: 'query-key-norm',
  documentation:
    'Layer norm of the queries and of the keys within each head: qkv [batch*n, 3*width] → the same, values untouched. Weights and biases [width/heads] of queries, then of keys. Also yields means and inverse deviations [batch*n*heads, 1] of both.',
  attributes: { heads: 'number', epsilon: 'number' },
  precision: 'full',
  infer([qkv, ...affine], { heads }) {
    const width = widthOf(qkv, 'query-key-norm input') / 3;
    assert(width % heads === 0, `width ${width} is no multiple of ${heads} heads`);
    assert(
      affine.length === 4 && affine.every(({ shape }) => shape[0] === width / heads),
      'norms must be [width/heads]',
    );
    const tokens = perExampleOf(qkv, 'query-key-norm input');
    const statistic = float32(perExample(tokens * heads), 1);
    return [float32(perExample(tokens), 3 * width), statistic, statistic, statistic, statistic];
  },
  gradient(context) {
    const { builder, inputs, outputs, outputGradients, attributes, needs } = context;
    const [qkv, queryWeight, , keyWeight] = inputs;
    const [, queryMean, queryInverse, keyMean, keyInverse] = outputs;
    const [dy] = outputGradients;
    if (!qkv || !dy || !queryWeight || !keyWeight || !queryMean || !queryInverse || !keyMean || !keyInverse)
      return [];
    const width = widthOf(qkv, 'query-key-norm input') / 3;
    const part = (start: number) => ({
      x: groupColumns(builder, sliceColumns(builder, qkv, start, width), attributes.heads),
      dy: groupColumns(builder, sliceColumns(builder, dy, start, width), attributes.heads),
    });
    const query = normGradients(builder, {
      ...part(0),
      weight: queryWeight,
      mean: queryMean,
      inverse: queryInverse,
    });
    const key = normGradients(builder, {
      ...part(width),
      weight: keyWeight,
      mean: keyMean,
      inverse: keyInverse,
    });
    const joined = () =>
      concatColumns(builder, [
        ungroupColumns(builder, query.dx, attributes.heads),
        ungroupColumns(builder, key.dx, attributes.heads),
        sliceColumns(builder, dy, 2 * width, width),
      ]);
    return [needs(0) ? joined() : undefined, query.dWeight, query.dBias, key.dWeight, key.dBias];
  },
  onnx(context) {
    const { inputs, inputTypes, outputs, emit, emitMany, fresh, int64s } = context;
    const [qkv = '', queryWeight = '', queryBias = '', keyWeight = '', keyBias = ''] = inputs;
    const [out, ...statistics] = outputs;
    const width = widthOf(inputTypes[0], 'query-key-norm input') / 3;
    const parts = ['q', 'k', 'v'].map(fresh);
    emitMany('Split', [qkv, int64s([width, width, width])], parts, { axis: { int: 1 } });
    const [q = '', k = '', v = ''] = parts;
    const queries = normHeads(context, {
      x: q,
      weight: queryWeight,
      bias: queryBias,
      statistics: statistics.slice(0, 2),
      width,
    });
    const keys = normHeads(context, {
      x: k,
      weight: keyWeight,
      bias: keyBias,
      statistics: statistics.slice(2),
      width,
    });
    emit('Concat', [queries, keys, v], { axis: { int: 1 } }, out);
  },
  tfjs({ inputs, attributes: { heads, epsilon }, use }) {
    return `${use('queryKeyNorm')}(${inputs.join(', ')}, ${heads}, ${epsilon.toExponential()})`;
  },
});

interface NormPart {
  readonly x: Value;
  readonly dy: Value;
  readonly weight: Value;
  readonly mean: Value;
  readonly inverse: Value;
}

function normGradients(builder: GraphBuilder, { x, dy, weight, mean, inverse }: NormPart) {
  const normalized = normalize(builder, x, mean, inverse);
  const product = multiply(builder, dy, normalized);
  return {
    dx: layerNormGradient(builder, { dy, product, normalized, weight, inverse }),
    dWeight: sumRows(builder, product),
    dBias: sumRows(builder, dy),
  };
}

interface HeadsToNorm {
  readonly x: string;
  readonly weight: string;
  readonly bias: string;
  readonly statistics: readonly string[];
  readonly width: number;
}

/** Norms each head of [rows, width] for itself. */
function normHeads(
  {
    attributes,
    emit,
    emitMany,
    fresh,
    int64s,
  }: OnnxContext<{ readonly heads: number; readonly epsilon: number }>,
  { x, weight, bias, statistics, width }: HeadsToNorm,
): string {
  const grouped = emit('Reshape', [x, int64s([-1, width / attributes.heads])]);
  const normed = fresh('normed');
  const options = { axis: { int: -1 }, epsilon: attributes.epsilon };
  emitMany('LayerNormalization', [grouped, weight, bias], [normed, ...statistics], options);
  return emit('Reshape', [normed, int64s([-1, width])]);
}

export interface QueryKeyNorms {
  readonly queryWeight: Value;
  readonly queryBias: Value;
  readonly keyWeight: Value;
  readonly keyBias: Value;
}

/** qkv [batch*n, 3*width] → the same, with queries and keys normed within each head. */
export function queryKeyNorm(
  builder: GraphBuilder,
  qkv: Value,
  { queryWeight, queryBias, keyWeight, keyBias }: QueryKeyNorms,
  options: { readonly heads: number; readonly epsilon: number },
): Value {
  const inputs = [qkv, queryWeight, queryBias, keyWeight, keyBias];
  return builder.one(queryKeyNormOp, inputs, { heads: options.heads, epsilon: options.epsilon });
}
