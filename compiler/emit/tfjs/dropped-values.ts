import { assert } from '../../ir/assert.ts';
import type { Graph, Node, RandomFactors, Value } from '../../ir/graph.ts';

/**
 * Which values of a graph are others that training multiplied with random factors. Generated methods read the same with and without
 * the factors, so what reads a dropped value counts as reading its source.
 */
export class DroppedValues {
  readonly #factors = new Map<number, RandomFactors>();
  readonly #sources = new Map<number, Value>();

  constructor({ inputs, nodes }: Graph) {
    for (const { value, random } of inputs) if (random) this.#factors.set(value.id, random);
    for (const node of nodes) {
      const [source] = node.inputs;
      const [result] = node.outputs;
      if (!source || !result || !this.factorsOf(node)) continue;
      const readers = nodes.filter(({ inputs: read }) => read.some(({ id }) => id === source.id));
      assert(readers.length === 1, `${node.op.name} in ${node.scope.path}: its input is also read as it is`);
      this.#sources.set(result.id, this.source(source));
    }
  }

  /** The random factors that a node multiplies its first input with; undefined for a node that does something else. */
  factorsOf({ inputs: [, factors] }: Node): RandomFactors | undefined {
    return factors && this.#factors.get(factors.id);
  }

  /** What a value is without random factors. */
  source(value: Value): Value {
    return this.#sources.get(value.id) ?? value;
  }

  /** The same of named values. */
  sources(values: ReadonlyMap<string, Value>): Map<string, Value> {
    return new Map(Array.from(values, ([name, value]) => [name, this.source(value)]));
  }
}
