import type { onnx as OnnxTypes } from 'onnx-proto';
import { present } from '../../ir/assert.ts';
import type { OnnxAttributes } from '../../ir/op.ts';
import { type ConstantType, constantTensor } from './tensors.ts';

const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Collects the nodes and constants of one ONNX graph. Equal constants are written once; names follow the order of use. */
export class NodeWriter {
  readonly nodes: OnnxTypes.INodeProto[] = [];
  readonly initializers: OnnxTypes.ITensorProto[] = [];
  readonly #constants = new Map<string, string>();
  readonly #taken = new Map<string, number>();

  /** A tensor name that nothing else has. */
  fresh(hint: string): string {
    const used = this.#taken.get(hint) ?? 0;
    this.#taken.set(hint, used + 1);
    return used === 0 ? hint : `${hint}_${used}`;
  }

  emit(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxAttributes,
  ): void {
    this.nodes.push({
      name: present(
        outputs.find((name) => name !== ''),
        `output of ${opType}`,
      ),
      opType,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
  }

  constant(type: ConstantType, values: readonly number[], shape: readonly number[]): string {
    const key = JSON.stringify([type, values, shape]);
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(`constant_${this.#constants.size}`);
    this.#constants.set(key, name);
    this.initializers.push(constantTensor(name, type, values, shape));
    return name;
  }
}

function attributeProto(name: string, value: OnnxAttributes[string]): OnnxTypes.IAttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPES.float, f: value };
  if (typeof value === 'string')
    return { name, type: ATTRIBUTE_TYPES.string, s: new TextEncoder().encode(value) };
  if ('int' in value) return { name, type: ATTRIBUTE_TYPES.int, i: value.int };
  return { name, type: ATTRIBUTE_TYPES.ints, ints: [...value] };
}
