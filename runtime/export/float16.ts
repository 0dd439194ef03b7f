import { UserError } from '../user-error.ts';
import { LARGEST_HALF, toHalves } from '../weights/half.ts';
import { castToFloat32 } from './cast-node.ts';
import {
  bytesOf,
  type EmbeddedParameter,
  float32Tensor,
  type GraphProto,
  type StoredTensor,
  storedNumbers,
} from './stored-tensor.ts';

/**
 * Parameters of two axes and more as float16, each with a `Cast` to float32, in which everything is computed as before; biases and
 * the weights of norms stay, for they weigh nothing. ONNX Runtime does the casts once, when it opens the file.
 * @throws UserError for a number that float16 has not.
 */
export function storeFloat16(graph: GraphProto, embedded: readonly EmbeddedParameter[]): StoredTensor[] {
  const casts: ReturnType<typeof castToFloat32>[] = [];
  const tensors = embedded.map((each): StoredTensor => {
    const { name, storedShape } = each.parameter;
    if (storedShape.length < 2) return float32Tensor(each);
    checkRange(each);
    const half = `${name}.float16`;
    casts.push(castToFloat32(half, name));
    return {
      name: half,
      type: 'float16',
      shape: storedShape,
      byteLength: 2 * each.official.length,
      bytes: () => bytesOf(toHalves(storedNumbers(each))),
    };
  });
  graph.node = [...casts, ...(graph.node ?? [])];
  return tensors;
}

function checkRange({ parameter: { name }, official }: EmbeddedParameter): void {
  const beyond = official.find((value) => !(Math.abs(value) <= LARGEST_HALF));
  if (beyond === undefined) return;
  throw new UserError(
    `${name} holds ${beyond}, and float16 ends at ${LARGEST_HALF}`,
    'leave out --precision: float32 holds it',
  );
}
