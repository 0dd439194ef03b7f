import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto, { type onnx as OnnxTypes } from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { graphFeeds } from '../../runtime/engine/onnx/feeds.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { graphPath } from '../../runtime/model/load-spec.ts';
import { Random } from '../../runtime/random.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';
import type { Product } from './product.ts';

const { onnx } = onnxProto;
const OP_TYPES: readonly Product['opType'][] = ['Gemm', 'MatMul', 'FusedMatMul'];

/** A node in ONNX Runtime's profile, with the shapes of its inputs by type: [{ float: [64, 192] }, …]. */
interface ProfiledNode {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[] };
}

/**
 * All matrix products of a model's training step, in their order, as ONNX Runtime does them after its own optimizations: the step is
 * run once on a batch of so many pictures, and the profile of the run tells the shapes.
 */
export async function stepProducts(
  spec: CompiledSpec,
  directory: string,
  size: number,
): Promise<readonly Product[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mae-step-'));
  try {
    const graph = spec.graphs['pretrain-gradients'];
    const path = await graphPath(directory, spec, { name: 'pretrain-gradients', graph });
    const optimized = join(folder, 'optimized.onnx');
    const session = await InferenceSession.create(path, {
      graphOptimizationLevel: 'all',
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      optimizedModelFilePath: optimized,
      logSeverityLevel: 3,
    });
    await session.run(stepFeeds(spec, size), ['loss']);
    session.endProfiling();
    const shapes = profiledShapes(await readProfile(folder));
    const { graph: run } = onnx.ModelProto.decode(await readFile(optimized));
    await session.release();
    return (run?.node ?? []).flatMap((node) => productOf(node, shapes) ?? []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function stepFeeds(spec: CompiledSpec, size: number): Record<string, Tensor> {
  const { model, tokens, parameters } = spec;
  const { patches, visible, prefix } = tokens;
  const graph = spec.graphs['pretrain-gradients'];
  const { channels, height, width } = model.image;
  const noise = Random.from('products').fillUniform(new Float32Array(size * patches));
  const masking = maskingFromNoise(noise, { size, patches, visible });
  const images = new Float32Array(size * channels * height * width);
  const numbers = Array.from({ length: size }, (_, picture) => picture);
  const drops = drawDrops(graph, numbers, 'products');
  const zeros = ({ name, storedShape }: CompiledSpec['parameters'][number]) => {
    const data = new Float32Array(storedShape.reduce((product, side) => product * side, 1));
    return [name, new Tensor('float32', data, storedShape)];
  };
  return {
    ...Object.fromEntries(parameters.map(zeros)),
    ...graphFeeds(Tensor, graph, { size, images, masking, drops, prefix }),
  };
}

/** ONNX Runtime adds the time to the file's name. */
async function readProfile(folder: string): Promise<readonly ProfiledNode[]> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.json'));
  if (name === undefined) throw new Error('ONNX Runtime wrote no profile');
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}

/** Shapes of the float inputs of each node, by its name. */
function profiledShapes(
  profile: readonly ProfiledNode[],
): ReadonlyMap<string, readonly (readonly number[])[]> {
  const SUFFIX = '_kernel_time';
  return new Map(
    profile
      .filter(({ cat, name }) => cat === 'Node' && name.endsWith(SUFFIX))
      .map(({ name, args }) => [
        name.slice(0, -SUFFIX.length),
        (args?.input_type_shape ?? []).map((input) => Object.values(input)[0] ?? []),
      ]),
  );
}

function productOf(
  node: OnnxTypes.INodeProto,
  shapes: ReadonlyMap<string, readonly (readonly number[])[]>,
): Product | undefined {
  const opType = OP_TYPES.find((known) => known === node.opType);
  if (opType === undefined) return undefined;
  const [a, b] = shapes.get(node.name ?? '') ?? [];
  if (a === undefined || b === undefined) throw new Error(`the profile tells no shapes of ${node.name}`);
  const isSet = (name: string) =>
    (node.attribute ?? []).some((attribute) => attribute.name === name && Number(attribute.i) === 1);
  return { opType, a, b, transposeA: isSet('transA'), transposeB: isSet('transB') };
}
