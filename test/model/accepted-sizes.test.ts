import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type CompiledGraph, compileClassifiers, compileGraphs } from '../../compiler/compile-graphs.ts';
import { Random } from '../../runtime/random.ts';
import { toStoredLayout } from '../../runtime/weights/layout.ts';
import { interpolatePositions } from '../../runtime/weights/transfer/interpolate-positions.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { concreteShape } from '../support/run-graph.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

const BATCH = 2;
const HEAD = { classes: 3 } as const;
const base: SpecOptions = {
  image: [16, 16, 3],
  patch: [4, 4],
  registers: 2,
  positions: 'learned',
  finetune: HEAD,
  linearProbe: { ...HEAD, pooling: 'class-token' },
};

type Name = 'encoder' | 'finetune' | 'linear-probe';

function graphOf(options: SpecOptions, name: Name): CompiledGraph {
  const spec = modelSpec({ ...base, ...options });
  if (name === 'encoder') return compileGraphs(spec).encoder;
  const classifier = compileClassifiers(spec)[name];
  if (classifier === undefined) throw new Error(`no ${name}`);
  return classifier.classifier;
}

const NOMINAL = { height: 4, width: 4 };

/** Random weights, the same for every size: positions are those of 4x4 patches, interpolated for another grid. */
function weightsFor({ graph }: CompiledGraph, grid: typeof NOMINAL): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const parameter of graph.parameters) {
    const { name, shape, value } = parameter;
    const isTable = name === 'pos_embed';
    const elements = isTable ? 17 * 16 : shape.reduce((product, side) => product * side, 1);
    const random = Random.from('sizes', name);
    // Variances and the weights of norms are above 0.
    const centre = /var|norm.*weight/.test(name) ? 1.5 : 0;
    const drawn = Float32Array.from({ length: elements }, () => centre + 0.3 * random.normal());
    const data = isTable
      ? interpolatePositions(drawn, { grid: NOMINAL, prefix: 1 }, { grid, prefix: 1 })
      : drawn;
    const stored = new Float32Array(data.length);
    toStoredLayout(parameter, data, stored);
    feeds[name] = new Tensor('float32', stored, concreteShape(value.shape, BATCH));
  }
  return feeds;
}

async function run(
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

function pictures(height: number, width: number): Float32Array {
  return Random.from('pictures', height, width).fillUniform(new Float32Array(BATCH * 3 * height * width));
}

const floats = (results: InferenceSession.OnnxValueMapType, name: string) => {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no ${name}`);
  return data;
};

/** Images [batch, 3, height, width] with zeros on the right and at the bottom. */
function padded(images: Float32Array, [h, w]: readonly [number, number], [H, W]: readonly [number, number]) {
  const whole = new Float32Array(BATCH * 3 * H * W);
  for (let plane = 0; plane < BATCH * 3; plane++) {
    for (let row = 0; row < h; row++) {
      const from = (plane * h + row) * w;
      whole.set(images.subarray(from, from + w), (plane * H + row) * W);
    }
  }
  return whole;
}

describe.each(['encoder', 'finetune', 'linear-probe'] as const)('the %s', (name) => {
  const outputs = name === 'encoder' ? ['features'] : ['logits', 'features'];

  it.each([
    [16, 16],
    [24, 12],
    [8, 40],
  ])(
    'of a model that accepts multiples computes on %ix%i what one of that size does',
    async (height, width) => {
      const images = pictures(height, width);
      const free = await run(graphOf({ accept: 'multiples' }, name), images, [height, width]);
      const grid = { height: height / 4, width: width / 4 };
      const own = await run(graphOf({ image: [height, width, 3] }, name), images, [height, width], grid);
      for (const output of outputs) {
        expect(free[output]?.dims).toEqual(own[output]?.dims);
        expect(relativeDeviation(floats(free, output), floats(own, output)), output).toBeLessThan(2e-5);
      }
    },
  );

  it('of a model that accepts any size pads with zeros to whole patches', async () => {
    const images = pictures(13, 22);
    const free = await run(graphOf({ accept: 'any' }, name), images, [13, 22]);
    const whole = padded(images, [13, 22], [16, 24]);
    const own = await run(graphOf({ image: [16, 24, 3] }, name), whole, [16, 24], { height: 4, width: 6 });
    for (const output of outputs) {
      expect(relativeDeviation(floats(free, output), floats(own, output)), output).toBeLessThan(2e-5);
    }
  });

  it('of a model that accepts one size refuses others and says both', async () => {
    const refused = run(graphOf({}, name), pictures(24, 16), [24, 16]);
    await expect(refused).rejects.toThrow(/Got: 24 Expected: 16/);
  });
});

it('positions that are not there need no interpolation', async () => {
  const images = pictures(8, 24);
  const free = await run(graphOf({ accept: 'multiples', positions: 'none' }, 'encoder'), images, [8, 24]);
  const own = await run(graphOf({ positions: 'none', image: [8, 24, 3] }, 'encoder'), images, [8, 24]);
  expect(relativeDeviation(floats(free, 'features'), floats(own, 'features'))).toBeLessThan(2e-6);
});
