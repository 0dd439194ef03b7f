import type { GraphBuilder } from '../ir/builder.ts';
import type { Initializer, Value } from '../ir/graph.ts';
import { linear, type WeightLayout } from '../ir/ops/linear.ts';

/** Stored with the larger side last: the weight gradient is then the wider, faster matrix product. */
export function weightLayout(inputs: number, outputs: number): WeightLayout {
  return outputs >= inputs ? 'in-out' : 'out-in';
}

export interface LinearDeclaration {
  readonly name: string;
  /** Official name where it differs: the decoder's modules carry it in their own names. */
  readonly officialName?: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  readonly documentation: string;
}

/** A fully connected layer: x [rows, inputs] → [rows, outputs]. Official initial values: xavier-uniform weight, zero bias. */
export function linearLayer(builder: GraphBuilder, declaration: LinearDeclaration, x: Value): Value {
  const { name, officialName = name, inputs, outputs, bias = true, documentation } = declaration;
  const initializer = declaration.initializer ?? { kind: 'xavier-uniform', fanIn: inputs, fanOut: outputs };
  const layout = weightLayout(inputs, outputs);
  return builder.module({ name, officialName, kind: 'Linear', documentation }, { x }, () => {
    const permutation = layout === 'in-out' ? [1, 0] : [0, 1];
    const weight = builder.parameter('weight', { shape: [outputs, inputs], permutation, initializer });
    const offset = bias
      ? builder.parameter('bias', { shape: [outputs], initializer: { kind: 'zeros' } })
      : undefined;
    return linear(builder, x, weight, offset, layout);
  });
}
