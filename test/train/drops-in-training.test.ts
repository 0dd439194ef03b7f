import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { modelSpec } from '../support/specs.ts';
import { drawPictures, keepingView, scratchFolder } from './tiny-run.ts';

let model: CompiledModelFolder;
beforeAll(async () => {
  model = await compileToFolder(modelSpec({ name: 'dropping', dropPath: 0.5, dropout: 0.2 }));
});
afterAll(() => model.remove());

/** Two epochs on eight pictures, four a step. */
async function trained(kind: 'onnx' | 'tfjs', accumulation: number): Promise<NamedTensor[]> {
  const { spec, directory } = model;
  const out = await scratchFolder();
  const { files, step } = await pretrain({
    spec,
    openEngine: () => openEngine(kind, { spec, directory, threads: 1 }),
    data: await drawPictures(join(out, 'pictures'), 8),
    out: join(out, 'run'),
    overrides: { accumulation },
    view: keepingView(),
  });
  expect(step).toBe(4);
  return [...(await loadWeights(files.checkpoint, spec))];
}

it('a run leaves out the same on every engine, however its steps are cut into micro-batches', async () => {
  const whole = await trained('onnx', 1);
  for (const other of [await trained('onnx', 4), await trained('tfjs', 2)]) {
    expect(other.map(({ name }) => name)).toEqual(whole.map(({ name }) => name));
    for (const [index, { name, data }] of whole.entries()) {
      // The keys' bias has no gradient but rounding noise, which Adam makes steps of.
      if (name.endsWith('qkv.bias')) continue;
      expect(relativeDeviation(other[index]?.data ?? [], data), name).toBeLessThan(1e-4);
    }
  }
});
