import type { onnx as OnnxTypes } from 'onnx-proto';

type NodeProto = OnnxTypes.INodeProto;

/**
 * The nodes in an order in which ONNX Runtime makes each result as soon as it can. It takes little notice of the order in a
 * file: it goes back from the nodes whose results no other node reads, the last of them in the file first, and runs whatever
 * these need, depth first (as of 1.30). In the order in which they were recorded, the gradients of the weights would all be
 * made at the very end, and keep every activation until then. So the nodes that nobody reads come last, and those of
 * them that are done after the fewest steps at the very end.
 */
export function resultsLast(nodes: readonly NodeProto[]): NodeProto[] {
  const read = new Set(nodes.flatMap(({ input }) => input ?? []));
  const steps = stepsTo(nodes);
  const isRead = ({ output }: NodeProto) => (output ?? []).some((name) => read.has(name));
  const results = nodes.filter((node) => !isRead(node));
  const stepsOf = ({ output }: NodeProto) => steps.get(output?.[0] ?? '') ?? 0;
  return [...nodes.filter(isRead), ...results.sort((a, b) => stepsOf(b) - stepsOf(a))];
}

/** How many nodes are run one after the other, at least, until a tensor is there. */
function stepsTo(nodes: readonly NodeProto[]): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  for (const { input, output } of nodes) {
    const last = (input ?? []).reduce((most, name) => Math.max(most, steps.get(name) ?? 0), 0);
    for (const name of output ?? []) steps.set(name, last + 1);
  }
  return steps;
}
