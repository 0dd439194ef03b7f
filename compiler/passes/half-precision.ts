import { present } from '../ir/assert.ts';
import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Node, Port, Value } from '../ir/graph.ts';
import { cast, type FloatType } from '../ir/ops/cast.ts';
import { multiply } from '../ir/ops/multiply.ts';
import { total } from '../ir/ops/total.ts';
import { unscale } from '../ir/ops/unscale.ts';
import { computingType } from '../ir/precision.ts';
import { float32 } from '../ir/shape.ts';
import { verify } from './verify.ts';

/**
 * A graph of gradients that computes in float16 what may be (Micikevicius et al. 2018, "Mixed Precision Training"): each op
 * says what it may compute in. Parameters, moments, the loss and the gradients that leave the graph stay float32; what is read in
 * another type than it has, parameters among it, is cast once.
 *
 * The smallest gradients would be zero in float16. So the loss is multiplied by the input `loss-scale` [], and the gradients
 * are divided by it before they leave. The output `gradient-total` [] is the sum of them all: not finite where one of them
 * is not, since float16 had no room for so large a scale.
 */
export function halfPrecision(gradients: Graph): Graph {
  const { root, outputs, name } = gradients;
  const builder = GraphBuilder.extend({ ...gradients, nodes: [], outputs: [] }, name);
  const recording = new HalfRecording(builder);
  const weight = present(
    gradients.inputs.find(({ role }) => role === 'loss-weight'),
    'input loss-weight',
  ).value;
  const scale = builder.input('loss-scale', 'loss-scale', float32());
  recording.replace(
    weight,
    builder.within(root, 'backward', () => multiply(builder, weight, scale)),
  );
  for (const node of gradients.nodes) recording.record(node);
  const unscaled = (port: Port) =>
    builder.within(root, 'backward', () => unscale(builder, recording.wide(port.value), scale));
  const results = outputs.map((port) => {
    const value = port.role === 'gradient' ? unscaled(port) : recording.wide(port.value);
    builder.output(port.name, port.role, value, port.of);
    return { ...port, value };
  });
  // ONNX Runtime goes back from the last sum, and makes what is added there before what it is added to: in the order of the
  // parameters, the gradients of the last layers are made first, and let go of activations as soon as that can be.
  const [start, ...others] = results.filter(({ role }) => role === 'gradient');
  const first = present(start, 'gradient').value;
  const sum = builder.within(root, 'backward', () =>
    total(builder, [first, ...others.map(({ value }) => value)]),
  );
  builder.output('gradient-total', 'gradient-total', sum);
  return verify(builder.finish(), 'half-precision');
}

/** Records the nodes of a graph again, each in the type that it may compute in. */
export class HalfRecording {
  readonly #builder: GraphBuilder;
  /** What stands for a value of the graph, by its id. */
  readonly #current = new Map<number, Value>();
  /** What was cast already, by the id of what stands for it. */
  readonly #casts = new Map<number, Value>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  replace(value: Value, by: Value): void {
    this.#current.set(value.id, by);
  }

  record({ op, inputs, outputs, attributes, scope, phase }: Node): void {
    this.#builder.within(scope, phase, () => {
      const current = inputs.map((input) => this.#currentOf(input));
      const type = computingType(op.precision, current);
      const results = this.#builder.add(
        op,
        current.map((value) => this.#in(type, value)),
        attributes,
      );
      for (const [index, output] of outputs.entries()) {
        this.replace(output, present(results[index], `output ${index} of ${op.name}`));
      }
    });
  }

  /** A value of the graph in float32. */
  wide(value: Value): Value {
    return this.#in('float32', this.#currentOf(value));
  }

  #currentOf(value: Value): Value {
    return this.#current.get(value.id) ?? value;
  }

  #in(type: FloatType, value: Value): Value {
    if (value.type === 'int32' || value.type === type) return value;
    const known = this.#casts.get(value.id);
    if (known) return known;
    const converted = cast(this.#builder, value, type);
    this.#casts.set(value.id, converted);
    return converted;
  }
}
