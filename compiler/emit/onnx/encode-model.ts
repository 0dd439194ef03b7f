import onnxProto, { type onnx as OnnxTypes } from 'onnx-proto';

const { onnx } = onnxProto;

/** So many nodes are encoded at a time: the encoder holds many small objects for each until it is done. */
const NODES_AT_A_TIME = 64;
/** Field 7 of a model, its graph: a message, whose length follows. */
const GRAPH_TAG = (7 << 3) | 2;

/** The bytes of a model without metadata. Fields of an encoded message may follow each other in pieces. */
export function encodeModel(model: OnnxTypes.IModelProto, graph: OnnxTypes.IGraphProto): Uint8Array {
  const { node: nodes = [], ...rest } = graph;
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < (nodes?.length ?? 0); start += NODES_AT_A_TIME) {
    pieces.push(
      onnx.GraphProto.encode({ node: nodes?.slice(start, start + NODES_AT_A_TIME) ?? [] }).finish(),
    );
  }
  pieces.push(onnx.GraphProto.encode(rest).finish());
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = onnx.ModelProto.encode(model).finish();
  return concatenated([head, Uint8Array.from([GRAPH_TAG, ...variableLength(length)]), ...pieces]);
}

/** The bytes of a model with these metadata. */
export function labelled(unlabelled: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  return concatenated([unlabelled, onnx.ModelProto.encode({ metadataProps }).finish()]);
}

/** A count as Protocol Buffers write it: seven bits a byte, the lowest first; the highest bit says that more follow. */
function variableLength(count: number): number[] {
  return count < 128 ? [count] : [(count % 128) + 128, ...variableLength(Math.floor(count / 128))];
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
