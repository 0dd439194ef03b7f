import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Graph, Parameter, Port } from '../ir/graph.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { tokenCounts } from '../model/masking.ts';
import { graphFlops, isInside, parameterElements, peakActivationBytes } from '../passes/cost.ts';
import { recomputeBlocks } from '../passes/recompute-blocks.ts';
import { isDecayed, isDecayedInClassifier } from '../passes/weight-decay.ts';
import type { AuxiliaryPort } from './onnx/auxiliary.ts';

/** Version of the layout of `spec.json`; the runtime reads this one. */
const FORMAT = 1;

/** The resolved architecture as plain data: what `spec.json` holds under `model`. */
export function modelData(spec: ModelSpec) {
  const { name, description, image, patch, accept, encoder, decoder, mask, loss } = spec;
  return { name, description, image, patch, accept, encoder, decoder, mask, loss };
}

/** SHA-256 of the architecture's canonical JSON (keys sorted, no spaces), its description left out. */
export function specHash(spec: ModelSpec): string {
  const { description: _, ...architecture } = modelData(spec);
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(architecture))));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

/** A graph together with the .onnx file that was written of it. */
export interface WrittenGraph {
  readonly graph: Graph;
  readonly file: string;
  readonly auxiliary: readonly AuxiliaryPort[];
}

export interface SpecJsonSources {
  readonly spec: ModelSpec;
  readonly compilerVersion: string;
  readonly pretraining: ReturnType<typeof pretrainingData>;
  readonly classifiers: {
    readonly finetune?: ClassifierSources;
    readonly 'linear-probe'?: ClassifierSources;
  };
}

export type PretrainingSources = Readonly<
  Record<'encoder' | 'masked-autoencoder' | 'pretrain-gradients', WrittenGraph>
> &
  Readonly<
    Partial<Record<'pretrain-step' | 'pretrain-gradients-float16' | 'pretrain-step-float16', WrittenGraph>>
  >;

export interface ClassifierSources {
  readonly classifier: WrittenGraph;
  readonly gradients: WrittenGraph;
  readonly 'gradients-float16'?: WrittenGraph;
}

/** The content of `spec.json`: everything that the runtime needs to know of a model. */
export function specData(sources: SpecJsonSources) {
  const { spec, compilerVersion, pretraining, classifiers } = sources;
  const { finetune, 'linear-probe': linearProbe } = classifiers;
  return {
    format: FORMAT as 1,
    compiler: compilerVersion,
    hash: specHash(spec),
    model: modelData(spec),
    tokens: tokenData(spec),
    recipes: {
      pretrain: spec.pretrain,
      ...(spec.finetune ? { finetune: spec.finetune } : {}),
      ...(spec.linearProbe ? { 'linear-probe': spec.linearProbe } : {}),
    },
    ...pretraining,
    classifiers: {
      ...(finetune ? { finetune: classifierData(finetune) } : {}),
      ...(linearProbe ? { 'linear-probe': classifierData(linearProbe) } : {}),
    },
  };
}

/** What it says of the graphs of pretraining: the same for every model that is built and trained alike, whatever its name. */
export function pretrainingData(graphs: PretrainingSources) {
  const { 'masked-autoencoder': masked, 'pretrain-gradients': gradients } = graphs;
  return {
    cost: costData(masked.graph, gradients.graph),
    parameters: parameterData(masked.graph),
    graphs: {
      encoder: graphData(graphs.encoder),
      'masked-autoencoder': graphData(masked),
      'pretrain-gradients': graphData(gradients),
      ...optionalGraph(graphs, 'pretrain-step'),
      ...optionalGraph(graphs, 'pretrain-gradients-float16'),
      ...optionalGraph(graphs, 'pretrain-step-float16'),
    },
  };
}

function tokenData(spec: ModelSpec) {
  const { patches, visible, prefix } = tokenCounts(spec);
  return { patches, visible, prefix };
}

function parameterData(graph: Graph, decays: (parameter: Parameter) => boolean = isDecayed) {
  return graph.parameters.map((parameter) => {
    const { name, shape, permutation, value, initializer, trainable } = parameter;
    return {
      name,
      shape,
      permutation,
      storedShape: value.shape,
      initializer,
      trainable,
      decay: trainable && decays(parameter),
    };
  });
}

