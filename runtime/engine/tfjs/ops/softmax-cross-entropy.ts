import { exp, logSoftmax, mul, type Scalar, sub, sum } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows } from '../shapes.ts';

/** Mean over the pictures of -sum(targets * log softmax(logits)), both [batch, classes]; a row of targets sums to its picture's weight. */
export function softmaxCrossEntropy<Classes extends number>(
  logits: Rows<1, Classes>,
  targets: Rows<1, Classes>,
): Scalar {
  const pictures = logits.shape[0];
  return differentiable(
    [logits],
    () => {
      const logProbabilities = logSoftmax(logits);
      const value = mul<Scalar>(sum(mul(logProbabilities, targets)), -1 / pictures);
      return { value, saved: [logProbabilities, targets] };
    },
    (dy, [logProbabilities, wanted]) => {
      const weights = sum(wanted, 1, true);
      return [mul(sub(mul(exp(logProbabilities), weights), wanted), mul(dy, 1 / pictures))];
    },
  );
}
