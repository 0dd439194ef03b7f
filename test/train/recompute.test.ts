import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { type PretrainOptions, pretrain } from '../../runtime/train/pretrain.ts';
import { LinearEngine } from './linear-engine.ts';
import { drawPictures, keepingView, scratchFolder, tinySpec } from './tiny-run.ts';

/** The same model compiled to recompute blocks. */
const plain = tinySpec();
const recomputing: CompiledSpec = {
  ...plain,
  recipes: { ...plain.recipes, pretrain: { ...plain.recipes.pretrain, recompute: 'blocks' } },
};

class TfjsEngine extends LinearEngine {
  override readonly kind = 'tfjs';
}

async function setting(spec: CompiledSpec, more: Partial<PretrainOptions> = {}) {
  const folder = await scratchFolder();
  const data = await drawPictures(join(folder, 'pictures'), 8);
  const view = keepingView();
  const openEngine = async () => new LinearEngine(spec);
  const every = { saveEvery: { epochs: 0 }, drawEvery: { epochs: 0 }, maxSteps: 1 };
  return { view, options: { spec, openEngine, data, out: join(folder, 'run'), view, ...every, ...more } };
}

test('a run says where its engine does not recompute what the recipe asks for', async () => {
  const note = /^note {6}recompute blocks has no effect in the tfjs engine/;
  const tfjs = await setting(recomputing, { openEngine: async () => new TfjsEngine(recomputing) });
  await pretrain(tfjs.options);
  expect(tfjs.view.lines.filter((line) => note.test(line))).toHaveLength(1);
  const onnx = await setting(recomputing);
  await pretrain(onnx.options);
  const asked = await setting(plain, { openEngine: async () => new TfjsEngine(plain) });
  await pretrain(asked.options);
  expect([...onnx.view.lines, ...asked.view.lines].filter((line) => note.test(line))).toEqual([]);
});

test('a recipe that was changed after it was compiled is refused', async () => {
  const { options } = await setting(plain, { recipe: recomputing.recipes.pretrain });
  await expect(pretrain(options)).rejects.toThrow(
    'was not compiled for recipe tiny-recipe: recompute blocks instead of none',
  );
});

test('a run goes on with the model compiled otherwise, and says so', async () => {
  const { options, view } = await setting(plain);
  await pretrain(options);
  await pretrain({ ...options, spec: recomputing, existing: 'resume' });
  expect(view.lines).toContain('note      from here on recompute blocks (not none)');
  expect(view.lines.some((line) => line.includes('keeps its own recipe'))).toBe(false);
});
