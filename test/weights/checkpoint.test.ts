import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { UserError } from '../../runtime/user-error.ts';
import {
  type CheckpointContents,
  keepAsBest,
  loadCheckpoint,
  loadWeights,
  saveCheckpoint,
} from '../../runtime/weights/checkpoint.ts';
import { SafetensorsFile, writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { parameterOf, smallSpec } from './small-spec.ts';
import { temporaryFolder } from './temporary-folder.ts';

const temporary = temporaryFolder();

function randomTensors(spec: CompiledSpec, purpose: string, trainableOnly: boolean): NamedTensor[] {
  return spec.parameters
    .filter(({ trainable }) => trainable || !trainableOnly)
    .map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
      return { name, shape, data: Random.from(purpose, name).fillNormal(data) };
    });
}

function contentsOf(spec: CompiledSpec, step = 34): CheckpointContents {
  return {
    spec,
    engine: 'an engine 1.0',
    parameters: randomTensors(spec, 'value', false),
    optimizer: {
      kind: 'adamw',
      step,
      firstMoments: randomTensors(spec, 'first', true),
      secondMoments: randomTensors(spec, 'second', true),
    },
    position: { step, epoch: 3, batch: 4 },
    recipe: { ...spec.recipes.pretrain, epochs: 20, seed: 11 },
    log: { meanLoss: 0.1 + 0.2, bestLoss: Number.POSITIVE_INFINITY },
  };
}

async function saved(name: string, spec = smallSpec()): Promise<string> {
  const path = temporary(name);
  await saveCheckpoint(path, contentsOf(spec));
  return path;
}

