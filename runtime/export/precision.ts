import { storeFloat16 } from './float16.ts';
import { storeInt8 } from './int8.ts';
import {
  type EmbeddedParameter,
  float32Tensor,
  type GraphProto,
  type StoredTensor,
} from './stored-tensor.ts';

/** Makes constants of a graph's parameters, and changes its nodes as these need it. */
type StoreParameters = (graph: GraphProto, embedded: readonly EmbeddedParameter[]) => StoredTensor[];

export const PRECISION_NAMES = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISION_NAMES)[number];

/** How the weights of an exported graph are stored. */
export const PRECISIONS: Readonly<Record<Precision, StoreParameters>> = {
  float32: (_, embedded) => embedded.map(float32Tensor),
  float16: storeFloat16,
  int8: storeInt8,
};
