import { reshape } from '@tensorflow/tfjs';
import type { Batch, Rows } from '../shapes.ts';

/** x [batch*tokens, width] seen as [batch, tokens, width]. */
export function splitBatch<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  tokens: Tokens,
): Batch<Tokens, Width> {
  return reshape(x, [-1, tokens, x.shape[1]]) as Batch<Tokens, Width>;
}
