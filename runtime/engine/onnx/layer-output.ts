import onnxProto from 'onnx-proto';
import { EngineError } from '../engine.ts';

// A CommonJS module whose names Node does not see.
const { onnx } = onnxProto;

/** TensorProto.DataType.FLOAT. */
const FLOAT = 1;

/** What of a node says how it is connected. */
interface Node {
  readonly name?: string | null | undefined;
  readonly input?: string[] | null | undefined;
  readonly output?: string[] | null | undefined;
}

/** An encoder that ends after a block. */
export interface CutEncoder {
  readonly bytes: Uint8Array;
  /** Name of the only output: tokens [batch * tokens, width]. */
  readonly output: string;
}

/**
 * The compiled encoder up to and with block `block` (from 0), as an ONNX model: what comes after is left out, its parameters stay inputs.
 * Nodes are named after their modules, so a block's result is what other nodes read of it.
 *
 * @throws EngineError when the file is no compiled encoder, or has no such block.
 */
export function cutEncoder(bytes: Uint8Array, block: number): CutEncoder {
  const model = decode(bytes);
  const graph = model.graph;
  const nodes = graph?.node ?? [];
  const output = resultOf(nodes, `encoder.blocks.${block}`);
  if (!graph || output === undefined) {
    throw new EngineError(
      `the compiled encoder has no block ${block}`,
      'the file may be damaged: compile the model again with mae-compile spec/ --out generated',
    );
  }
  graph.node = ancestors(nodes, output);
  // A float tensor of any shape: blocks have rows, the encoder's output has pictures.
  const type = onnx.TypeProto.create({ tensorType: { elemType: FLOAT } });
  graph.output = [onnx.ValueInfoProto.create({ name: output, type })];
  return { bytes: onnx.ModelProto.encode(model).finish(), output };
}

function decode(bytes: Uint8Array) {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch {
    throw new EngineError(
      'the compiled encoder is damaged',
      'compile the model again with mae-compile spec/ --out generated',
    );
  }
}

/** The tensor that nodes outside of a module read of it. */
function resultOf(nodes: readonly Node[], module: string): string | undefined {
  const isInside = ({ name }: Node) => name?.startsWith(`${module}/`) || name?.startsWith(`${module}.`);
  const made = new Set(nodes.filter(isInside).flatMap((node) => node.output ?? []));
  for (const node of nodes) {
    if (isInside(node)) continue;
    const read = (node.input ?? []).find((name) => made.has(name));
    if (read !== undefined) return read;
  }
  return undefined;
}

/** The nodes that a tensor is made by, in their order. */
function ancestors<Kind extends Node>(nodes: readonly Kind[], tensor: string): Kind[] {
  const needed = new Set([tensor]);
  const kept: Kind[] = [];
  for (const node of [...nodes].reverse()) {
    if (!(node.output ?? []).some((name) => needed.has(name))) continue;
    for (const name of node.input ?? []) needed.add(name);
    kept.push(node);
  }
  return kept.reverse();
}
