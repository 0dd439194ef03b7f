import { compileClassifiers, compileGraphs } from '../../compile-graphs.ts';
import type { ModelSpec } from '../../language/model-spec.ts';

/** The ONNX model that a spec compiles to under the name that a file has in its metadata: "encoder"; undefined for none. */
export function compiledFile(spec: ModelSpec, graph: string): Uint8Array | undefined {
  const file = `onnx/${graph}.onnx`;
  const ofClassifier = /^(finetune|linear-probe)-/.test(graph);
  const graphs = ofClassifier ? classifierGraphs(spec) : Object.values(compileGraphs(spec));
  return graphs.find((each) => each?.file === file)?.bytes;
}

function classifierGraphs(spec: ModelSpec) {
  const { finetune, 'linear-probe': linearProbe } = compileClassifiers(spec);
  return [finetune, linearProbe].flatMap((each) => (each ? [each.classifier, each.gradients] : []));
}