function classifierData(graphs: ClassifierSources) {
  const { classifier, gradients } = graphs;
  const { parameters } = gradients.graph;
  return {
    cost: {
      parameters: {
        total: parameterElements(parameters),
        trainable: parameterElements(parameters.filter(({ trainable }) => trainable)),
      },
      forwardFlops: graphFlops(classifier.graph),
      trainingFlops: graphFlops(gradients.graph),
      ...activationData(gradients.graph),
    },
    parameters: parameterData(gradients.graph, isDecayedInClassifier),
    graphs: {
      classifier: graphData(classifier),
      gradients: graphData(gradients),
      ...optionalGraph(graphs, 'gradients-float16'),
    },
  };
}

/** Official counts: the paper's order of operations, not the training step's shortcuts. */
function costData(masked: Graph, gradients: Graph) {
  const parameters = (side: string) =>
    parameterElements(masked.parameters.filter(({ scope }) => isInside(scope.path, side)));
  const flops = (side: string) => graphFlops(masked, ({ scope }) => isInside(scope.path, side));
  return {
    parameters: {
      total: parameterElements(masked.parameters),
      encoder: parameters('encoder'),
      decoder: parameters('decoder'),
      trainable: parameterElements(masked.parameters.filter(({ trainable }) => trainable)),
    },
    forwardFlops: { total: graphFlops(masked), encoder: flops('encoder'), decoder: flops('decoder') },
    trainingFlops: graphFlops(gradients),
    ...activationData(gradients),
  };
}

/** The activations of one picture in the step as it was compiled, and where it recomputes blocks. */
function activationData(gradients: Graph) {
  return {
    trainingActivationBytes: peakActivationBytes(gradients),
    recomputingActivationBytes: peakActivationBytes(recomputeBlocks(gradients)),
  };
}

/** Ports of parameters, gradients and moments are left out: they follow from the list of parameters. */
function graphData({ graph, file, auxiliary }: WrittenGraph) {
  const own = ({ of, role }: Port) => of === undefined || role === 'index' || role === 'state';
  return {
    file,
    inputs: [
      ...graph.inputs.filter(own).map(portData),
      ...auxiliary.map(({ name, role, type }) => ({ name, role, ...type })),
    ],
    outputs: graph.outputs.filter(own).map(portData),
  };
}

/** An entry for a graph that not every recipe asks for. */
function optionalGraph<Name extends string>(graphs: { readonly [Key in Name]?: WrittenGraph }, name: Name) {
  const graph = graphs[name];
  return graph ? { [name]: graphData(graph) } : {};
}

function portData({ name, role, of, value, random }: Port) {
  const { type, shape } = value;
  return {
    name,
    role,
    type,
    shape,
    ...(of === undefined ? {} : { of }),
    ...(random ? { keep: random.keep } : {}),
  };
}

/** Bytes that a training step needs whatever the batch: parameters, and gradients and two moments of the trainable ones. */
export function fixedTrainingBytes(parameters: {
  readonly total: number;
  readonly trainable: number;
}): number {
  return 4 * (parameters.total + 3 * parameters.trainable);
}

/** JSON with two spaces; lists of numbers and objects without nested ones on one line, so that a diff shows what changed. */
export function formatJson(value: unknown): string {
  return `${print(value, '')}\n`;
}

const LINE = 110;

function print(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const flat = printFlat(value, LINE - indent.length);
  if (flat !== undefined) return flat;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => deeper + print(item, deeper)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `${deeper}${JSON.stringify(key)}: ${print(item, deeper)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

/** The value on one line of at most so many characters, if nothing in it is deeper than two levels. */
function printFlat(value: object, space: number, depth = 0): string | undefined {
  if (depth > 2) return undefined;
  const isList = Array.isArray(value);
  const items: string[] = [];
  let left = space;
  // Most lists are far too long: the first items show that.
  for (const [key, item] of Object.entries(value)) {
    const text =
      typeof item === 'object' && item !== null ? printFlat(item, left, depth + 1) : JSON.stringify(item);
    if (text === undefined) return undefined;
    const entry = isList ? text : `${JSON.stringify(key)}: ${text}`;
    left -= entry.length;
    if (left < 0) return undefined;
    items.push(entry);
  }
  const flat = isList ? `[${items.join(', ')}]` : items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
  return flat.length <= space ? flat : undefined;
}

export type SpecData = ReturnType<typeof specData>;
