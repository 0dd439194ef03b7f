import { present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { sameTypes } from './add.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf } from './rows.ts';

export const softmaxCrossEntropyOp = defineOp({
  name: 'softmax-cross-entropy',
  documentation:
    'Mean over the pictures of -sum(targets * log softmax(logits)), both [batch, classes]; a row of targets sums to the weight of its picture. Also yields the probabilities.',
  attributes: {},
  precision: 'full',
  infer: (inputs) => [float32(), sameTypes('softmax-cross-entropy', inputs)],
  gradient({ builder, inputs: [, targets], outputs: [, probabilities], outputGradients: [dLoss], needs }) {
    if (!targets || !probabilities || !dLoss || !needs(0)) return [];
    return [builder.one(softmaxCrossEntropyGradientOp, [probabilities, targets, dLoss])];
  },
  // Composed, because LogSoftmax has no WebGPU kernel: log softmax = (x - max) - log(sum(exp(x - max))).
  onnx({ inputs: [logits = '', targets = ''], outputs: [loss, probabilities], emit, floats, int64s }) {
    const largest = emit('ReduceMax', [logits], { axes: [1], keepdims: { int: 1 } });
    const shifted = emit('Sub', [logits, largest]);
    const exponentials = emit('Exp', [shifted]);
    const sum = emit('ReduceSum', [exponentials, int64s([1])], { keepdims: { int: 1 } });
    emit('Div', [exponentials, sum], {}, probabilities);
    const logProbabilities = emit('Sub', [shifted, emit('Log', [sum])]);
    const agreement = emit('ReduceSum', [emit('Mul', [logProbabilities, targets]), int64s([1])], {
      keepdims: { int: 0 },
    });
    emit('Mul', [emit('ReduceMean', [agreement], { keepdims: { int: 0 } }), floats([-1])], {}, loss);
  },
  tfjs: ({ inputs: [logits, targets], use }) => `${use('softmaxCrossEntropy')}(${logits}, ${targets})`,
});

export const softmaxCrossEntropyGradientOp = defineOp({
  name: 'softmax-cross-entropy-gradient',
  documentation: 'dLoss * (probabilities * sum(targets) - targets) / pictures.',
  attributes: {},
  precision: 'full',
  infer: ([probabilities]) => [present(probabilities, 'probabilities')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({
    inputs: [probabilities = '', targets = '', dLoss = ''],
    inputTypes: [type],
    outputs: [out],
    ...context
  }) {
    const { emit, floats, int64s, batchReciprocal } = context;
    const share = emit('Mul', [batchReciprocal(), floats([1 / perExampleOf(type, 'probabilities')])]);
    const weight = emit('ReduceSum', [targets, int64s([1])], { keepdims: { int: 1 } });
    const difference = emit('Sub', [emit('Mul', [probabilities, weight]), targets]);
    emit('Mul', [difference, emit('Mul', [dLoss, share])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** logits and targets [batch, classes] → scalar. */
export function softmaxCrossEntropy(builder: GraphBuilder, logits: Value, targets: Value): Value {
  return builder.one(softmaxCrossEntropyOp, [logits, targets]);
}
