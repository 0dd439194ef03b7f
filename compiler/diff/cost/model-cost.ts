import { fixedTrainingBytes } from '../../emit/spec-json.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { featuresGraph, maskedAutoencoderGraph, pretrainingGraph } from '../../model/masked-autoencoder.ts';
import {
  activationBytes,
  isInside,
  nodeFlops,
  parameterElements,
  peakOfActivations,
  savedForBackward,
} from '../../passes/cost.ts';
import { gradientStep } from '../../passes/gradient-step.ts';
import {
  BYTES_PER_PARAMETER,
  countModules,
  type ModuleCost,
  mergeModules,
  middleBlock,
} from './count-modules.ts';
import { costKey, type ShallowModel, shallowModel, stackNames } from './shallow.ts';

/** What a model costs in pretraining, and its encoder in use. */
export interface ModelCost {
  readonly parameters: {
    readonly total: number;
    readonly encoder: number;
    readonly decoder: number;
    readonly trainable: number;
  };
  /** Of one picture in the paper's order of operations, two a multiply-accumulate. */
  readonly forwardFlops: number;
  /** Of the encoder on all patches of one picture, as encoder.onnx runs it. */
  readonly encoderFlops: number;
  /** Of one picture in the compiled training step, forward and backward. */
  readonly trainingFlops: number;
  /** Activations that are alive at once at the worst point of the training step, for one picture. */
  readonly activationBytes: number;
  /** What a training step needs whatever the batch: parameters, gradients and two moments. */
  readonly fixedBytes: number;
  /** Weights of the exported encoder, and of the exported masked autoencoder. */
  readonly onnxBytes: { readonly encoder: number; readonly model: number };
  /** The whole model first, then its modules in the order of the computation. */
  readonly modules: readonly ModuleCost[];
}

/** What one change is measured by. */
export interface Estimate {
  readonly parameters: number;
  /** Of one picture in the compiled training step, forward and backward. */
  readonly trainingFlops: number;
}

/**
 * Counts models quickly, and each only once: of a deep stack it builds few blocks and adds what each further one adds. The
 * numbers are those of the whole graphs.
 */
export class CostCounter {
  private readonly maskedGraphs = new Map<string, Graph>();
  private readonly trainings = new Map<string, Graph>();
  private readonly costs = new Map<string, ModelCost>();

  cost(spec: ModelSpec): ModelCost {
    const key = costKey(spec);
    const known = this.costs.get(key);
    if (known !== undefined) return known;
    const shallow = shallowModel(spec);
    const training = this.training(shallow.spec);
    const peak = deepPeak(training, shallow.further) ?? peakOfActivations(trainingGraph(spec)).bytes;
    const cost = costOf(shallow, this.masked(shallow.spec), training, peak);
    this.costs.set(key, cost);
    return cost;
  }

  /** Undefined for a spec that no graph can be built of: one half-way between two others may be none. */
  estimate(spec: ModelSpec): Estimate | undefined {
    const known = this.costs.get(costKey(spec));
    if (known !== undefined)
      return { parameters: known.parameters.total, trainingFlops: known.trainingFlops };
    try {
      const shallow = shallowModel(spec);
      const training = this.training(shallow.spec);
      return {
        parameters: deepened(shallow, (inside) => elementsIn(training, inside)),
        trainingFlops: deepened(shallow, flopsIn(training)),
      };
    } catch {
      return undefined;
    }
  }

  /** The masked autoencoder, of which costs and tensors are counted. */
  masked(spec: ModelSpec): Graph {
    return madeOnce(this.maskedGraphs, spec, maskedAutoencoderGraph);
  }

  private training(spec: ModelSpec): Graph {
    return madeOnce(this.trainings, spec, trainingGraph);
  }
}

function madeOnce(known: Map<string, Graph>, spec: ModelSpec, make: (spec: ModelSpec) => Graph): Graph {
  const key = costKey(spec);
  const graph = known.get(key) ?? make(spec);
  known.set(key, graph);
  return graph;
}

function trainingGraph(spec: ModelSpec): Graph {
  return gradientStep(pretrainingGraph(spec), spec.pretrain);
}

/** A count of a whole model: that of the shallow one, whose path is empty, with that of its further blocks. */
function deepened({ further }: ShallowModel, count: (path: string) => number): number {
  return stackNames.reduce(
    (total, name) => total + (further[name] === 0 ? 0 : further[name] * count(middleBlock(name))),
    count(''),
  );
}

function elementsIn({ parameters }: Graph, inside: string, trainable = false): number {
  return parameterElements(
    parameters.filter(
      (parameter) =>
        (inside === '' || isInside(parameter.scope.path, inside)) && (parameter.trainable || !trainable),
    ),
  );
}

/** FLOPs of a module by its path; each node is asked once. */
function flopsIn({ nodes }: Graph): (inside: string) => number {
  const counted = nodes.map((node) => ({ path: node.scope.path, flops: nodeFlops(node) }));
  return (inside) =>
    counted.reduce(
      (sum, { path, flops }) => (inside === '' || isInside(path, inside) ? sum + flops : sum),
      0,
    );
}

function costOf(shallow: ShallowModel, masked: Graph, training: Graph, peak: number): ModelCost {
  const modules = mergeModules(countModules(masked, training), shallow.further);
  const parametersOf = (path: string) => modules.find((module) => module.path === path)?.parameters ?? 0;
  const [whole] = modules;
  const total = parametersOf('');
  const encoder = parametersOf('encoder');
  const trainable = deepened(shallow, (inside) => elementsIn(masked, inside, true));
  return {
    parameters: { total, encoder, decoder: parametersOf('decoder'), trainable },
    forwardFlops: whole?.forwardFlops ?? 0,
    encoderFlops: deepened(shallow, flopsIn(featuresGraph(shallow.spec))),
    trainingFlops: whole?.trainingFlops ?? 0,
    activationBytes: peak,
    fixedBytes: fixedTrainingBytes({ total, trainable }),
    onnxBytes: { encoder: BYTES_PER_PARAMETER * encoder, model: BYTES_PER_PARAMETER * total },
    modules,
  };
}

/**
 * The activations that are alive at the worst point of the whole graph. If all that the middle blocks keep is alive at that of the
 * shallow one, each further block adds just as much, and at no other point more. Undefined where something of it is not: in a
 * deeper model another point may then be the worst one.
 */
function deepPeak(training: Graph, further: ShallowModel['further']): number | undefined {
  const { bytes, isAlive } = peakOfActivations(training);
  const saved = savedForBackward(training);
  let sum = bytes;
  for (const name of stackNames) {
    if (further[name] === 0) continue;
    const kept = keptBy(training, middleBlock(name), saved);
    if (!kept.every(isAlive)) return undefined;
    sum += further[name] * kept.reduce((all, value) => all + activationBytes(value), 0);
  }
  return sum;
}

/** What there is of a block from its forward to its backward pass: results that this reads, and random factors. */
function keptBy({ nodes, inputs }: Graph, block: string, saved: ReadonlySet<number>): Value[] {
  const factors = inputs.filter(({ random }) => random && isInside(random.scope.path, block));
  const results = nodes
    .filter(({ scope, phase }) => phase === 'forward' && isInside(scope.path, block))
    .flatMap(({ outputs }) => outputs)
    .filter(({ id }) => saved.has(id));
  return [...factors.map(({ value }) => value), ...results];
}
