import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChosenPrecision, LossScaleReport } from '../../runtime/engine/engine.ts';
import { createOnnxEngine } from '../../runtime/engine/onnx/onnx-engine.ts';
import { PARTS } from '../../runtime/engine/onnx/onnx-training.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { type PretrainOptions, pretrain } from '../../runtime/train/pretrain.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { loadCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { roundHalfGraphs } from '../support/rounded-graph.ts';
import { modelSpec } from '../support/specs.ts';
import { LinearEngine } from './linear-engine.ts';
import { drawPictures, keepingView, scratchFolder, tinySpec } from './tiny-run.ts';

let model: CompiledModelFolder;

beforeAll(async () => {
  const spec = modelSpec({ encoder: [16, 1, 2] });
  model = await compileToFolder({ ...spec, pretrain: { ...spec.pretrain, precision: 'float16' } });
  await roundHalfGraphs(model.directory);
});
afterAll(() => model.remove());

/** The tiny model as if it was compiled for float16. */
const plain = tinySpec();
const half: CompiledSpec = {
  ...plain,
  recipes: { ...plain.recipes, pretrain: { ...plain.recipes.pretrain, precision: 'float16' } },
};

/** An engine that says what it computes in. */
class SpeakingEngine extends LinearEngine {
  override readonly kind: 'onnx' | 'tfjs';
  readonly precision?: ChosenPrecision;
  lossScale: LossScaleReport | undefined;

  constructor(spec: CompiledSpec, kind: 'onnx' | 'tfjs', precision?: ChosenPrecision) {
    super(spec);
    this.kind = kind;
    if (precision) this.precision = precision;
  }
}

async function setting(spec: CompiledSpec, openEngine: PretrainOptions['openEngine']) {
  const folder = await scratchFolder();
  const data = await drawPictures(join(folder, 'pictures'), 8);
  const view = keepingView();
  const out = join(folder, 'run');
  const every = { saveEvery: { epochs: 0 }, drawEvery: { epochs: 0 } };
  return { view, options: { spec, openEngine, data, out, view, ...every } };
}

/** What a run with such an engine says of its precision. */
async function announced(spec: CompiledSpec, kind: 'onnx' | 'tfjs', precision?: ChosenPrecision) {
  const { view, options } = await setting(spec, async () => new SpeakingEngine(spec, kind, precision));
  await pretrain({ ...options, maxSteps: 1 });
  return view.lines.filter((line) => line.startsWith('precision'));
}

test('a run says what it computes in where the recipe asks for float16', async () => {
  expect(await announced(half, 'onnx', { type: 'float16' })).toEqual([
    'precision float16, with parameters and moments in float32',
  ]);
  const without = { type: 'float32', why: 'this adapter has no shader-f16' } as const;
  expect(await announced(half, 'onnx', without)).toEqual([
    'precision float32: this adapter has no shader-f16',
  ]);
  expect(await announced(half, 'tfjs')).toEqual(['precision float32: the tfjs engine computes in float32']);
  expect(await announced(plain, 'onnx', { type: 'float32' })).toEqual([]);
});

test('a run that goes on in float16 gives the bits of one that never stopped, its loss scale included', async () => {
  const { spec, directory } = model;
  const open = async () =>
    createOnnxEngine(
      { spec, directory, threads: 1 },
      { ...PARTS, choosePrecision: async () => ({ type: 'float16' }) },
    );
  const whole = await setting(spec, open);
  const parted = await setting(spec, open);
  await pretrain(whole.options);
  await pretrain({ ...parted.options, data: whole.options.data, maxSteps: 3 });
  await pretrain({ ...parted.options, data: whole.options.data, existing: 'resume' });
  const [expected, found] = await Promise.all(
    [whole, parted].map(({ options }) => loadCheckpoint(join(options.out, 'checkpoint.safetensors'), spec)),
  );
  expect(expected?.optimizer.lossScale).toEqual({ scale: 65536, goodSteps: 4 });
  expect(found?.optimizer).toEqual(expected?.optimizer);
  expect(found?.parameters).toEqual(expected?.parameters);
  const scales = (await readLog(join(parted.options.out, 'log.jsonl'))).flatMap((line) =>
    line.event === 'step' ? [line.loss_scale] : [],
  );
  expect(scales).toEqual([65536, 65536, 65536, 65536]);
});

test('the log tells how often a scale was too large, and at which step', async () => {
  const engine = new SpeakingEngine(half, 'onnx', { type: 'float16' });
  engine.lossScale = { scale: 65536, overflows: 0 };
  // Two micro-batches make a step: the second step has an overflow in each of them.
  engine.onAccumulate = (call, loss) => {
    if (call === 2 || call === 3) engine.lossScale = { scale: 65536 / 2 ** (call - 1), overflows: call - 1 };
    return loss;
  };
  const { options } = await setting(half, async () => engine);
  await pretrain({ ...options, maxSteps: 3 });
  const lines = await readLog(join(options.out, 'log.jsonl'));
  expect(lines.filter(({ event }) => event === 'overflow')).toEqual([
    { event: 'overflow', step: 2, times: 2, loss_scale: 16384 },
  ]);
  expect(lines.flatMap((line) => (line.event === 'step' ? [line.loss_scale] : []))).toEqual([
    65536, 16384, 16384,
  ]);
});

test('a loss that is not finite in float16 may be one that float32 has room for', async () => {
  const engine = new SpeakingEngine(half, 'onnx', { type: 'float16' });
  engine.onAccumulate = () => Number.POSITIVE_INFINITY;
  const { options } = await setting(half, async () => engine);
  await expect(pretrain(options)).rejects.toMatchObject({
    help: expect.stringContaining('with precision float32 in the recipe, compiled again, the run can go on'),
  });
});

test('a run goes on in the precision that its model is compiled for now, and says so', async () => {
  const { options, view } = await setting(half, async () => new LinearEngine(half));
  await pretrain({ ...options, maxSteps: 1 });
  await pretrain({ ...options, spec: plain, maxSteps: 1, existing: 'resume' });
  expect(view.lines).toContain('note      from here on precision float32 (not float16)');
  await expect(
    pretrain({ ...options, spec: plain, recipe: half.recipes.pretrain, existing: 'overwrite' }),
  ).rejects.toThrow('was not compiled for recipe tiny-recipe: precision float16 instead of float32');
});
