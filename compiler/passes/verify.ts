import { assert } from '../ir/assert.ts';
import type { Graph, Node, Scope, Value } from '../ir/graph.ts';
import { formatShape, sameShape } from '../ir/shape.ts';

/**
 * Checks what every pass must keep: each value is assigned once and before it is read, shapes are what the ops say, names
 * are unique, and modules are closed. Throws an `InternalError` that names the pass.
 */
export function verify(graph: Graph, after: string): Graph {
  // Messages are made when they are needed: making them for every node would take longer than the checks.
  const check: Check = (fine, message) => {
    if (!fine) assert(false, `after ${after}, graph ${graph.name}: ${message()}`);
  };
  const known = new Set<number>();
  const define = (value: Value, what: () => string) => {
    check(!known.has(value.id), () => `${what()} assigns value ${value.id} again`);
    known.add(value.id);
  };
  for (const { name, value } of [...graph.inputs, ...graph.parameters]) define(value, () => name);
  for (const node of graph.nodes) {
    const what = () => describe(node);
    for (const { id } of node.inputs) {
      check(known.has(id), () => `${what()} reads value ${id} before it is assigned`);
    }
    const types = node.op.infer(node.inputs, node.attributes);
    check(types.length === node.outputs.length, () => `${what()} has ${node.outputs.length} outputs`);
    node.outputs.forEach((output, index) => {
      const expected = types[index];
      const fits = expected && expected.type === output.type && sameShape(expected.shape, output.shape);
      check(fits === true, () => `${what()} output ${index} is ${formatShape(output.shape)}`);
      define(output, what);
    });
  }
  for (const { name, value } of graph.outputs)
    check(known.has(value.id), () => `output ${name} is never assigned`);
  uniqueNames(graph, check);
  return graph;
}

/** Throws where something is not fine. */
type Check = (fine: boolean, message: () => string) => void;

/** Also checks that every module reads only its inputs, its parameters, and what it computes itself. */
export function verifyModules(graph: Graph): Graph {
  const origin = new Map<number, Scope>();
  for (const { value, random } of graph.inputs) origin.set(value.id, random?.scope ?? graph.root);
  for (const { value, scope } of graph.parameters) origin.set(value.id, scope);
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const reachable = visible(input, node.scope, origin);
      assert(reachable, `${describe(node)} reads a value from outside of its module that is no input of it`);
    }
    for (const output of node.outputs) origin.set(output.id, node.scope);
  }
  return graph;
}

function visible(value: Value, scope: Scope, origin: ReadonlyMap<number, Scope>): boolean {
  if (origin.get(value.id) === scope) return true;
  if ([...scope.inputs.values()].some((input) => input.id === value.id)) return true;
  // A result of a child module: made in a scope whose chain of parents leads here, handed out at each step.
  for (let inner = origin.get(value.id); inner !== undefined; inner = inner.parent) {
    if (inner === scope) return true;
    if (![...inner.outputs.values()].some((output) => output.id === value.id)) return false;
  }
  return false;
}

function uniqueNames(graph: Graph, check: Check): void {
  for (const ports of [graph.inputs, graph.parameters, graph.outputs]) {
    const names = new Set<string>();
    for (const { name } of ports) {
      if (names.has(name)) check(false, () => `the name ${name} is used twice`);
      names.add(name);
    }
  }
}

function describe(node: Node): string {
  return `${node.op.name} in ${node.scope.path || 'the root'}`;
}
