import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { type BackendName, openBackend } from '../../runtime/engine/tfjs/backends.ts';
import { loadGeneratedClassifier, loadGeneratedModule } from '../../runtime/engine/tfjs/generated-model.ts';
import { ParameterStore } from '../../runtime/engine/tfjs/parameter-store.ts';
import type { Images } from '../../runtime/engine/tfjs/shapes.ts';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import type { SpecOptions } from '../support/specs.ts';
import { BATCH, drawWeights, floats, graphOf, type Name, pictures, run, specOf } from './sized-graphs.ts';

type Size = readonly [height: number, width: number];
type Pictures = Images<number, number, number>;

/** Models, and the sizes at which they are tried: their own, larger, smaller, flat, and, where they pad, of broken patches. */
const MODELS: Readonly<Record<string, readonly [options: SpecOptions, sizes: readonly Size[]]>> = {
  multiples: [
    { accept: 'multiples' },
    [
      [16, 16],
      [28, 24],
      [8, 8],
      [8, 40],
    ],
  ],
  any: [
    { accept: 'any', classTokens: 2, finetune: { classes: 3, pooling: 'class-token' } },
    [
      [16, 16],
      [13, 22],
      [33, 9],
      [1, 3],
    ],
  ],
  'any, without class token or registers': [
    { accept: 'any', classTokens: 0, registers: 0, linearProbe: { classes: 3, pooling: 'mean' } },
    [
      [16, 20],
      [7, 30],
    ],
  ],
  'multiples, padded': [
    { accept: 'multiples', image: [14, 16, 3], pad: true },
    [
      [14, 16],
      [21, 8],
    ],
  ],
  'multiples, without positions': [{ accept: 'multiples', positions: 'none' }, [[8, 24]]],
  'one size': [{}, [[16, 16]]],
  'one size, padded': [{ image: [14, 16, 3], pad: true }, [[14, 16]]],
};

const NAMES: readonly Name[] = ['encoder', 'finetune', 'linear-probe'];

interface Opened {
  readonly store: ParameterStore;
  /** The results by the names of the exported graph's outputs. */
  readonly infer: (images: Pictures) => Record<string, tf.Tensor>;
}

async function openStore(parameters: readonly CompiledParameter[]): Promise<ParameterStore> {
  const store = new ParameterStore(parameters);
  await store.loadParameters(
    parameters.map(({ name, shape }) => {
      const elements = shape.reduce((product, side) => product * side, 1);
      return { name, shape, data: drawWeights(name, elements) };
    }),
  );
  return store;
}

/** The generated class of a graph, with the weights that ONNX Runtime gets. */
async function open({ directory, spec }: CompiledModelFolder, name: Name): Promise<Opened> {
  if (name === 'encoder') {
    const { MaskedAutoencoder } = await loadGeneratedModule(directory);
    const store = await openStore(spec.parameters);
    const model = new MaskedAutoencoder(store);
    return { store, infer: (images) => ({ features: model.features(images) }) };
  }
  const classifier = spec.classifiers[name];
  if (!classifier) throw new Error(`no ${name}`);
  const Generated = await loadGeneratedClassifier(directory, name);
  const store = await openStore(classifier.parameters);
  const model = new Generated(store);
  return { store, infer: (images) => ({ ...model.forward(images) }) };
}

const tensorOf = (images: Float32Array, [height, width]: Size) =>
  tf.tensor4d(images, [BATCH, 3, height, width]) as Pictures;

const folders = new Map<SpecOptions, Promise<CompiledModelFolder>>();

function folderOf(options: SpecOptions): Promise<CompiledModelFolder> {
  const known = folders.get(options);
  if (known) return known;
  const spec: ModelSpec = specOf(options);
  const folder = compileToFolder(spec);
  folders.set(options, folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders.values()) await (await folder).remove();
});

describe.each<BackendName>(['cpu', 'wasm'])(
  'on %s, the generated classes of a model that accepts',
  (name) => {
    let close = () => {};
    beforeAll(async () => {
      ({ close } = await openBackend(name));
    });
    afterAll(() => close());

    describe.each(Object.entries(MODELS))('%s', (_, [options, sizes]) => {
      it.each(NAMES)('compute what the exported %s does, and leave nothing behind', async (graph) => {
        const exported = graphOf(options, graph);
        const { store, infer } = await open(await folderOf(options), graph);
        for (const size of sizes) {
          const images = pictures(...size);
          const expected = await run(exported, images, size);
          const before = tf.memory().numTensors;
          const results = tf.tidy(() => infer(tensorOf(images, size)));
          expect(tf.memory().numTensors - before).toBe(Object.keys(results).length);
          for (const [output, tensor] of Object.entries(results)) {
            expect(tensor.shape, `${output} at ${size}`).toEqual(expected[output]?.dims);
            const deviation = relativeDeviation(await tensor.data(), floats(expected, output));
            expect(deviation, `${output} at ${size}`).toBeLessThan(1e-5);
            tensor.dispose();
          }
        }
        store.dispose();
      });
    });
  },
);

describe('the generated classes refuse', () => {
  let close = () => {};
  beforeAll(async () => {
    ({ close } = await openBackend('cpu'));
  });
  afterAll(() => close());

  async function expectRefusal(model: string, graph: Name, size: Size, message: string): Promise<void> {
    const [options = {}] = MODELS[model] ?? [];
    const { store, infer } = await open(await folderOf(options), graph);
    const pass = () => tf.tidy(() => infer(tensorOf(pictures(...size), size)));
    expect(pass).toThrow(message);
    store.dispose();
  }

  it.each(NAMES)('another size where one is accepted, and say both: %s', (graph) =>
    // As many pixels as the model's own 16x16.
    expectRefusal(
      'one size',
      graph,
      [32, 8],
      'the pictures have 32x8 pixels (height x width); the model takes 16x16',
    ),
  );

  it('a size that would be right once padded, where one is accepted', () =>
    expectRefusal(
      'one size, padded',
      'encoder',
      [13, 16],
      'the pictures have 13x16 pixels (height x width); the model takes 14x16',
    ));

  it.each(NAMES)('broken patches where multiples are accepted, and say of what: %s', (graph) =>
    expectRefusal(
      'multiples',
      graph,
      [16, 18],
      'the pictures have 16x18 pixels (height x width); the model takes multiples of 4x4',
    ),
  );
});
