import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { graphPath, loadSpec } from '../../runtime/model/load-spec.ts';
import { UserError } from '../../runtime/user-error.ts';
import { LATER_MODEL_KEYS, LATER_RECIPE_KEYS, without } from '../support/later-keys.ts';
import { smallSpec } from '../weights/small-spec.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';

const temporary = temporaryFolder();

async function written(content: unknown): Promise<string> {
  const path = temporary('spec.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function refusal(promise: Promise<unknown>): Promise<{ message: string; help: string | undefined }> {
  const error = await promise.then(
    () => 'it was accepted',
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return { message: error.message, help: error.help };
  throw error;
}

describe('loadSpec', () => {
  test('reads a spec by its own path and by its folder', async () => {
    const path = await written(smallSpec());
    expect(await loadSpec(path)).toEqual(smallSpec());
    expect(await loadSpec(temporary('.'))).toEqual(smallSpec());
  });

  test('reads what older versions compiled', async () => {
    const spec = smallSpec();
    const keys = [
      ...Object.keys(LATER_MODEL_KEYS).map((key) => `model.${key}`),
      ...Object.keys(LATER_RECIPE_KEYS).map((key) => `recipes.pretrain.${key}`),
      'classifiers',
    ];
    expect(await loadSpec(await written(without(spec, keys)))).toEqual(spec);
  });

  test('a model that was never compiled', async () => {
    const folder = temporary('generated/vit-none');
    expect(await refusal(loadSpec(folder))).toEqual({
      message: `there is no compiled model at ${folder}`,
      help: 'compile it: mae-compile spec/ --out generated',
    });
    await mkdir(folder, { recursive: true });
    expect((await refusal(loadSpec(folder))).message).toBe(
      `there is no compiled model at ${join(folder, 'spec.json')}`,
    );
  });

  const spec = smallSpec();
  const [first, second, ...rest] = spec.parameters;
  const { hash: _, ...withoutHash } = spec;
  test.each([
    { what: 'cut off', content: JSON.stringify(spec).slice(0, 300), message: /is cut off or no JSON/ },
    { what: 'empty', content: '', message: /is cut off or no JSON/ },
    { what: 'no object', content: [1], message: /expected object, received array/ },
    {
      what: 'of another format',
      content: { ...spec, format: 2 },
      message: /has format 2; this program reads format 1/,
    },
    { what: 'without a field', content: withoutHash, message: /: hash: expected string, received undefined/ },
    {
      what: 'wrong in one field',
      content: { ...spec, model: { ...spec.model, encoder: { ...spec.model.encoder, width: 'wide' } } },
      message: /: model\.encoder\.width: expected number, received string/,
    },
    {
      what: 'wrong in many fields',
      content: { format: 1 },
      message: /: compiler: .*; hash: .*; model: .*; tokens: .*; recipes: .* and 3 more$/,
    },
    {
      what: 'with a parameter twice',
      content: { ...spec, parameters: [first, second, first, ...rest] },
      message: /there are two parameters cls_token/,
    },
    {
      what: 'with a wrong permutation',
      content: { ...spec, parameters: [{ ...first, permutation: [0, 0, 1] }, second, ...rest] },
      message: /\[0, 0, 1\] does not permute the 3 axes of cls_token/,
    },
    {
      what: 'with a stored shape of another size',
      content: { ...spec, parameters: [{ ...first, storedShape: [9] }, second, ...rest] },
      message: /cls_token \[1, 1, 8\] cannot be stored as \[9\]/,
    },
  ])('a spec $what', async ({ content, message }) => {
    const refused = await refusal(loadSpec(await written(content)));
    expect(refused.message).toMatch(message);
    expect(refused.help).toContain('mae-compile spec/ --out generated');
  });
});

const encoderGraph = { name: 'encoder', graph: smallSpec().graphs.encoder };

test('graphPath finds a graph beside the spec, and says how to make one that is missing', async () => {
  const path = await written(smallSpec());
  const file = temporary('onnx/encoder.onnx');
  expect(await refusal(graphPath(path, smallSpec(), encoderGraph))).toEqual({
    message: `the graph encoder of small is missing: ${file}`,
    help: 'run mae-compile spec/ --out generated',
  });
  await mkdir(temporary('onnx'));
  await writeFile(file, '');
  expect(await graphPath(path, smallSpec(), encoderGraph)).toBe(file);
  expect(await graphPath(temporary('.'), smallSpec(), encoderGraph)).toBe(file);
});
