import type { Graph, Node, Value } from '../ir/graph.ts';
import { verify } from './verify.ts';

/** Computes nothing twice and nothing in vain: merges equal nodes, then drops nodes and inputs that no output needs. */
export function simplify(graph: Graph): Graph {
  return verify(dropUnused(mergeEqual(graph)), 'simplify');
}

function mergeEqual(graph: Graph): Graph {
  const replaced = new Map<number, Value>();
  const current = (value: Value) => replaced.get(value.id) ?? value;
  const seen = new Map<string, Node>();
  const nodes: Node[] = [];
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map(current) };
    const key = JSON.stringify([node.op.name, node.attributes, node.inputs.map(({ id }) => id)]);
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, node);
      nodes.push(node);
    } else {
      node.outputs.forEach(({ id }, index) => {
        const value = earlier.outputs[index];
        if (value) replaced.set(id, value);
      });
    }
  }
  return { ...graph, nodes, outputs: graph.outputs.map((port) => ({ ...port, value: current(port.value) })) };
}

function dropUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue;
    for (const { id } of node.inputs) needed.add(id);
    nodes.push(node);
  }
  // Pictures stay an input even of a graph that ignored them; a parameter stays one too: weights are loaded by its list.
  const inputs = graph.inputs.filter(({ role, value }) => role === 'images' || needed.has(value.id));
  return { ...graph, inputs, nodes: nodes.reverse() };
}
