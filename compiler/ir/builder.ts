import { assert, present } from './assert.ts';
import type { Graph, Initializer, Node, Parameter, Phase, Port, Role, Scope, Value } from './graph.ts';
import type { Attributes, Op } from './op.ts';
import type { ElementType, Shape, TensorType } from './shape.ts';

export interface ModuleDeclaration {
  /** Name within the parent: "attn", or "blocks.3" for an element of a list. */
  readonly name: string;
  /** Class name in the generated code. */
  readonly kind: string;
  readonly documentation: string;
  /** What the official parameter names add to the parent's; the same as `name` unless given. */
  readonly officialName?: string;
  readonly method?: string;
}

export interface ParameterDeclaration {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** The official axes in stored order; as they are unless given. */
  readonly permutation?: readonly number[];
  /** What the permuted axes are merged into; the permuted shape unless given. */
  readonly storedShape?: readonly number[];
  readonly trainable?: boolean;
}

type Results = Value | Readonly<Record<string, Value>>;

interface OpenScope extends Scope {
  readonly outputs: Map<string, Value>;
}

/** Records a computation: the one way to make a graph. */
export class GraphBuilder {
  readonly #name: string;
  #root: Scope;
  readonly #inputs: Port[] = [];
  readonly #parameters: Parameter[] = [];
  readonly #nodes: Node[] = [];
  readonly #outputs: Port[] = [];
  /** Names that are taken, each with what it is the name of before it. */
  readonly #names = new Set<string>();
  #scope: Scope;
  #phase: Phase = 'forward';
  #frozen = false;
  #nextId = 0;

  /** `root` describes the whole graph: the class, and the method of it, that the generated code makes of the graph. */
  constructor(name: string, root: Omit<ModuleDeclaration, 'name'>) {
    this.#name = name;
    this.#root = openScope({ ...root, name: '' }, undefined, new Map());
    this.#scope = this.#root;
  }

