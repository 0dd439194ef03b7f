import { InternalError } from './assert.ts';
import type { GraphBuilder } from './builder.ts';
import type { Value } from './graph.ts';
import { outputTypes, type Precision } from './precision.ts';
import type { TensorType } from './shape.ts';

export type AttributeValue = number | string | boolean | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What the attributes of an op are: one word per attribute, checked when a node is made. */
export type AttributeSchema = Readonly<Record<string, 'number' | 'string' | 'boolean' | 'numbers'>>;

export type AttributesOf<Schema extends AttributeSchema> = {
  readonly [Key in keyof Schema]: Schema[Key] extends 'number'
    ? number
    : Schema[Key] extends 'string'
      ? string
      : Schema[Key] extends 'boolean'
        ? boolean
        : readonly number[];
};

/** How an op's gradient is recorded: with other ops, on the builder. */
export interface GradientContext<Values = Attributes> {
  readonly builder: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Values;
  /** d loss / d output, one per output; undefined where the loss does not depend on it. */
  readonly outputGradients: readonly (Value | undefined)[];
  /** Whether anything asks for the gradient of that input. */
  needs(input: number): boolean;
}

export interface OnnxAttributes {
  readonly [name: string]: number | string | readonly number[] | { readonly int: number };
}

/** Where an op writes its ONNX nodes. */
export interface OnnxContext<Values = Attributes> {
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly outputs: readonly string[];
  readonly attributes: Values;
  /** Emits one node with one output; its name is made up unless given. Integers in `attributes` are written as `{ int }`. */
  emit(opType: string, inputs: readonly string[], attributes?: OnnxAttributes, output?: string): string;
  /** Emits one node with several outputs of the given names; an empty name leaves an output out. */
  emitMany(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: OnnxAttributes,
  ): void;
  /** A fresh tensor name for `emitMany`. */
  fresh(hint: string): string;
  /** Whether it computes in float16. */
  readonly half: boolean;
  /** A constant of the type that it computes in; without a shape a scalar. */
  floats(values: readonly number[], shape?: readonly number[]): string;
  /** An int64 constant, as shapes and axes want. */
  int64s(values: readonly number[], shape?: readonly number[]): string;
  int32s(values: readonly number[], shape?: readonly number[]): string;
  /**
   * The shape [batch, tokens, ...sides]. A graph that takes pictures of other sizes than the spec's has as many tokens as they have
   * patches: the batch is then told, and the tokens follow.
   */
  byPicture(tokens: number, sides: readonly number[]): string;
  /** Whether the graph takes pictures of other sizes than the spec's. */
  readonly freeSizes: boolean;
  /** A row of ones [1, batch * count], fed by the runtime. */
  ones(count: number): string;
  /** The scalar 1 / batch, fed by the runtime. */
  batchReciprocal(): string;
}

/** Where an op writes its TypeScript expression. */
export interface TfjsContext<Values = Attributes> {
  /** Expressions of the inputs, atomic (an identifier or a member access). */
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Values;
  /**
   * Expression of how many rows per picture a batched input, or the first output, has: a number; or a variable or a sum where a module
   * takes any number.
   */
  rowsPerPicture(of: number | 'result'): string;
  /** Expression of the pictures' grid of patches, in methods that take pictures of several sizes. */
  readonly grid: string | undefined;
  /** Imports a function of the runtime's tfjs operations and returns its name. */
  use(name: string): string;
}

interface OpSource<Schema extends AttributeSchema> {
  readonly name: string;
  /** One line: what it computes, with shapes. */
  readonly documentation: string;
  readonly attributes: Schema;
  /** What it computes in where a step computes in float16. */
  readonly precision: Precision;
  /** Types of the outputs where all is float32. Asserts what the inputs must be. */
  infer(inputs: readonly TensorType[], attributes: AttributesOf<Schema>): readonly TensorType[];
  /** Two per multiply-accumulate of matrix products, for one picture; everything else counts nothing, as is usual. */
  flops?(
    inputs: readonly TensorType[],
    outputs: readonly TensorType[],
    attributes: AttributesOf<Schema>,
  ): number;
  /**
   * Gradients of the inputs, undefined where there is none; or a sentence that says why the op has none.
   */
  readonly gradient:
    | ((context: GradientContext<AttributesOf<Schema>>) => readonly (Value | undefined)[])
    | string;
  onnx(context: OnnxContext<AttributesOf<Schema>>): void;
  /** The expression of the first output; or, for ops that only a compiled training step has, a sentence that says so. */
  readonly tfjs: ((context: TfjsContext<AttributesOf<Schema>>) => string) | string;
}

/** An op with its attributes' type erased; made by `defineOp` only, which checks attributes at run time instead. */
export interface Op {
  readonly name: string;
  readonly documentation: string;
  readonly schema: AttributeSchema;
  readonly precision: Precision;
  readonly differentiable: boolean;
  /** Whether generated classes can contain it. */
  readonly hasTfjs: boolean;
  /** Types of the outputs: float16 where the op may compute in it and its inputs are. */
  infer(inputs: readonly TensorType[], attributes: Attributes): readonly TensorType[];
  flops(inputs: readonly TensorType[], outputs: readonly TensorType[], attributes: Attributes): number;
  gradient(context: GradientContext): readonly (Value | undefined)[];
  onnx(context: OnnxContext): void;
  tfjs(context: TfjsContext): string;
}

/** Declares an op: everything that the project knows about it. */
export function defineOp<const Schema extends AttributeSchema>(source: OpSource<Schema>): Op {
  const kinds = Object.entries(source.attributes);
  const typed = (attributes: Attributes): AttributesOf<Schema> => {
    checkAttributes(source, kinds, attributes);
    return attributes as AttributesOf<Schema>;
  };
  const { gradient, tfjs } = source;
  return {
    name: source.name,
    documentation: source.documentation,
    schema: source.attributes,
    precision: source.precision,
    differentiable: typeof gradient !== 'string',
    hasTfjs: typeof tfjs !== 'string',
    infer: (inputs, attributes) => outputTypes(source, inputs, source.infer(inputs, typed(attributes))),
    flops: (inputs, outputs, attributes) => source.flops?.(inputs, outputs, typed(attributes)) ?? 0,
    gradient(context) {
      if (typeof gradient === 'string')
        throw new InternalError(`${source.name} has no gradient: ${gradient}`);
      return gradient({
        ...context,
        needs: context.needs.bind(context),
        attributes: typed(context.attributes),
      });
    },
    onnx: (context) => source.onnx({ ...context, attributes: typed(context.attributes) }),
    tfjs(context) {
      if (typeof tfjs === 'string') throw new InternalError(`${source.name} has no tfjs expression: ${tfjs}`);
      return tfjs({ ...context, attributes: typed(context.attributes) });
    },
  };
}

/** Runs several times for every node of every graph: messages are made only where they are needed. */
function checkAttributes(
  { name: op, attributes: schema }: Pick<Op, 'name'> & { readonly attributes: AttributeSchema },
  kinds: readonly (readonly [string, AttributeSchema[string]])[],
  attributes: Attributes,
): void {
  for (const [name, kind] of kinds) {
    const value = attributes[name];
    const fits = kind === 'numbers' ? Array.isArray(value) : typeof value === kind;
    if (!fits) throw new InternalError(`${op}: attribute ${name} must be a ${kind}, not ${String(value)}`);
  }
  for (const name in attributes) {
    if (!(name in schema)) throw new InternalError(`${op} has no attribute ${name}`);
  }
}
