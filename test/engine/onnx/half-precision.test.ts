import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  NamedTensor,
  PretrainingBatch,
  PretrainingEngine,
  TrainableParameters,
} from '../../../runtime/engine/engine.ts';
import { createOnnxClassifier } from '../../../runtime/engine/onnx/classifier-engine.ts';
import { createOnnxEngine } from '../../../runtime/engine/onnx/onnx-engine.ts';
import { OnnxRuntime } from '../../../runtime/engine/onnx/onnx-runtime.ts';
import { PARTS } from '../../../runtime/engine/onnx/onnx-training.ts';
import { choosePrecision } from '../../../runtime/engine/onnx/precision.ts';
import { GpuParameterStore } from '../../../runtime/engine/onnx/webgpu/gpu-parameter-store.ts';
import { Random } from '../../../runtime/random.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import { hasTestAdapter } from '../../support/graphics-adapter.ts';
import { roundHalfGraphs } from '../../support/rounded-graph.ts';
import { modelSpec } from '../../support/specs.ts';

const UPDATE = {
  kind: 'adamw',
  learningRate: 1e-2,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;
/** A classifier's steps are not compiled with their optimizer. */
const CLIPPED = { ...UPDATE, clip: 1 };

const hasAdapter = await hasTestAdapter();
let model: CompiledModelFolder;

beforeAll(async () => {
  const spec = modelSpec({
    encoder: [16, 1, 2],
    target: 'normalized-pixels',
    finetune: { precision: 'float16' },
    linearProbe: { precision: 'float16' },
  });
  model = await compileToFolder({ ...spec, pretrain: { ...spec.pretrain, precision: 'float16' } });
  await roundHalfGraphs(model.directory);
});
afterAll(() => model.remove());

/** The graphs for float16, though the CPU has none: rounded as float16 would be. */
const inHalf = { ...PARTS, choosePrecision: async () => ({ type: 'float16' }) as const };

/** The memory of a graphics device, with the CPU in its place. */
const asOnDevice: typeof inHalf = {
  ...inHalf,
  openParameters: (stored, runtime) => GpuParameterStore.create(stored, runtime),
};

async function opened(parts = PARTS): Promise<PretrainingEngine> {
  const engine = await createOnnxEngine({ spec: model.spec, directory: model.directory, threads: 1 }, parts);
  await engine.loadParameters(initialParameters(model.spec, 7));
  return engine;
}

function batch(size = 4, factor = 1): PretrainingBatch {
  const random = Random.from('half-precision');
  const noise = Float32Array.from({ length: size * 16 }, () => random.uniform());
  return {
    size,
    images: Float32Array.from({ length: size * 3 * 16 * 16 }, () => factor * random.normal()),
    masking: maskingFromNoise(noise, { size, patches: 16, visible: 4 }),
  };
}

async function losses(engine: PretrainingEngine, steps: number): Promise<number[]> {
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    found.push((await engine.step?.(batch(), UPDATE)) ?? Number.NaN);
  }
  return found;
}

const numbersOf = (tensors: readonly NamedTensor[]) => tensors.map(({ name, data }) => [name, [...data]]);

/** All that a step changes, but for the loss scale. */
async function stateOf(engine: TrainableParameters) {
  const { step, firstMoments, secondMoments } = await engine.readOptimizerState();
  const parameters = numbersOf(await engine.readParameters());
  return { step, parameters, first: numbersOf(firstMoments), second: numbersOf(secondMoments) };
}

/** The engine with its loss scale at another place. */
async function scaledBy(scale: number, parts: typeof inHalf): Promise<PretrainingEngine> {
  const engine = await opened(parts);
  const state = await engine.readOptimizerState();
  await engine.loadOptimizerState({ ...state, lossScale: { scale, goodSteps: 5 } });
  return engine;
}

describe.each([
  ['with the optimizer on the host', inHalf],
  ['with all of it in the memory of the device', asOnDevice],
] as const)('a step in float16, %s', (_, parts) => {
  it('lowers the loss as one in float32 does', async () => {
    const wide = await opened();
    const half = await opened(parts);
    const expected = await losses(wide, 4);
    const found = await losses(half, 4);
    expect(expected[3]).toBeLessThan(0.9 * (expected[0] ?? 0));
    for (const [step, loss] of found.entries()) {
      expect(Math.abs(loss / (expected[step] ?? Number.NaN) - 1), `step ${step + 1}`).toBeLessThan(1e-2);
    }
    expect(found).not.toEqual(expected);
    expect(half.description).toMatch(/, steps in float16$/);
    expect(wide.description).toMatch(/, float32$/);
    expect(half.lossScale).toEqual({ scale: 65536, overflows: 0 });
    expect((await half.readOptimizerState()).lossScale).toEqual({ scale: 65536, goodSteps: 4 });
    await wide.dispose();
    await half.dispose();
  });

  it('is computed again with a smaller scale where that was too large, and is then the same', async () => {
    const high = await scaledBy(2 ** 40, parts);
    await losses(high, 1);
    const { scale = 0, overflows = 0 } = high.lossScale ?? {};
    expect(overflows).toBeGreaterThan(5);
    expect(scale).toBe(2 ** (40 - overflows));
    const right = await scaledBy(scale, parts);
    await losses(right, 1);
    expect(right.lossScale).toEqual({ scale, overflows: 0 });
    const state = await stateOf(high);
    expect(state.step).toBe(1);
    expect(state).toEqual(await stateOf(right));
    // The overflow begins the count of good steps anew, and the step that was taken in the end is one.
    expect((await high.readOptimizerState()).lossScale?.goodSteps).toBe(1);
    await high.dispose();
    await right.dispose();
  });

  it('leaves all as it was where no scale helps', async () => {
    const engine = await opened(parts);
    await losses(engine, 1);
    const before = await stateOf(engine);
    await expect(engine.accumulate(batch(), 2 ** 100)).rejects.toThrow(
      'the gradients are not finite in float16, not even with a loss scale of 1: no step was taken',
    );
    expect(await stateOf(engine)).toEqual(before);
    await expect(engine.update(UPDATE)).rejects.toThrow('an update needs gradients');
    await engine.dispose();
  });

  it('adds up micro-batches whose scales differ', async () => {
    const engine = await scaledBy(2 ** 40, parts);
    const plain = await opened();
    for (const each of [engine, plain]) {
      await each.accumulate(batch(2), 0.5);
      await each.accumulate(batch(4), 0.5);
    }
    const expected = new Map((await plain.readGradients()).map(({ name, data }) => [name, data]));
    for (const { name, data } of await engine.readGradients()) {
      const wide = expected.get(name) ?? new Float32Array();
      const distance = Math.hypot(...data.map((value, index) => value - (wide[index] ?? Number.NaN)));
      // The keys' biases have no gradient: softmax does not see them.
      if (!name.endsWith('qkv.bias')) expect(distance / Math.hypot(...wide), name).toBeLessThan(5e-3);
    }
    await engine.update(CLIPPED);
    expect((await engine.readOptimizerState()).lossScale?.goodSteps).toBe(1);
    await engine.dispose();
    await plain.dispose();
  });

  it('shows a loss that float16 has no room for, and takes no step', async () => {
    const engine = await opened(parts);
    const before = await stateOf(engine);
    const loss = await engine.step?.(batch(4, 1e30), UPDATE);
    expect(Number.isFinite(loss)).toBe(false);
    expect(await stateOf(engine)).toEqual(before);
    expect(engine.lossScale).toEqual({ scale: 65536, overflows: 0 });
    await engine.dispose();
  });
});

