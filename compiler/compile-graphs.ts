import { writeOnnxModel } from './emit/onnx/write-model.ts';
import { specHash, type WrittenGraph } from './emit/spec-json.ts';
import type { Graph } from './ir/graph.ts';
import type { ClassifierRecipe, ModelSpec, TrainingRecipe } from './language/model-spec.ts';
import { classifierGraph } from './model/classifier.ts';
import { exportedSizes, type Sizes } from './model/image-patches.ts';
import { linearProbeGraph } from './model/linear-probe.ts';
import { featuresGraph, maskedAutoencoderGraph, pretrainingGraph } from './model/masked-autoencoder.ts';
import { gradientStep } from './passes/gradient-step.ts';
import { halfPrecision } from './passes/half-precision.ts';
import { optimizeStep } from './passes/optimize-step.ts';
import { simplify } from './passes/simplify.ts';
import { verify, verifyModules } from './passes/verify.ts';
import { COMPILER_VERSION } from './version.ts';

export interface CompiledGraph extends WrittenGraph {
  /** The ONNX model. */
  readonly bytes: Uint8Array;
  /** The same without its metadata, which name the spec. */
  readonly unlabelled: Uint8Array;
}

/** The graphs of pretraining; the step with its optimizer inside is there for AdamW only. */
export interface CompiledGraphs {
  readonly encoder: CompiledGraph;
  readonly 'masked-autoencoder': CompiledGraph;
  readonly 'pretrain-gradients': CompiledGraph;
  readonly 'pretrain-step'?: CompiledGraph;
  /** The same in float16, where the recipe asks for it. */
  readonly 'pretrain-gradients-float16'?: CompiledGraph;
  readonly 'pretrain-step-float16'?: CompiledGraph;
}

/** The graphs of a classifier: as it is used, and the step that trains it. */
export interface CompiledClassifier {
  readonly classifier: CompiledGraph;
  readonly gradients: CompiledGraph;
  /** The same in float16, where the recipe asks for it. */
  readonly 'gradients-float16'?: CompiledGraph;
}

/** The classifiers that a spec asks for, by the key that asks. */
export interface CompiledClassifiers {
  readonly finetune?: CompiledClassifier;
  readonly 'linear-probe'?: CompiledClassifier;
}

type Write = (name: string, graph: Graph, auxiliary: 'inputs' | 'computed', sizes?: Sizes) => CompiledGraph;

/** What an .onnx file says of what it was compiled from. */
export function graphMetadata(spec: ModelSpec): (graph: string) => Readonly<Record<string, string>> {
  const hash = specHash(spec);
  return (graph) => ({ 'mae.model': spec.name, 'mae.graph': graph, 'mae.spec.hash': hash });
}

function writerFor(spec: ModelSpec): Write {
  const metadataOf = graphMetadata(spec);
  return (name, graph, auxiliary, sizes = 'fixed') => {
    const metadata = metadataOf(name);
    const model = writeOnnxModel(graph, { producerVersion: COMPILER_VERSION, metadata, auxiliary, sizes });
    return { graph, file: `onnx/${name}.onnx`, ...model };
  };
}

/** Builds, differentiates and writes the graphs that every model has. */
export function compileGraphs(spec: ModelSpec): CompiledGraphs {
  const write = writerFor(spec);
  const gradients = gradientStep(recorded(pretrainingGraph(spec)), spec.pretrain);
  const { optimizer } = spec.pretrain;
  const sizes = exportedSizes(spec);
  return {
    encoder: write('encoder', simplify(recorded(featuresGraph(spec, sizes))), 'computed', sizes),
    'masked-autoencoder': write(
      'masked-autoencoder',
      simplify(recorded(maskedAutoencoderGraph(spec))),
      'computed',
    ),
    'pretrain-gradients': write('pretrain-gradients', gradients, 'inputs'),
    ...(optimizer.kind === 'adamw'
      ? { 'pretrain-step': write('pretrain-step', optimizeStep(gradients, optimizer), 'inputs') }
      : {}),
    ...(spec.pretrain.precision === 'float16'
      ? halfSteps(write, halfPrecision(gradients), spec.pretrain)
      : {}),
  };
}

/** The steps once more, in float16: what a device can do is known when it runs. */
function halfSteps(write: Write, gradients: Graph, { optimizer }: TrainingRecipe) {
  const step = 'pretrain-step-float16';
  return {
    'pretrain-gradients-float16': write('pretrain-gradients-float16', gradients, 'inputs'),
    ...(optimizer.kind === 'adamw'
      ? { [step]: write(step, optimizeStep(gradients, optimizer), 'inputs') }
      : {}),
  };
}

/** Builds, differentiates and writes the classifiers that the spec asks for. */
export function compileClassifiers(spec: ModelSpec): CompiledClassifiers {
  const write = writerFor(spec);
  const { finetune, linearProbe } = spec;
  const sizes = exportedSizes(spec);
  const compiled = (
    name: string,
    recipe: ClassifierRecipe,
    used: Graph,
    trained: Graph,
  ): CompiledClassifier => {
    const gradients = gradientStep(recorded(trained), recipe);
    return {
      classifier: write(`${name}-classifier`, simplify(recorded(used)), 'computed', sizes),
      gradients: write(`${name}-gradients`, gradients, 'inputs'),
      ...(recipe.precision === 'float16'
        ? { 'gradients-float16': write(`${name}-gradients-float16`, halfPrecision(gradients), 'inputs') }
        : {}),
    };
  };
  return {
    ...(finetune
      ? {
          finetune: compiled(
            'finetune',
            finetune,
            classifierGraph(spec, finetune, 'inference', sizes),
            classifierGraph(spec, finetune, 'training'),
          ),
        }
      : {}),
    ...(linearProbe
      ? {
          'linear-probe': compiled(
            'linear-probe',
            linearProbe,
            linearProbeGraph(spec, linearProbe, 'inference', sizes),
            linearProbeGraph(spec, linearProbe, 'training'),
          ),
        }
      : {}),
  };
}

/** A graph straight from the builder, checked. */
function recorded(graph: Graph): Graph {
  return verifyModules(verify(graph, 'recording'));
}
