import { assert, present } from '../ir/assert.ts';
import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Node, Value } from '../ir/graph.ts';
import { add } from '../ir/ops/add.ts';
import { float32 } from '../ir/shape.ts';
import { simplify } from './simplify.ts';
import { verify } from './verify.ts';

/**
 * Reverse-mode differentiation: the graph, which must have a scalar output `loss`, plus an output `gradient:NAME` for every
 * trainable parameter. The input `loss-weight` [] is d result / d loss: what each gradient is multiplied by, for
 * accumulation over micro-batches and for loss scaling.
 */
export function differentiate(graph: Graph): Graph {
  const loss = present(
    graph.outputs.find(({ role }) => role === 'loss'),
    'output loss',
  ).value;
  const builder = GraphBuilder.extend(graph, `${graph.name}-gradients`);
  const dependent = dependsOnTrainable(graph);
  const gradients = new Map<number, Value>();
  gradients.set(loss.id, builder.input('loss-weight', 'loss-weight', float32()));
  const accumulate = (value: Value, gradient: Value) => {
    const sum = gradients.get(value.id);
    gradients.set(value.id, sum ? add(builder, sum, gradient) : gradient);
  };
  for (const node of [...graph.nodes].reverse()) {
    const outputGradients = node.outputs.map(({ id }) => gradients.get(id));
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.inputs.some(({ id }) => dependent.has(id))) continue;
    builder.within(node.scope, 'backward', () => {
      const inputGradients = nodeGradients(builder, node, outputGradients, dependent);
      node.inputs.forEach((input, index) => {
        const gradient = inputGradients[index];
        if (gradient && dependent.has(input.id)) accumulate(input, gradient);
      });
    });
  }
  for (const parameter of graph.parameters) {
    if (!parameter.trainable) continue;
    const gradient = gradients.get(parameter.value.id);
    assert(gradient !== undefined, `the loss does not depend on ${parameter.name}`);
    builder.output(`gradient:${parameter.name}`, 'gradient', gradient, parameter.name);
  }
  return simplify(verify(builder.finish(), 'differentiate'));
}

function nodeGradients(
  builder: GraphBuilder,
  node: Node,
  outputGradients: readonly (Value | undefined)[],
  dependent: ReadonlySet<number>,
): readonly (Value | undefined)[] {
  const { inputs, outputs, attributes } = node;
  const needs = (input: number) => dependent.has(inputs[input]?.id ?? -1);
  return node.op.gradient({ builder, inputs, outputs, attributes, outputGradients, needs });
}

/** Values that change when a trainable parameter does. */
function dependsOnTrainable(graph: Graph): ReadonlySet<number> {
  const dependent = new Set(
    graph.parameters.filter(({ trainable }) => trainable).map(({ value }) => value.id),
  );
  for (const node of graph.nodes) {
    if (node.op.differentiable && node.inputs.some(({ id }) => dependent.has(id))) {
      for (const output of node.outputs) dependent.add(output.id);
    }
  }
  return dependent;
}
