import { utf8ToBytes } from '@noble/hashes/utils.js';
import onnxProto, { type onnx as OnnxTypes } from 'onnx-proto';

const { onnx } = onnxProto;

/**
 * A hash of what a graph computes: operators with their attributes, in order, and how they are connected. Inputs, outputs and
 * weights go in by name, constants by what is in them, and what is between operators by where it comes from.
 */
export function graphHash(
  graph: OnnxTypes.IGraphProto,
  constants: ReadonlyMap<string, string>,
  sha256: (bytes: Uint8Array) => string,
): string {
  const outputs = new Set((graph.output ?? []).map(({ name }) => name ?? ''));
  const sources = new Map<string, string>(constants);
  const lines = (graph.node ?? []).map((node, index) => {
    const inputs = (node.input ?? []).map((name) => sources.get(name) ?? name);
    (node.output ?? []).forEach((name, port) => {
      sources.set(name, `${index}.${port}`);
    });
    const results = (node.output ?? []).map((name) => (outputs.has(name) ? name : ''));
    const attributes = (node.attribute ?? [])
      .map((attribute) => hex(onnx.AttributeProto.encode({ ...attribute, docString: '' }).finish()))
      .sort();
    return JSON.stringify([node.domain ?? '', node.opType ?? '', inputs, results, attributes]);
  });
  return sha256(utf8ToBytes(lines.join('\n')));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
