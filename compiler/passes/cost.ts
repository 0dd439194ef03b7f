import type { Graph, Node, Parameter, Value } from '../ir/graph.ts';
import { ELEMENT_BYTES, elementsPerExample, isBatched, type TensorType } from '../ir/shape.ts';

/** Two per multiply-accumulate of one picture. */
export function nodeFlops(node: Node): number {
  return node.op.flops(node.inputs, node.outputs, node.attributes);
}

/** FLOPs of one picture of all nodes that `include` accepts. */
export function graphFlops(graph: Graph, include: (node: Node) => boolean = () => true): number {
  return graph.nodes.reduce((sum, node) => (include(node) ? sum + nodeFlops(node) : sum), 0);
}

/** Whether a module path is the given module or inside of it. */
export function isInside(path: string, module: string): boolean {
  return path.startsWith(module) && (path.length === module.length || path[module.length] === '.');
}

export function parameterElements(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

/**
 * Bytes of activations that are alive at once at the worst point of the graph, for one picture: each tensor that grows with
 * the batch lives from the node that makes it to the last node that reads it. Tensors inside an op's lowering are left out.
 */
export function peakActivationBytes(graph: Graph): number {
  return peakOfActivations(graph).bytes;
}

/** The worst point of a graph. */
export interface ActivationPeak {
  readonly bytes: number;
  /** Whether an input, or a value that a node makes, is alive there. */
  readonly isAlive: (value: Pick<Value, 'id'>) => boolean;
}

/** As `peakActivationBytes`, with what is alive there: the first such point, before any node or behind one. */
export function peakOfActivations(graph: Graph): ActivationPeak {
  const lastUse = new Map<number, number>();
  const made = new Map(graph.inputs.map(({ value }) => [value.id, -1]));
  graph.nodes.forEach((node, position) => {
    for (const { id } of node.inputs) lastUse.set(id, position);
    for (const { id } of node.outputs) made.set(id, position);
  });
  for (const { value } of graph.outputs) lastUse.set(value.id, graph.nodes.length);
  let alive = graph.inputs.reduce((sum, { value }) => sum + activationBytes(value), 0);
  let peak = { bytes: alive, position: -1 };
  const released = new Set<number>();
  graph.nodes.forEach((node, position) => {
    for (const output of node.outputs) alive += activationBytes(output);
    if (alive > peak.bytes) peak = { bytes: alive, position };
    for (const values of [node.inputs, node.outputs]) {
      for (const value of values) {
        if ((lastUse.get(value.id) ?? position) > position || released.has(value.id)) continue;
        released.add(value.id);
        alive -= activationBytes(value);
      }
    }
  });
  const { bytes, position } = peak;
  const isAlive = ({ id }: Pick<Value, 'id'>) => {
    const birth = made.get(id) ?? graph.nodes.length;
    return birth <= position && position <= (lastUse.get(id) ?? birth);
  };
  return { bytes, isAlive };
}

/** Bytes of a value that grows with the batch, for one picture; 0 of any other. */
export function activationBytes({ type, shape }: TensorType): number {
  return isBatched(shape) ? elementsPerExample(shape) * ELEMENT_BYTES[type] : 0;
}

/** What one module costs, its children included. */
export interface ModuleCost {
  readonly path: string;
  readonly parameters: number;
  readonly forwardFlops: number;
  /** Forward and backward, as the compiled training step does them. */
  readonly trainingFlops: number;
  /** Activations that the module's forward pass leaves for its backward pass, for one picture. */
  readonly savedBytes: number;
}

/** Costs of every module of a training graph, from the root down, in order of first appearance. */
export function moduleCosts(training: Graph): readonly ModuleCost[] {
  type Cost = { -readonly [K in keyof Omit<ModuleCost, 'path'>]: number };
  const costs = new Map<string, Cost>();
  const known = new Map<string, readonly Cost[]>();
  const costsAt = (path: string): readonly Cost[] => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const found = ancestors(path).map((module) => {
      const cost = costs.get(module) ?? { parameters: 0, forwardFlops: 0, trainingFlops: 0, savedBytes: 0 };
      costs.set(module, cost);
      return cost;
    });
    known.set(path, found);
    return found;
  };
  const each = (path: string, update: (cost: Cost) => void) => costsAt(path).forEach(update);
  const saved = savedForBackward(training);
  for (const node of training.nodes) {
    const flops = nodeFlops(node);
    const bytes = node.outputs.reduce(
      (sum, output) => sum + (saved.has(output.id) ? activationBytes(output) : 0),
      0,
    );
    each(node.scope.path, (cost) => {
      if (node.phase === 'forward') cost.forwardFlops += flops;
      cost.trainingFlops += flops;
      cost.savedBytes += bytes;
    });
  }
  for (const parameter of training.parameters) {
    each(parameter.scope.path, (cost) => {
      cost.parameters += parameterElements([parameter]);
    });
  }
  return [...costs].map(([path, cost]) => ({ path, ...cost }));
}

/** The results of the forward pass that the backward pass reads, by their numbers. */
export function savedForBackward(training: Graph): ReadonlySet<number> {
  const made = new Set(
    training.nodes
      .filter(({ phase }) => phase === 'forward')
      .flatMap(({ outputs }) => outputs.map(({ id }) => id)),
  );
  const read = training.nodes
    .filter(({ phase }) => phase === 'backward')
    .flatMap(({ inputs }) => inputs.map(({ id }) => id));
  return new Set(read.filter((id) => made.has(id)));
}

/** "a.b.c" → "", "a", "a.b", "a.b.c". */
function ancestors(path: string): string[] {
  if (path === '') return [''];
  const parts = path.split('.');
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('.'))];
}
