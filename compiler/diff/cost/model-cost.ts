import { fixedTrainingBytes } from '../../emit/spec-json.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { featuresGraph, maskedAutoencoderGraph, pretrainingGraph } from '../../model/masked-autoencoder.ts';
import {
  activationBytes,
  graphFlops,
  isInside,
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
  private readonly trainings = new Map<string, Graph>();
  private readonly costs = new Map<string, ModelCost>();

  cost(spec: ModelSpec): ModelCost {
    const key = costKey(spec);
    const known = this.costs.get(key);
    if (known !== undefined) return known;
    const shallow = shallowModel(spec);
    const training = this.training(shallow.spec);
    const peak = deepPeak(training, shallow.further) ?? peakOfActivations(trainingGraph(spec)).bytes;
    const cost = costOf(shallow, training, peak);
    this.costs.set(key, cost);
    return cost;
  }

  /** Undefined for a spec that no graph can be built of: one half-way between two others may be none. */
  estimate(spec: ModelSpec): Estimate | undefined {
    try {
      const shallow = shallowModel(spec);
      const training = this.training(shallow.spec);
      const flops = (inside: string) => graphFlops(training, ({ scope }) => isInside(scope.path, inside));
      const parameters = (inside: string) => elementsIn(training, inside);
      return {
        parameters: deepened(elementsIn(training), shallow, parameters),
        trainingFlops: deepened(graphFlops(training), shallow, flops),
      };
    } catch {
      return undefined;
    }
  }

  private training(spec: ModelSpec): Graph {
    const key = costKey(spec);
    const training = this.trainings.get(key) ?? trainingGraph(spec);
    this.trainings.set(key, training);
    return training;
  }
}

function trainingGraph(spec: ModelSpec): Graph {
  return gradientStep(pretrainingGraph(spec), spec.pretrain);
}

/** A count of the shallow model with that of its further blocks, of which `ofModule` tells it. */
function deepened(sum: number, { further }: ShallowModel, ofModule: (path: string) => number): number {
  return stackNames.reduce(
    (total, name) => total + (further[name] === 0 ? 0 : further[name] * ofModule(middleBlock(name))),
    sum,
  );
}

function elementsIn({ parameters }: Graph, inside = '', trainable = false): number {
  return parameterElements(
    parameters.filter(
      (parameter) =>
        (inside === '' || isInside(parameter.scope.path, inside)) && (parameter.trainable || !trainable),
    ),
  );
}

function costOf(shallow: ShallowModel, training: Graph, peak: number): ModelCost {
  const masked = maskedAutoencoderGraph(shallow.spec);
  const features = featuresGraph(shallow.spec);
  const ofStack = (stack: string) =>
    deepened(elementsIn(masked, stack), shallow, (block) =>
      isInside(block, stack) ? elementsIn(masked, block) : 0,
    );
  const total = deepened(elementsIn(masked), shallow, (block) => elementsIn(masked, block));
  const trainable = deepened(elementsIn(masked, '', true), shallow, (block) =>
    elementsIn(masked, block, true),
  );
  const flops = (graph: Graph) =>
    deepened(graphFlops(graph), shallow, (block) =>
      graphFlops(graph, ({ scope }) => isInside(scope.path, block)),
    );
  const encoder = ofStack('encoder');
  return {
    parameters: { total, encoder, decoder: ofStack('decoder'), trainable },
    forwardFlops: flops(masked),
    encoderFlops: flops(features),
    trainingFlops: flops(training),
    activationBytes: peak,
    fixedBytes: fixedTrainingBytes({ total, trainable }),
    onnxBytes: { encoder: BYTES_PER_PARAMETER * encoder, model: BYTES_PER_PARAMETER * total },
    modules: mergeModules(countModules(masked, training), shallow.further),
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
