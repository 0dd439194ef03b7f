import { assert, present } from '../../ir/assert.ts';
import type { Graph, Node, Parameter, Port, RandomFactors, Scope, Value } from '../../ir/graph.ts';
import { DroppedValues } from './dropped-values.ts';

/** A use of a child module inside a body. */
export interface Call {
  readonly module: Module;
  readonly recording: Recording;
}

export type Step = { readonly node: Node } | { readonly call: Call };

/** That training multiplies a result with random factors. */
export interface Drop {
  readonly node: Node;
  readonly factors: RandomFactors;
}

/**
 * What one graph recorded of one method of a module. What is left out at random is no step of its own: a method is the same
 * with and without it.
 */
export interface Recording {
  readonly module: Module;
  readonly scope: Scope;
  /** In execution order. */
  readonly steps: readonly Step[];
  /** The module's own parameters as this graph knows them. */
  readonly parameters: readonly Parameter[];
  /** What of the results is left out at random, by the number of the step. */
  readonly drops: ReadonlyMap<number, Drop>;
  /** By name, in the order of the parameters. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** By name; one entry named "" for a single result. */
  readonly outputs: ReadonlyMap<string, Value>;
  /** What the outputs are, where the graph says so. */
  readonly outputPorts: ReadonlyMap<string, Port>;
  /** The graph's inputs: row numbers among them are handed down as one bundle. */
  readonly ports: readonly Port[];
}

export type Member = { readonly parameter: Parameter } | { readonly module: Module };

/** A module of the model, wherever several graphs use it: the same parameters, and a method for each way of using it. */
export interface Module {
  readonly path: string;
  /** Name within the parent: "attn", or "blocks.3" for an element of a list. */
  readonly segment: string;
  readonly kind: string;
  readonly documentation: string;
  readonly officialPrefix: string;
  /** In the order of their first use. */
  readonly members: readonly Member[];
  readonly methods: ReadonlyMap<string, readonly Recording[]>;
}

interface OpenModule extends Module {
  readonly members: Member[];
  readonly methods: Map<string, Recording[]>;
}

interface OpenRecording extends Recording {
  readonly module: OpenModule;
  readonly steps: Step[];
  readonly drops: Map<number, Drop>;
}

interface GraphSource {
  readonly graph: Graph;
  readonly dropped: DroppedValues;
}

/** Brings the graphs of one model together into one tree of modules; returns its root. */
export function moduleTree(graphs: readonly Graph[]): Module {
  const modules = new Map<string, OpenModule>();
  for (const graph of graphs) {
    const recordings = new Map<Scope, OpenRecording>();
    const dropped = new DroppedValues(graph);
    for (const parameter of graph.parameters) addParameter(moduleOf(modules, parameter.scope), parameter);
    for (const node of graph.nodes) {
      const recording = recordingOf(modules, recordings, { graph, dropped }, node.scope);
      const inputs = node.inputs.map((input) => dropped.source(input));
      const factors = dropped.factorsOf(node);
      if (factors) addDrop(recording, inputs[0], { node, factors });
      else recording.steps.push({ node: { ...node, inputs } });
    }
  }
  return present(modules.get(''), 'root module');
}

export function childModules({ members }: Module): Module[] {
  return members.flatMap((member) => ('module' in member ? [member.module] : []));
}

export function parametersOf({ members }: Module): Parameter[] {
  return members.flatMap((member) => ('parameter' in member ? [member.parameter] : []));
}

function addDrop(recording: OpenRecording, source: Value | undefined, drop: Drop): void {
  const index = recording.steps.findLastIndex((step) => resultOf(step)?.id === source?.id);
  assert(index >= 0 && !recording.drops.has(index), `${drop.factors.localName} is no result of one step`);
  recording.drops.set(index, drop);
}

/** The one result of a step; undefined where it has several. */
export function resultOf(step: Step): Value | undefined {
  return 'node' in step ? step.node.outputs[0] : step.call.recording.outputs.get('');
}

function moduleOf(modules: Map<string, OpenModule>, scope: Scope): OpenModule {
  const known = modules.get(scope.path);
  if (known) {
    assert(known.kind === scope.kind, `module ${scope.path} is a ${known.kind} and a ${scope.kind}`);
    return known;
  }
  const { path, segment, kind, documentation, officialPrefix } = scope;
  const module = { path, segment, kind, documentation, officialPrefix, members: [], methods: new Map() };
  modules.set(path, module);
  if (scope.parent) moduleOf(modules, scope.parent).members.push({ module });
  return module;
}

function addParameter(module: OpenModule, parameter: Parameter): void {
  const same = parametersOf(module).find(({ localName }) => localName === parameter.localName);
  if (!same) module.members.push({ parameter });
  const stored = (of: Parameter | undefined) => JSON.stringify([of?.name, of?.value.shape, of?.permutation]);
  assert(!same || stored(same) === stored(parameter), `${parameter.name} is held in two ways`);
}

function recordingOf(
  modules: Map<string, OpenModule>,
  recordings: Map<Scope, OpenRecording>,
  source: GraphSource,
  scope: Scope,
): OpenRecording {
  const known = recordings.get(scope);
  if (known) return known;
  const { graph } = source;
  const module = moduleOf(modules, scope);
  const recording: OpenRecording = {
    module,
    scope,
    steps: [],
    parameters: graph.parameters.filter((parameter) => parameter.scope === scope),
    drops: new Map(),
    ...signature(source, scope),
    ports: graph.inputs,
  };
  recordings.set(scope, recording);
  module.methods.set(scope.method, [...(module.methods.get(scope.method) ?? []), recording]);
  if (scope.parent) {
    recordingOf(modules, recordings, source, scope.parent).steps.push({ call: { module, recording } });
  }
  return recording;
}

/** The root's inputs and outputs are the graph's. */
function signature(
  { graph, dropped }: GraphSource,
  scope: Scope,
): Pick<Recording, 'inputs' | 'outputs' | 'outputPorts'> {
  if (scope.parent) {
    const { inputs, outputs } = scope;
    return { inputs: dropped.sources(inputs), outputs: dropped.sources(outputs), outputPorts: new Map() };
  }
  const named = graph.outputs.map((port) => [graph.outputs.length === 1 ? '' : port.name, port] as const);
  return {
    inputs: new Map(graph.inputs.flatMap(({ name, value, random }) => (random ? [] : [[name, value]]))),
    outputs: dropped.sources(new Map(named.map(([name, port]) => [name, port.value]))),
    outputPorts: new Map(named),
  };
}
