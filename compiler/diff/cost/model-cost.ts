import { fixedTrainingBytes } from '../../emit/spec-json.ts';
import type { Graph, Scope } from '../../ir/graph.ts';
import { formatShape } from '../../ir/shape.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { featuresGraph, maskedAutoencoderGraph, pretrainingGraph } from '../../model/masked-autoencoder.ts';
import {
  graphFlops,
  isInside,
  moduleCosts,
  nodeFlops,
  parameterElements,
  peakActivationBytes,
} from '../../passes/cost.ts';
import { gradientStep } from '../../passes/gradient-step.ts';

/** Bytes of a number in a file of weights and in an exported ONNX file. */
const BYTES_PER_PARAMETER = 4;

/** What a module, or all equal ones of a list together, cost with all that is inside. */
export interface ModuleCost {
  /** Module names from the root, `*` for every element of a list: "encoder.blocks.*.attn"; empty for the whole model. */
  readonly path: string;
  /** "Attention". */
  readonly kind: string;
  /** How many modules these are: the depth for what is in a block. */
  readonly count: number;
  /** The shape of the result of each in pretraining: "[batch*50, 768]"; null where it has none or several. */
  readonly output: string | null;
  readonly parameters: number;
  /** Of one picture, in the paper's order of operations. */
  readonly forwardFlops: number;
  /** Of one picture in the compiled training step, forward and backward. */
  readonly trainingFlops: number;
  /** Activations that its forward pass leaves for its backward pass, for one picture. */
  readonly savedBytes: number;
  /** Weights in exported ONNX files. */
  readonly onnxBytes: number;
}

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

/** Builds a model's graphs and counts what they do. Takes some hundredths of a second for the largest official model. */
export function modelCost(spec: ModelSpec, masked: Graph = maskedAutoencoderGraph(spec)): ModelCost {
  const training = gradientStep(pretrainingGraph(spec), spec.pretrain);
  const parametersOf = (side: string) =>
    parameterElements(masked.parameters.filter(({ scope }) => isInside(scope.path, side)));
  const total = parameterElements(masked.parameters);
  const trainable = parameterElements(masked.parameters.filter((parameter) => parameter.trainable));
  const encoder = parametersOf('encoder');
  return {
    parameters: { total, encoder, decoder: parametersOf('decoder'), trainable },
    forwardFlops: graphFlops(masked),
    encoderFlops: graphFlops(featuresGraph(spec)),
    trainingFlops: graphFlops(training),
    activationBytes: peakActivationBytes(training),
    fixedBytes: fixedTrainingBytes({ total, trainable }),
    onnxBytes: { encoder: BYTES_PER_PARAMETER * encoder, model: BYTES_PER_PARAMETER * total },
    modules: modulesOf(masked, training),
  };
}

function modulesOf(masked: Graph, training: Graph): ModuleCost[] {
  const trained = new Map(moduleCosts(training).map((cost) => [cost.path, cost]));
  const forward = new Map<string, number>();
  const scopes = new Map<string, Scope>();
  const visit = (scope: Scope | undefined, flops: number): void => {
    if (scope === undefined) return;
    visit(scope.parent, flops);
    if (!scopes.has(scope.path)) scopes.set(scope.path, scope);
    forward.set(scope.path, (forward.get(scope.path) ?? 0) + flops);
  };
  for (const node of masked.nodes) visit(node.scope, nodeFlops(node));
  const sums = new Map<string, ModuleCost>();
  for (const scope of scopes.values()) {
    const path = scope.path.replace(/\.\d+(?=\.|$)/g, '.*');
    const { parameters = 0, trainingFlops = 0, savedBytes = 0 } = trained.get(scope.path) ?? {};
    const before = sums.get(path);
    sums.set(path, {
      path,
      kind: scope.kind,
      count: (before?.count ?? 0) + 1,
      output: before === undefined ? outputOf(scope) : before.output,
      parameters: (before?.parameters ?? 0) + parameters,
      forwardFlops: (before?.forwardFlops ?? 0) + (forward.get(scope.path) ?? 0),
      trainingFlops: (before?.trainingFlops ?? 0) + trainingFlops,
      savedBytes: (before?.savedBytes ?? 0) + savedBytes,
      onnxBytes: (before?.onnxBytes ?? 0) + BYTES_PER_PARAMETER * parameters,
    });
  }
  return [...sums.values()];
}

function outputOf({ outputs }: Scope): string | null {
  const [value] = outputs.values();
  return value === undefined || outputs.size > 1 ? null : formatShape(value.shape);
}