/** The error with which a promise is refused; fails when it is not, or not by a `UserError`. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => 'it was accepted',
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error.message;
  throw error;
}

describe('saving and loading', () => {
  test('everything comes back as it was, to the last bit', async () => {
    const spec = smallSpec();
    const { parameters, optimizer, position, recipe, log } = contentsOf(spec);
    const loaded = await loadCheckpoint(await saved('round.safetensors'), spec);
    expect(loaded).toEqual({ parameters, optimizer, position, recipe, log });
  });

  test('the file is one that any reader of PyTorch weights understands', async () => {
    const file = await SafetensorsFile.open(await saved('names.safetensors'));
    const names = smallSpec().parameters.map(({ name }) => name);
    const trainable = names.filter((name) => name !== 'pos_embed');
    expect([...file.tensors.keys()]).toEqual(
      [
        ...names,
        ...trainable.map((name) => `optimizer.first_moment.${name}`),
        ...trainable.map((name) => `optimizer.second_moment.${name}`),
      ].sort(),
    );
    const { spec, recipe, log, written_by, ...plain } = Object.fromEntries(file.metadata);
    expect(plain).toEqual({
      format: 'pt',
      checkpoint_version: '1',
      model: 'small',
      spec_hash: 'ab'.repeat(32),
      step: '34',
      epoch: '3',
      batch: '4',
      training: 'pretrain',
      optimizer: 'adamw',
      seed: '11',
    });
    expect(JSON.parse(spec ?? '')).toEqual(smallSpec().model);
    expect(JSON.parse(recipe ?? '')).toEqual(contentsOf(smallSpec()).recipe);
    expect(JSON.parse(log ?? '')).toEqual({ meanLoss: '0.30000000000000004', bestLoss: 'Infinity' });
    expect(written_by).toBe(`mae-compiler 0.1.0; an engine 1.0; Node ${process.versions.node}`);
    await file.close();
  });

  test('refuses to write what could not be read back', async () => {
    const contents = contentsOf(smallSpec());
    const path = temporary('never.safetensors');
    const fewer = { ...contents, parameters: contents.parameters.slice(1) };
    await expect(saveCheckpoint(path, fewer)).rejects.toThrow('1 tensor is missing (cls_token)');
    const later = { ...contents, position: { ...contents.position, step: 35 } };
    await expect(saveCheckpoint(path, later)).rejects.toThrow('34 steps, the position says 35');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('says which path cannot be written', async () => {
    await writeFile(temporary('a-file'), '');
    const path = temporary('a-file/last.safetensors');
    expect(await refusal(saveCheckpoint(path, contentsOf(smallSpec())))).toContain(`cannot write ${path}`);
  });

  test('the best checkpoint stays when the last one is replaced', async () => {
    await mkdir(temporary('run'));
    const last = await saved('run/last.safetensors');
    const best = temporary('run/best.safetensors');
    const before = await readFile(last);
    await keepAsBest(last, best);
    await saveCheckpoint(last, contentsOf(smallSpec(), 35));
    expect(await readFile(best)).toEqual(before);
    expect((await loadCheckpoint(last, smallSpec())).position.step).toBe(35);
    await keepAsBest(last, best);
    expect((await loadCheckpoint(best, smallSpec())).position.step).toBe(35);
    expect((await readdir(temporary('run'))).sort()).toEqual(['best.safetensors', 'last.safetensors']);
  });

  test('says so when the best checkpoint cannot be kept', async () => {
    const last = await saved('lonely.safetensors');
    await mkdir(temporary('taken/inside'), { recursive: true });
    expect(await refusal(keepAsBest(last, temporary('taken')))).toMatch(
      /cannot write .*taken: it is a folder/,
    );
  });
});

describe('of another optimizer', () => {
  const withLars = (spec: CompiledSpec): CheckpointContents => {
    const contents = contentsOf(spec);
    return { ...contents, optimizer: { ...contents.optimizer, kind: 'lars', secondMoments: [] } };
  };

  test('holds the moments that there are, and says whose they are', async () => {
    const spec = smallSpec();
    const path = temporary('lars.safetensors');
    await saveCheckpoint(path, withLars(spec));
    expect((await loadCheckpoint(path, spec, 'lars')).optimizer).toEqual(withLars(spec).optimizer);
    expect((await loadCheckpoint(path, spec)).optimizer.kind).toBe('lars');
    expect(await loadWeights(path, spec)).toEqual(withLars(spec).parameters);
  });

  test('is refused where one optimizer is wanted', async () => {
    const spec = smallSpec();
    const path = temporary('wanted.safetensors');
    await saveCheckpoint(path, withLars(spec));
    expect(await refusal(loadCheckpoint(path, spec, 'adamw'))).toBe(
      `the run in ${path} is trained with LARS; AdamW cannot go on from its state`,
    );
  });

  test('is not written with moments that it does not have', async () => {
    const { optimizer, ...contents } = contentsOf(smallSpec());
    const path = temporary('never-lars.safetensors');
    const lars = { ...contents, optimizer: { ...optimizer, kind: 'lars' } } as const;
    await expect(saveCheckpoint(path, lars)).rejects.toThrow('5 tensors are unknown to the model');
    const adamw = { ...contents, optimizer: { ...optimizer, secondMoments: [] } };
    await expect(saveCheckpoint(path, adamw)).rejects.toThrow('5 tensors are missing');
  });

  test('is AdamW where the file, an earlier one, does not say', async () => {
    const spec = smallSpec();
    const path = await saved('earlier.safetensors', spec);
    const file = await SafetensorsFile.open(path);
    const { optimizer, ...metadata } = Object.fromEntries(file.metadata);
    const tensors: NamedTensor[] = [];
    for (const { name, shape } of file.tensors.values())
      tensors.push({ name, shape, data: await file.read(name) });
    await file.close();
    await writeSafetensors(path, tensors, metadata);
    expect(optimizer).toBe('adamw');
    expect((await loadCheckpoint(path, spec, 'adamw')).optimizer).toEqual(contentsOf(spec).optimizer);
  });
});

describe('averages', () => {
  test('are kept where there are some, and are the weights unless something else is asked for', async () => {
    const spec = smallSpec();
    const averages = randomTensors(spec, 'average', true);
    const path = temporary('averages.safetensors');
    await saveCheckpoint(path, { ...contentsOf(spec), averages });
    expect((await loadCheckpoint(path, spec)).averages).toEqual(averages);
    const { parameters } = contentsOf(spec);
    expect(await loadWeights(path, spec, 'parameters')).toEqual(parameters);
    // Those of frozen parameters are the parameters.
    const merged = parameters.map((tensor) => averages.find(({ name }) => name === tensor.name) ?? tensor);
    expect(merged).not.toEqual(parameters);
    for (const values of ['ema', undefined] as const) {
      expect(await loadWeights(path, spec, values)).toEqual(merged);
    }
    const fewer = { ...contentsOf(spec), averages: averages.slice(1) };
    await expect(saveCheckpoint(path, fewer)).rejects.toThrow(
      '1 tensor is missing (optimizer.average.cls_token)',
    );
    expect('averages' in (await loadCheckpoint(await saved('plain.safetensors'), spec))).toBe(false);
  });
});

describe('weights', () => {
  test('come from a checkpoint, whose training may have been another', async () => {
    const spec = smallSpec();
    const path = await saved('trained.safetensors');
    const other = { ...spec, model: { ...spec.model, mask: { ...spec.model.mask, ratio: 0.5 } } };
    expect(await loadWeights(path, other)).toEqual(contentsOf(spec).parameters);
    expect(await refusal(loadCheckpoint(path, other))).toContain('mask.ratio 0.75 instead of 0.5');
  });

  test('come from a plain file; a frozen position table that is not there is computed', async () => {
    const spec = smallSpec();
    const path = temporary('plain.safetensors');
    const weights = contentsOf(spec).parameters;
    await writeSafetensors(
      path,
      weights.filter(({ name }) => name !== 'pos_embed'),
    );
    const loaded = await loadWeights(path, spec);
    expect(loaded.map(({ name }) => name)).toEqual(spec.parameters.map(({ name }) => name));
    for (const tensor of weights) {
      if (tensor.name !== 'pos_embed') expect(loaded).toContainEqual(tensor);
    }
    const table = loaded.find(({ name }) => name === 'pos_embed');
    // The class token's row of zeros, then the first patch: sines of 0, cosines of 0, of column and row.
    expect(table?.data.subarray(0, 16)).toEqual(
      Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1),
    );
    expect(await refusal(loadCheckpoint(path, spec))).toContain('holds weights only');
  });

  test('are not replaced by initial ones where a trained one is missing', async () => {
    const spec = smallSpec();
    const path = temporary('incomplete.safetensors');
    await writeSafetensors(
      path,
      contentsOf(spec).parameters.filter(({ name }) => name !== 'norm.weight'),
    );
    expect(await refusal(loadWeights(path, spec))).toContain('1 tensor is missing (norm.weight)');
  });
});

describe('another model', () => {
  test('names the settings and the tensors that differ', async () => {
    const path = await saved('small.safetensors');
    const spec = smallSpec();
    const { model } = spec;
    const other: CompiledSpec = {
      ...spec,
      model: {
        ...model,
        name: 'other',
        encoder: { ...model.encoder, heads: 4 },
        loss: { ...model.loss, target: 'normalized-pixels' },
      },
      parameters: [
        ...spec.parameters.map((parameter) =>
          parameter.name === 'norm.weight' ? parameterOf('norm.weight', [16]) : parameter,
        ),
        ...[1, 2, 3, 4, 5, 6].map((block) => parameterOf(`blocks.${block}.norm1.weight`, [8])),
      ].filter(({ name }) => name !== 'cls_token'),
    };
    expect(await refusal(loadWeights(path, other))).toBe(
      `${path} is of another model (small) than other: encoder.heads 2 instead of 4; ` +
        '6 tensors are missing (blocks.1.norm1.weight, blocks.2.norm1.weight, blocks.3.norm1.weight, blocks.4.norm1.weight and 2 more); ' +
        '1 tensor is unknown to the model (cls_token); ' +
        '1 tensor has another shape (norm.weight [8] instead of [16])',
    );
    const resumed = await refusal(loadCheckpoint(path, other));
    expect(resumed).toContain('loss.target "pixels" instead of "normalized-pixels"');
    expect(resumed).toContain('18 tensors are missing');
  });

  test('is not one that only has another name or description', async () => {
    const path = await saved('renamed.safetensors');
    const spec = smallSpec();
    const renamed = { ...spec, model: { ...spec.model, name: 'renamed', description: '' }, hash: 'cd' };
    expect((await loadCheckpoint(path, renamed)).position.step).toBe(34);
  });
});

describe('damage', () => {
  test('a checkpoint cut off anywhere is refused', async () => {
    const path = await saved('cut.safetensors');
    const { size } = await stat(path);
    for (const length of [size - 1, Math.floor(size / 2), 100, 8, 0]) {
      await truncate(path, length);
      expect(await refusal(loadCheckpoint(path, smallSpec()))).toContain('cut.safetensors is not a whole');
    }
  });

  test.each([
    { key: 'step', value: '-1', named: 'its metadata is wrong in step' },
    { key: 'optimizer', value: 'adam', named: 'its metadata is wrong in optimizer' },
    { key: 'recipe', value: '{"name":', named: 'its metadata is wrong in recipe' },
    { key: 'recipe', value: '{}', named: 'recipe.epochs' },
    { key: 'log', value: '[]', named: 'its metadata is wrong in log' },
    { key: 'checkpoint_version', value: '2', named: 'a checkpoint of format 2; this program reads format 1' },
  ])('metadata with $key $value', async ({ key, value, named }) => {
    const path = await saved('metadata.safetensors');
    const copy = temporary('metadata-copy.safetensors');
    await cp(path, copy);
    const file = await SafetensorsFile.open(copy);
    const tensors: NamedTensor[] = [];
    for (const { name, shape } of file.tensors.values())
      tensors.push({ name, shape, data: await file.read(name) });
    await writeSafetensors(path, tensors, { ...Object.fromEntries(file.metadata), [key]: value });
    await file.close();
    expect(await refusal(loadCheckpoint(path, smallSpec()))).toContain(named);
  });
});
