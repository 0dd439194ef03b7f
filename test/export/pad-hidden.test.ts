import { readFile, writeFile } from 'node:fs/promises';
import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { embedWeights } from '../../runtime/cli/embed-weights.ts';
import type { Precision } from '../../runtime/export/precision.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';

const { onnx } = onnxProto;
const at = temporaryFolder();

const valueInfo = (name: string, shape: readonly number[]) =>
  onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
const attribute = (name: string, i: number) => ({ name, type: onnx.AttributeProto.AttributeType.INT, i });

interface Perceptron {
  readonly hidden: number;
  readonly precision?: Precision;
  /** What comes between the two layers: (x V + b) * its factor; by default a number. */
  readonly factor?: string;
  /** What the graph yields besides. */
  readonly more?: readonly string[];
}

/** y = ((x V + b) * 3) W^T + c; V is stored as [inputs, hidden] and W as [outputs, hidden]. */
async function exported({ hidden, precision = 'float32', factor = 'three', more = [] }: Perceptron) {
  const shapes = { v: [3, hidden], b: [hidden], w: [2, hidden], c: [2] };
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'perceptron',
      node: [
        { opType: 'Gemm', input: ['x', 'v', 'b'], output: ['h'] },
        { opType: 'Mul', input: ['h', factor], output: ['g'] },
        { opType: 'Gemm', input: ['g', 'w', 'c'], output: ['y'], attribute: [attribute('transB', 1)] },
      ],
      initializer: [{ name: 'three', dataType: 1, dims: [], floatData: [3] }],
      input: [
        valueInfo('x', [2, 3]),
        ...Object.entries(shapes).map(([name, shape]) => valueInfo(name, shape)),
      ],
      output: [valueInfo('y', [2, 2]), ...more.map((name) => valueInfo(name, [2, hidden]))],
    },
  });
  await writeFile(at('graph.onnx'), onnx.ModelProto.encode(model).finish());
  const common = { initializer: { kind: 'zeros' as const }, trainable: true, decay: false };
  const parameters: CompiledParameter[] = [
    { ...common, name: 'v', shape: [hidden, 3], permutation: [1, 0], storedShape: shapes.v },
    { ...common, name: 'b', shape: [hidden], permutation: [0], storedShape: shapes.b },
    { ...common, name: 'w', shape: shapes.w, permutation: [0, 1], storedShape: shapes.w },
    { ...common, name: 'c', shape: [2], permutation: [0], storedShape: [2] },
  ];
  const weights = parameters.map(({ name, shape }) => ({ name, shape, data: integers(name, shape) }));
  const out = at('out.onnx');
  const { weightBytes } = await embedWeights({
    ...{ graph: at('graph.onnx'), parameters, weights, metadata: {}, out, precision },
  });
  const { graph } = onnx.ModelProto.decode(await readFile(out));
  const sides = (graph?.initializer ?? []).map(({ name, dims }) => `${name} ${(dims ?? []).map(Number)}`);
  return { out, weightBytes, shapes: sides.filter((each) => each !== 'three ') };
}

/** Whole numbers from -4 to 4, so that every sum is exact. */
function integers(name: string, shape: readonly number[]): Float32Array {
  const random = Random.from('perceptron', name);
  const length = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length }, () => random.integer(9) - 4);
}

const x = [1, -2, 3, 0, 5, -1];
/** By the definition, in the official layout. */
function expected(hidden: number): number[] {
  const [v, b, w, c] = [[hidden, 3], [hidden], [2, hidden], [2]].map((shape, i) =>
    integers('vbwc'[i] ?? '', shape),
  );
  return [0, 0, 1, 1].map((row, i) => {
    let sum = c?.[i % 2] ?? Number.NaN;
    for (let unit = 0; unit < hidden; unit++) {
      let inner = b?.[unit] ?? Number.NaN;
      for (let k = 0; k < 3; k++) inner += (x[row * 3 + k] ?? 0) * (v?.[unit * 3 + k] ?? Number.NaN);
      sum += 3 * inner * (w?.[(i % 2) * hidden + unit] ?? Number.NaN);
    }
    return sum;
  });
}

async function run(path: string): Promise<number[]> {
  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(x), [2, 3]) });
  await session.release();
  return Array.from(y?.data ?? [], Number);
}

describe('hidden layers whose rows are 4096 bytes long, or a multiple', () => {
  test.each(['float32', 'float16'] as const)(
    'are wider in a %s file, and give the same',
    async (precision) => {
      const { out, shapes } = await exported({ hidden: 1024, precision });
      const half = precision === 'float16' ? '.float16' : '';
      expect(shapes).toEqual([`v${half} 3,1056`, 'b 1056', `w${half} 2,1056`, 'c 2']);
      expect(await run(out)).toEqual(expected(1024));
    },
  );

  test.each([
    ['of another width', { hidden: 1000 }],
    ['in int8', { hidden: 1024, precision: 'int8' as const }],
    ['that are an output', { hidden: 1024, more: ['g'] }],
    ['that a parameter of as many numbers is multiplied with', { hidden: 1024, factor: 'b' }],
  ])('stay as they are: those %s', async (_, perceptron) => {
    const { shapes } = await exported(perceptron);
    const { hidden } = perceptron;
    const kept = shapes.filter((each) => !each.includes('.scale')).map((each) => each.replace('.int8', ''));
    const w = 'precision' in perceptron ? `w ${hidden},2` : `w 2,${hidden}`;
    expect(kept).toEqual([`v 3,${hidden}`, `${w}`, `b ${hidden}`, 'c 2'].sort(inOrder));
  });
});

/** As the parameters stand in the graph. */
function inOrder(a: string, b: string): number {
  return 'vbwc'.indexOf(a[0] ?? '') - 'vbwc'.indexOf(b[0] ?? '');
}
