import { writeOnnxModel } from './emit/onnx/write-model.ts';
import { specHash, type WrittenGraph } from './emit/spec-json.ts';
import type { Graph } from './ir/graph.ts';
import type { ModelSpec } from './language/model-spec.ts';
import { featuresGraph, maskedAutoencoderGraph, pretrainingGraph } from './model/masked-autoencoder.ts';
import { differentiate } from './passes/differentiate.ts';
import { foldGelu } from './passes/fold-gelu.ts';
import { optimizeStep } from './passes/optimize-step.ts';
import { simplify } from './passes/simplify.ts';
import { verify, verifyModules } from './passes/verify.ts';
import { COMPILER_VERSION } from './version.ts';

export type GraphName = 'encoder' | 'masked-autoencoder' | 'pretrain-gradients' | 'pretrain-step';

export interface CompiledGraph extends WrittenGraph {
  /** The ONNX model. */
  readonly bytes: Uint8Array;
}

/** Builds, differentiates and writes every graph of a model. */
export function compileGraphs(spec: ModelSpec): Record<GraphName, CompiledGraph> {
  const gradients = differentiate(foldGelu(recorded(pretrainingGraph(spec))));
  const write = (name: GraphName, graph: Graph, auxiliary: 'inputs' | 'computed'): CompiledGraph => {
    const metadata = { 'mae.model': spec.name, 'mae.graph': name, 'mae.spec.hash': specHash(spec) };
    const model = writeOnnxModel(graph, { producerVersion: COMPILER_VERSION, metadata, auxiliary });
    return { graph, file: `onnx/${name}.onnx`, ...model };
  };
  return {
    encoder: write('encoder', simplify(recorded(featuresGraph(spec))), 'computed'),
    'masked-autoencoder': write(
      'masked-autoencoder',
      simplify(recorded(maskedAutoencoderGraph(spec))),
      'computed',
    ),
    'pretrain-gradients': write('pretrain-gradients', gradients, 'inputs'),
    'pretrain-step': write('pretrain-step', optimizeStep(gradients, spec.pretrain.optimizer), 'inputs'),
  };
}

/** A graph straight from the builder, checked. */
function recorded(graph: Graph): Graph {
  return verifyModules(verify(graph, 'recording'));
}
