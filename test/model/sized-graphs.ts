import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type CompiledGraph, compileClassifiers, compileGraphs } from '../../compiler/compile-graphs.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { Random } from '../../runtime/random.ts';
import { toStoredLayout } from '../../runtime/weights/layout.ts';
import { interpolatePositions } from '../../runtime/weights/transfer/interpolate-positions.ts';
import { concreteShape } from '../support/run-graph.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

export const BATCH = 2;
const HEAD = { classes: 3 } as const;
/** Pictures of 16x16 in 4x4 patches. */
const base: SpecOptions = {
  image: [16, 16, 3],
  patch: [4, 4],
  registers: 2,
  positions: 'learned',
  finetune: HEAD,
  linearProbe: { ...HEAD, pooling: 'class-token' },
};

export type Name = 'encoder' | 'finetune' | 'linear-probe';

export function specOf(options: SpecOptions): ModelSpec {
  return modelSpec({ ...base, ...options });
}

export function graphOf(options: SpecOptions, name: Name): CompiledGraph {
  const spec = specOf(options);
  if (name === 'encoder') return compileGraphs(spec).encoder;
  const classifier = compileClassifiers(spec)[name];
  if (classifier === undefined) throw new Error(`no ${name}`);
  return classifier.classifier;
}

const NOMINAL = { height: 4, width: 4 };

/** Random numbers for a parameter in its official layout, the same for every size of pictures. */
export function drawWeights(name: string, elements: number): Float32Array {
  const random = Random.from('sizes', name);
  // Variances and the weights of norms are above 0.
  const centre = /var|norm.*weight/.test(name) ? 1.5 : 0;
  return Float32Array.from({ length: elements }, () => centre + 0.3 * random.normal());
}

/** Random weights: positions are those of 4x4 patches, interpolated for another grid. */
function weightsFor({ graph }: CompiledGraph, grid: typeof NOMINAL): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const parameter of graph.parameters) {
    const { name, shape, value } = parameter;
    const resized = name === 'pos_embed' && grid !== NOMINAL;
    const elements = resized ? 17 * 16 : shape.reduce((product, side) => product * side, 1);
    const drawn = drawWeights(name, elements);
    const data = resized
      ? interpolatePositions(drawn, { grid: NOMINAL, prefix: 1 }, { grid, prefix: 1 })
      : drawn;
    const stored = new Float32Array(data.length);
    toStoredLayout(parameter, data, stored);
    feeds[name] = new Tensor('float32', stored, concreteShape(value.shape, BATCH));
  }
  return feeds;
}

/** What ONNX Runtime makes of pictures [batch, 3, height, width]. */
export async function run(
  compiled: CompiledGraph,
  images: Float32Array,
  [height, width]: readonly [number, number],
  grid = NOMINAL,
): Promise<InferenceSession.OnnxValueMapType> {
  const session = await InferenceSession.create(compiled.bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  return session.run({
    ...weightsFor(compiled, grid),
    images: new Tensor('float32', images, [BATCH, 3, height, width]),
  });
}

export function pictures(height: number, width: number): Float32Array {
  return Random.from('pictures', height, width).fillUniform(new Float32Array(BATCH * 3 * height * width));
}

export function floats(results: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no ${name}`);
  return data;
}