describe('a classifier in float16', () => {
  it.each(['finetune', 'linear-probe'] as const)('of %s is trained as in float32', async (training) => {
    const classifier = model.spec.classifiers[training];
    if (classifier === undefined) throw new Error(`no ${training}`);
    const { spec, directory } = model;
    const random = Random.from('classifier', training);
    const pictures = {
      size: 4,
      images: Float32Array.from({ length: 4 * 3 * 16 * 16 }, () => random.normal()),
      targets: Float32Array.from({ length: 4 * 5 }, (_, index) => (index % 5 === index % 4 ? 1 : 0)),
    };
    const train = async (parts: typeof PARTS, scale?: number) => {
      const engine = await createOnnxClassifier({ spec, directory, training, classifier, threads: 1 }, parts);
      await engine.loadParameters(initialParameters({ ...spec, parameters: classifier.parameters }, 7));
      if (scale !== undefined) {
        const state = await engine.readOptimizerState();
        await engine.loadOptimizerState({ ...state, lossScale: { scale, goodSteps: 0 } });
      }
      const found: number[] = [];
      for (let step = 0; step < 3; step++) {
        found.push(await engine.accumulate(pictures, 1));
        await engine.update(CLIPPED);
      }
      const { lossScale } = engine;
      const parameters = numbersOf(await engine.readParameters());
      await engine.dispose();
      return { found, lossScale, parameters };
    };
    const wide = await train(PARTS);
    const half = await train(inHalf);
    expect(wide.found[2]).toBeLessThan(wide.found[0] ?? 0);
    for (const [step, loss] of half.found.entries()) {
      expect(Math.abs(loss / (wide.found[step] ?? Number.NaN) - 1), `step ${step + 1}`).toBeLessThan(1e-2);
    }
    expect([wide.lossScale, half.lossScale?.scale]).toEqual([undefined, 65536]);
    // Running statistics, too, are those of the run that was not in vain.
    const late = await train(inHalf, 2 ** 60);
    expect(late.lossScale?.overflows).toBeGreaterThan(5);
    expect((await train(inHalf, late.lossScale?.scale)).parameters).toEqual(late.parameters);
  });
});

describe('what a step is computed in', () => {
  const choose = async (wanted: 'float32' | 'float16', device: 'cpu' | 'webgpu') =>
    choosePrecision(wanted, await OnnxRuntime.load(device, 1));

  it('is float32 on the CPU, which says so', async () => {
    expect(await choose('float32', 'cpu')).toEqual({ type: 'float32' });
    expect(await choose('float16', 'cpu')).toEqual({
      type: 'float32',
      why: 'the CPU computes in float32; float16 is for --device webgpu',
    });
    const engine = await opened();
    expect(engine.precision?.why).toContain('float16 is for --device webgpu');
    expect(engine.lossScale).toBeUndefined();
    expect((await engine.readOptimizerState()).lossScale).toBeUndefined();
    await engine.dispose();
  });

  it.runIf(hasAdapter)('is what the adapter has, on WebGPU', async () => {
    const { findAdapter } = await import('../../../runtime/engine/webgpu/adapter.ts');
    const search = await findAdapter();
    if (search.kind !== 'found') throw new Error(search.reason);
    expect(await choose('float16', 'webgpu')).toEqual(
      search.adapter.halfPrecision
        ? { type: 'float16' }
        : { type: 'float32', why: 'this adapter has no shader-f16' },
    );
  });

  it('is refused where the model was compiled without it', async () => {
    const { 'pretrain-gradients-float16': _, ...graphs } = model.spec.graphs;
    const { directory } = model;
    await expect(createOnnxEngine({ spec: { ...model.spec, graphs }, directory }, inHalf)).rejects.toThrow(
      'small has no graph pretrain-gradients-float16, though its recipe has precision float16',
    );
  });
});