  /** Goes on with a finished graph; its outputs stay. */
  static extend(graph: Graph, name: string): GraphBuilder {
    const builder = new GraphBuilder(name, graph.root);
    builder.#root = graph.root;
    builder.#scope = graph.root;
    builder.#inputs.push(...graph.inputs);
    builder.#parameters.push(...graph.parameters);
    builder.#nodes.push(...graph.nodes);
    builder.#outputs.push(...graph.outputs);
    for (const { name } of graph.inputs) builder.#declare('input', name);
    for (const { name } of graph.parameters) builder.#declare('parameter', name);
    for (const { name } of graph.outputs) builder.#declare('output', name);
    const ids = [...graph.inputs, ...graph.parameters].map((port) => port.value.id);
    for (const node of graph.nodes) for (const output of node.outputs) ids.push(output.id);
    builder.#nextId = ids.reduce((highest, id) => Math.max(highest, id), -1) + 1;
    return builder;
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  input(name: string, role: Role, type: TensorType, of?: string): Value {
    this.#declare('input', name);
    const value = this.#value(type.type, type.shape);
    this.#inputs.push({ name, role, value, ...(of === undefined ? {} : { of }) });
    return value;
  }

  /**
   * Declares random factors of the module being recorded, for the result of the layer `localName`; an input of the graph,
   * called "purpose:official name of the layer". Each factor is 1 / keep with the probability `keep`, and 0 otherwise.
   */
  random(purpose: string, localName: string, type: TensorType, keep: number): Value {
    const scope = this.#scope;
    const layer = scope.officialPrefix === '' ? localName : `${scope.officialPrefix}.${localName}`;
    const name = `${purpose}:${layer}`;
    this.#declare('input', name);
    const value = this.#value(type.type, type.shape);
    this.#inputs.push({ name, role: 'random', value, random: { keep, purpose, localName, scope } });
    return value;
  }

  output(name: string, role: Role, value: Value, of?: string): void {
    this.#declare('output', name);
    this.#outputs.push({ name, role, value, ...(of === undefined ? {} : { of }) });
  }

  /** Declares a parameter of the module being recorded, under its official local name. */
  parameter(localName: string, declaration: ParameterDeclaration): Value {
    const prefix = this.#scope.officialPrefix;
    const name = prefix === '' ? localName : `${prefix}.${localName}`;
    this.#declare('parameter', name);
    const { shape, initializer } = declaration;
    const trainable = !this.#frozen && (declaration.trainable ?? true);
    const permutation = declaration.permutation ?? shape.map((_, axis) => axis);
    const permuted = permutation.map((axis) => present(shape[axis], `axis ${axis} of ${name}`));
    const storedShape = declaration.storedShape ?? permuted;
    const elements = (dimensions: readonly number[]) => dimensions.reduce((product, d) => product * d, 1);
    assert(
      elements(storedShape) === elements(shape),
      `${name}: stored shape ${storedShape} does not hold ${shape}`,
    );
    const value = this.#value('float32', storedShape);
    this.#parameters.push({
      name,
      localName,
      shape,
      permutation,
      initializer,
      trainable,
      value,
      scope: this.#scope,
    });
    return value;
  }

  /** Records what `body` does with parameters that are not trained. */
  frozen<T>(body: () => T): T {
    const before = this.#frozen;
    this.#frozen = true;
    const result = body();
    this.#frozen = before;
    return result;
  }

  /** Records a module: its body sees its inputs by name and returns one value or several by name. */
  module<Inputs extends Readonly<Record<string, Value>>, Outputs extends Results>(
    declaration: ModuleDeclaration,
    inputs: Inputs,
    body: (inputs: Inputs) => Outputs,
  ): Outputs {
    const parent = this.#scope;
    const scope = openScope(declaration, parent, new Map(Object.entries(inputs)));
    this.#scope = scope;
    const results = body(inputs);
    this.#scope = parent;
    for (const [name, value] of isValue(results) ? [['', results] as const] : Object.entries(results)) {
      scope.outputs.set(name, value);
    }
    return results;
  }

  /** Records one op and returns all of its outputs. */
  add(op: Op, inputs: readonly Value[], attributes: Attributes = {}): readonly Value[] {
    const outputs = op.infer(inputs, attributes).map(({ type, shape }) => this.#value(type, shape));
    this.#nodes.push({ op, inputs, outputs, attributes, scope: this.#scope, phase: this.#phase });
    return outputs;
  }

  /** Records one op and returns its first output. */
  one(op: Op, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return present(this.add(op, inputs, attributes)[0], `output of ${op.name}`);
  }

  /** Records what `body` does as part of another scope and phase: gradients belong to the module they are of. */
  within<T>(scope: Scope, phase: Phase, body: () => T): T {
    const before = { scope: this.#scope, phase: this.#phase };
    this.#scope = scope;
    this.#phase = phase;
    const result = body();
    this.#scope = before.scope;
    this.#phase = before.phase;
    return result;
  }

  finish(): Graph {
    return {
      name: this.#name,
      inputs: [...this.#inputs],
      parameters: [...this.#parameters],
      nodes: [...this.#nodes],
      outputs: [...this.#outputs],
      root: this.#root,
    };
  }

  /** Takes a name, which only one input, parameter or output may have. */
  #declare(what: 'input' | 'parameter' | 'output', name: string): void {
    const key = `${what} ${name}`;
    assert(!this.#names.has(key), `${key} is declared twice`);
    this.#names.add(key);
  }

  #value(type: ElementType, shape: Shape): Value {
    return { id: this.#nextId++, type, shape };
  }
}

function openScope(
  declaration: ModuleDeclaration,
  parent: Scope | undefined,
  inputs: ReadonlyMap<string, Value>,
): OpenScope {
  const join = (prefix: string, name: string) => [prefix, name].filter((part) => part !== '').join('.');
  return {
    path: join(parent?.path ?? '', declaration.name),
    segment: declaration.name,
    officialPrefix: join(parent?.officialPrefix ?? '', declaration.officialName ?? declaration.name),
    kind: declaration.kind,
    method: declaration.method ?? 'forward',
    documentation: declaration.documentation,
    parent,
    inputs,
    outputs: new Map(),
  };
}

function isValue(results: Results): results is Value {
  return 'id' in results && typeof results.id === 'number';
}
