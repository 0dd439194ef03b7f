import type { Graph, Node, Value } from '../ir/graph.ts';
import type { Attributes } from '../ir/op.ts';
import { erfGateOp } from '../ir/ops/erf-gate.ts';
import { geluOp } from '../ir/ops/gelu.ts';
import { linearOp } from '../ir/ops/linear.ts';
import { verify } from './verify.ts';

/**
 * linear → gelu → linear becomes linear / sqrt 2 → erf-gate → linear with alpha / sqrt 2: the same function with two
 * element-wise passes fewer over the widest activations of a block, forward and backward. For training steps, before they
 * are differentiated.
 */
export function foldGelu(graph: Graph): Graph {
  const producers = new Map<number, Node>();
  const readers = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) producers.set(output.id, node);
    for (const { id } of node.inputs) {
      const known = readers.get(id);
      if (known) known.push(node);
      else readers.set(id, [node]);
    }
  }
  const scaled = new Map<Node, Attributes>();
  const gates = new Set<Node>();
  for (const node of graph.nodes) {
    const [hidden] = node.inputs;
    const [activated] = node.outputs;
    if (node.op !== geluOp || !hidden || !activated) continue;
    const before = producers.get(hidden.id);
    const after = readers.get(activated.id) ?? [];
    const exclusive =
      readers.get(hidden.id)?.length === 1 && !graph.outputs.some(({ value }) => value === hidden);
    const reader = after[0];
    if (before?.op !== linearOp || !exclusive || after.length !== 1 || reader?.op !== linearOp) continue;
    if (reader.inputs[0] !== activated) continue;
    scaled.set(before, { ...before.attributes, alpha: Math.SQRT1_2, beta: Math.SQRT1_2 });
    scaled.set(reader, { ...reader.attributes, alpha: Math.SQRT1_2 });
    gates.add(node);
  }
  let nextId = Math.max(-1, ...allValues(graph).map(({ id }) => id)) + 1;
  const nodes = graph.nodes.map((node): Node => {
    const attributes = scaled.get(node);
    if (attributes) return { ...node, attributes };
    const [out] = node.outputs;
    if (!gates.has(node) || !out) return node;
    return { ...node, op: erfGateOp, outputs: [out, { ...out, id: nextId++ }] };
  });
  return verify({ ...graph, nodes }, 'fold-gelu');
}

function allValues(graph: Graph): Value[] {
  return [
    ...graph.inputs.map(({ value }) => value),
    ...graph.parameters.map(({ value }) => value),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
}
