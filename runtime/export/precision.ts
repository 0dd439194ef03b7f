import { storeFloat16 } from './float16.ts';
import { storeInt8 } from './int8.ts';
import { padHidden } from './pad-hidden.ts';
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
  float32: (graph, embedded) => padHidden(graph, embedded).map(float32Tensor),
  float16: (graph, embedded) => storeFloat16(graph, padHidden(graph, embedded)),
  int8: storeInt8,
};
