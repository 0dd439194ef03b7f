import type { Attributes, Op } from './op.ts';
import type { ElementType, Shape, TensorType } from './shape.ts';

/** A tensor of the graph, assigned once. */
export interface Value extends TensorType {
  readonly id: number;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** How a parameter gets its first value; `spec.json` carries it to the runtime, which draws it. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'truncated-normal'; readonly deviation: number }
  | { readonly kind: 'xavier-uniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'sincos-2d'; readonly height: number; readonly width: number; readonly prefix: number };

export interface Parameter {
  /** Official name, as in PyTorch's state dict. */
  readonly name: string;
  /** The last part of the name, by which its module knows it. */
  readonly localName: string;
  /** Official shape. */
  readonly shape: readonly number[];
  /** The official axes in the order in which the graph holds them, before they are merged into `value.shape`. */
  readonly permutation: readonly number[];
  readonly initializer: Initializer;
  readonly trainable: boolean;
  /** The tensor of the graph, in its stored shape. */
  readonly value: Value;
  readonly scope: Scope;
}

/** What a graph's input or output means to whoever runs it. The runtime's `spec.json` uses the same words. */
export type Role =
  | 'images'
  | 'noise'
  | 'random'
  | 'index'
  | 'ones'
  | 'batch-reciprocal'
  | 'targets'
  | 'loss-weight'
  | 'loss-scale'
  | 'learning-rate'
  | 'bias-corrections'
  | 'parameter'
  | 'first-moment'
  | 'second-moment'
  | 'gradient'
  | 'gradient-total'
  | 'state'
  | 'loss'
  | 'prediction'
  | 'mask'
  | 'features'
  | 'logits';

export interface Port {
  readonly name: string;
  readonly role: Role;
  /** The parameter that a gradient, a moment or a next state belongs to. */
  readonly of?: string;
  readonly value: Value;
  /** What a `random` input is filled with, and for whom. */
  readonly random?: RandomFactors;
}

/** Factors that leave numbers out at random: each is 1 / keep with the probability `keep`, and 0 otherwise. */
export interface RandomFactors {
  readonly keep: number;
  /** What they are for: "drop-path" or "dropout". */
  readonly purpose: string;
  /** Whose result they are multiplied with, within the module: "attn". */
  readonly localName: string;
  readonly scope: Scope;
}

/** A module instance: what the model's author called a layer. Its body is closed: it reads its inputs and parameters only. */
export interface Scope {
  /** Path of module names from the root: "encoder.blocks.3.attn". Empty for the root. */
  readonly path: string;
  /** The last part of the path; "blocks.3" is number 3 of the list "blocks". */
  readonly segment: string;
  /** What the official names of the parameters inside begin with: "decoder_blocks.3.attn". */
  readonly officialPrefix: string;
  /** Class name in the generated code: "Attention". */
  readonly kind: string;
  /** Method of that class whose body this is. */
  readonly method: string;
  /** One or two sentences for the generated class. */
  readonly documentation: string;
  readonly parent: Scope | undefined;
  readonly inputs: ReadonlyMap<string, Value>;
  /** Filled when the module's body has been recorded; one entry named "" for a single result. */
  readonly outputs: ReadonlyMap<string, Value>;
}

export type Phase = 'forward' | 'backward' | 'update';

export interface Node {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  readonly scope: Scope;
  readonly phase: Phase;
}

/** A whole computation, in execution order. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly parameters: readonly Parameter[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Port[];
  readonly root: Scope;
}
