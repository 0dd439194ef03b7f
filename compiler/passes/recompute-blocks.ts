import { present } from '../ir/assert.ts';
import type { Graph, Node, Scope, Value } from '../ir/graph.ts';
import { afterOp } from '../ir/ops/after.ts';
import { BLOCK_KIND } from '../model/block.ts';
import { simplify } from './simplify.ts';
import { verify } from './verify.ts';

/**
 * Less memory for more time in a graph of gradients (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): of a
 * transformer block only its input is kept for the backward pass. What else that reads of the block is computed again from
 * the input, once the gradient of the block's result is there: the same ops on the same numbers, so the same gradients. A
 * block that no gradient goes through stays as it is.
 */
export function recomputeBlocks(gradients: Graph): Graph {
  const repeat = repeater(gradients);
  const repetitions = new Map<Scope, Repetition>();
  const nodes: Node[] = [];
  for (const node of gradients.nodes) {
    const block = node.phase === 'backward' ? blockOf(node) : undefined;
    if (block === undefined) {
      nodes.push(node);
      continue;
    }
    let repetition = repetitions.get(block);
    if (repetition === undefined) {
      repetition = repeat(block, node);
      repetitions.set(block, repetition);
      nodes.push(...repetition.nodes);
    }
    nodes.push({ ...node, inputs: node.inputs.map(repetition.current) });
  }
  return simplify(verify({ ...gradients, nodes }, 'recompute-blocks'));
}

/** The transformer block that a node is in. */
function blockOf({ scope }: Node): Scope | undefined {
  for (let module: Scope | undefined = scope; module; module = module.parent) {
    if (module.kind === BLOCK_KIND) return module;
  }
  return undefined;
}

/** A block's forward pass again, as far as its backward pass reads it. */
interface Repetition {
  readonly nodes: readonly Node[];
  /** What the backward pass reads in the place of a value of the forward pass. */
  readonly current: (value: Value) => Value;
}

/** Repeats the forward pass of a block whose backward pass begins with the node `first`. */
function repeater({ nodes, inputs, parameters }: Graph): (block: Scope, first: Node) => Repetition {
  const ports = [...inputs, ...parameters].map(({ value }) => value.id);
  const made = nodes.flatMap(({ outputs, phase }) => outputs.map(({ id }) => ({ id, phase })));
  const computed = new Set(made.map(({ id }) => id));
  const ofBackward = new Set(made.filter(({ phase }) => phase === 'backward').map(({ id }) => id));
  let nextId = [...ports, ...made.map(({ id }) => id)].reduce((most, id) => Math.max(most, id), -1) + 1;
  return (block, first) => {
    const replaced = new Map<number, Value>();
    const current = (value: Value) => replaced.get(value.id) ?? value;
    const again = (value: Value): Value => {
      const repeated = { ...value, id: nextId++ };
      replaced.set(value.id, repeated);
      return repeated;
    };
    // The first node of the backward pass gets a gradient from nowhere else but from behind the block.
    const gradient = first.inputs.find(({ id }) => ofBackward.has(id));
    const until = present(gradient, `gradient of the result of ${block.path}`);
    const place = { attributes: {}, scope: block, phase: 'backward' } as const;
    // Row numbers, which are inputs of the graph, are there all the time.
    const waiting = [...block.inputs.values()]
      .filter(({ id }) => computed.has(id))
      .map((input): Node => ({ ...place, op: afterOp, inputs: [input, until], outputs: [again(input)] }));
    const repeated = readByBackward(nodes, block).map((node): Node => {
      return {
        ...node,
        phase: 'backward',
        inputs: node.inputs.map(current),
        outputs: node.outputs.map(again),
      };
    });
    return { nodes: [...waiting, ...repeated], current };
  };
}

/** The forward nodes of a block that its backward pass depends on, less those that only its result needs. */
function readByBackward(nodes: readonly Node[], block: Scope): Node[] {
  const inBlock = nodes.filter((node) => blockOf(node) === block);
  const read = new Set<number>();
  for (const { phase, inputs } of inBlock) {
    if (phase === 'backward') for (const { id } of inputs) read.add(id);
  }
  const needed: Node[] = [];
  for (const node of inBlock.filter(({ phase }) => phase === 'forward').reverse()) {
    if (!node.outputs.some(({ id }) => read.has(id))) continue;
    for (const { id } of node.inputs) read.add(id);
    needed.push(node);
  }
  return needed.reverse();
}
