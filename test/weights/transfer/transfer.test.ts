import { describe, expect, test } from 'vitest';
import { UserError } from '../../../runtime/user-error.ts';
import { initialTensor } from '../../../runtime/weights/initialize.ts';
import { sinCosTable } from '../../../runtime/weights/sincos.ts';
import { PARAMETER_GROUPS } from '../../../runtime/weights/transfer/groups.ts';
import { interpolatePositions } from '../../../runtime/weights/transfer/interpolate-positions.ts';
import { describeTransfer } from '../../../runtime/weights/transfer/report.ts';
import {
  planTransfer,
  type TransferOptions,
  type TransferSource,
  type TransferTarget,
  transferWeights,
} from '../../../runtime/weights/transfer.ts';
import type { SourceTensors } from '../../../runtime/weights/weight-source.ts';
import { sourceOf, type TargetOptions, targetOf } from './official-parameters.ts';

const fileOf = (tensors: SourceTensors): TransferSource => ({
  path: 'some.pth',
  naming: 'official',
  tensors,
  model: undefined,
});
/** A file of a model's own parameters. */
const fileFor = (options?: TargetOptions) => fileOf(sourceOf(targetOf(options).parameters));

function report(target: TransferTarget, file: TransferSource, options?: TransferOptions): string[] {
  return describeTransfer(planTransfer(target, file, options));
}

/** The message with which a plan is refused. */
function refused(target: TransferTarget, file: TransferSource, options?: TransferOptions): string {
  try {
    planTransfer(target, file, options);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

async function carried(target: TransferTarget, file: TransferSource, options?: TransferOptions) {
  const tensors = await transferWeights(planTransfer(target, file, options), 5);
  expect(tensors.map(({ name }) => name)).toEqual(target.parameters.map(({ name }) => name));
  for (const [i, { shape }] of target.parameters.entries()) expect(tensors[i]?.shape).toEqual(shape);
  return new Map(tensors.map(({ name, data }) => [name, data]));
}

describe('the same model', () => {
  test('takes everything as it is', async () => {
    const target = targetOf();
    const file = fileFor();
    expect(report(target, file)).toEqual([
      'taken 50 tensors: cls_token, pos_embed, patch_embed, blocks.0–1, mask_token, decoder_embed, decoder_pos_embed, decoder_blocks.0, decoder_norm, decoder_pred, norm',
    ]);
    for (const [name, data] of await carried(target, file)) {
      expect(data).toEqual(await file.tensors.get(name)?.read());
    }
  });

  test('computes sine-cosine positions that are not in the file', async () => {
    const tensors = new Map(fileFor().tensors);
    tensors.delete('pos_embed');
    expect(report(targetOf(), fileOf(tensors))).toContain('computed pos_embed 2x2 (sine-cosine)');
    const table = (await carried(targetOf(), fileOf(tensors))).get('pos_embed');
    expect(table).toEqual(sinCosTable({ height: 2, width: 2, prefix: 1, channels: 8 }));
  });
});

describe('a classifier on a pretrained encoder', () => {
  const target = targetOf({ grid: { height: 3, width: 2 }, end: { classes: 10, mean: true } });

  test('is told line by line', () => {
    expect(report(target, fileFor())).toEqual([
      'taken 27 tensors: cls_token, patch_embed, blocks.0–1',
      'interpolated pos_embed 2x2 → 3x2 (bicubic)',
      're-initialised 4 tensors: fc_norm, head (the file has none)',
      'left 22 tensors: mask_token, decoder_embed, decoder_pos_embed, decoder_blocks.0, decoder_norm, decoder_pred, norm',
    ]);
  });

  test('gets the encoder, resized positions and a head drawn with the seed', async () => {
    const file = fileFor();
    const tensors = await carried(target, file);
    const before = (await file.tensors.get('pos_embed')?.read()) ?? new Float32Array();
    const [from, to] = [2, 3].map((height) => ({ grid: { height, width: 2 }, prefix: 1 }));
    if (from && to) expect(tensors.get('pos_embed')).toEqual(interpolatePositions(before, from, to));
    expect(tensors.get('blocks.1.attn.qkv.weight')).toEqual(
      await file.tensors.get('blocks.1.attn.qkv.weight')?.read(),
    );
    const head = target.parameters.find(({ name }) => name === 'head.weight');
    expect(head && initialTensor(head, 5).data).toEqual(tensors.get('head.weight'));
  });

  test('takes a head of as many classes, and draws one of others anew', () => {
    const tuned = fileFor({ end: { classes: 1000, mean: true } });
    const like = (classes: number) => targetOf({ end: { classes, mean: true } });
    expect(report(like(1000), tuned)).toEqual([
      'taken 32 tensors: cls_token, pos_embed, patch_embed, blocks.0–1, fc_norm, head',
    ]);
    expect(report(like(10), tuned).slice(1)).toEqual([
      're-initialised head.weight, head.bias (1000 classes → 10)',
    ]);
    expect(report(like(1000), tuned, { reinitialize: ['head'] })[1]).toBe(
      're-initialised head.weight, head.bias (as asked for)',
    );
  });

  test("keeps the encoder's norm where it pools by the class token", () => {
    const file = fileFor();
    const lines = report(targetOf({ end: { classes: 10, mean: false } }), file);
    expect(lines[0]).toBe('taken 30 tensors: cls_token, pos_embed, patch_embed, blocks.0–1, norm');
  });
});

describe('positions', () => {
  const end = 'none';
  const wide = targetOf({ grid: { height: 2, width: 8 }, end });

  test('of as many patches are taken, unless the file says that its grid is another', () => {
    const square = fileFor({ grid: { height: 4, width: 4 }, end });
    expect(report(wide, square)[0]).toContain('pos_embed');
    const sourceGrid = { height: 4, width: 4 };
    expect(report(wide, square, { sourceGrid })).toContain('interpolated pos_embed 4x4 → 2x8 (bicubic)');
    const { model } = targetOf({ grid: sourceGrid });
    expect(report(wide, { ...square, model })).toContain('interpolated pos_embed 4x4 → 2x8 (bicubic)');
  });

  test('of a grid that is not square must be told', () => {
    const file = fileFor({ grid: { height: 2, width: 3 }, end });
    expect(refused(wide, file)).toContain('pos_embed has 7 rows, which are those of no square grid');
    const sourceGrid = { height: 2, width: 3 };
    expect(report(wide, file, { sourceGrid })).toContain('interpolated pos_embed 2x3 → 2x8 (bicubic)');
  });

  test('are computed again by choice, if they can be', async () => {
    const file = fileFor({ end });
    expect(report(wide, file, { positions: 'recompute' })).toContain('computed pos_embed 2x8 (sine-cosine)');
    const table = (await carried(wide, file, { positions: 'recompute' })).get('pos_embed');
    expect(table).toEqual(sinCosTable({ height: 2, width: 8, prefix: 1, channels: 8 }));
    const learned = targetOf({ positions: 'learned', end });
    expect(refused(learned, file, { positions: 'recompute' })).toContain('pos_embed is learned');
  });

  test('without a row for the class token get one of zeros', async () => {
    const tensors = new Map(fileFor({ end }).tensors);
    const patches = sourceOf([{ name: 'pos_embed', shape: [1, 4, 8] }]).get('pos_embed');
    if (patches) tensors.set('pos_embed', patches);
    const table = (await carried(targetOf({ end }), fileOf(tensors))).get('pos_embed');
    expect(table?.subarray(0, 8)).toEqual(new Float32Array(8));
    expect(table?.subarray(8)).toEqual(await patches?.read());
  });

  test('of tokens that the model has not are refused', () => {
    const tensors = new Map([
      ...fileFor({ end }).tensors,
      ...sourceOf([{ name: 'pos_embed', shape: [1, 19, 8] }]),
    ]);
    const sourceGrid = { height: 4, width: 4 };
    expect(refused(targetOf({ end }), fileOf(tensors), { sourceGrid })).toContain(
      'pos_embed has positions of 3 tokens before its patches, where the model has 1',
    );
  });
});

describe('input channels', () => {
  const grey = targetOf({ channels: 1 });

  test('are adapted only if asked for', () => {
    expect(refused(grey, fileFor())).toContain(
      'the patch embedding: it is for 3 channels, the model for 1 channel',
    );
    expect(report(grey, fileFor(), { channels: 'sum' }).slice(1)).toEqual([
      'adapted patch_embed.proj.weight from 3 channels to 1 (sum)',
      're-initialised decoder_pred.weight, decoder_pred.bias (the file has others)',
    ]);
    expect(refused(targetOf({ channels: 4 }), fileFor(), { channels: 'sum' })).toContain(
      'the sum over its 3 channels',
    );
  });

  test('are summed', async () => {
    const file = fileFor();
    const before = (await file.tensors.get('patch_embed.proj.weight')?.read()) ?? new Float32Array();
    const after = (await carried(grey, file, { channels: 'sum' })).get('patch_embed.proj.weight') ?? [];
    // The first pixel of the first output: planes of 16.
    expect(after[0]).toBeCloseTo((before[0] ?? 0) + (before[16] ?? 0) + (before[32] ?? 0), 6);
  });
});

describe('what does not fit is refused by name', () => {
  test('an encoder without a decoder, for pretraining', () => {
    const file = fileFor({ end: 'none' });
    const message = refused(targetOf(), file);
    expect(message).toMatch(
      /^the weights in some\.pth do not fit small: the decoder: 17 tensors are missing \(mask_token, /,
    );
    expect(message).toContain("the decoder's prediction: 2 tensors are missing");
    const allowMissing = ['decoder', 'prediction'] as const;
    expect(report(targetOf(), file, { allowMissing })[2]).toBe(
      're-initialised 19 tensors: mask_token, decoder_embed, decoder_blocks.0, decoder_norm, decoder_pred (the file has none)',
    );
  });

  test('blocks that are missing, or too many', () => {
    const [two, three] = [{ end: 'none' }, { end: 'none', depth: 3 }] as const;
    expect(refused(targetOf(three), fileFor(two))).toContain(
      'the encoder blocks: 12 tensors are missing (blocks.2.',
    );
    expect(refused(targetOf(two), fileFor(three))).toContain(
      '12 tensors are unknown to the model (blocks.2.',
    );
  });

  test('registers that the model has not', () => {
    const tensors = new Map([...fileFor().tensors, ...sourceOf([{ name: 'reg_token', shape: [1, 4, 8] }])]);
    expect(refused(targetOf(), fileOf(tensors))).toContain(
      'the registers: the file has reg_token, the model has none',
    );
  });

  test('another number of heads, which no shape shows', () => {
    const { model } = targetOf();
    const other = { ...model, encoder: { ...model.encoder, heads: 4 } };
    expect(refused(targetOf(), { ...fileFor(), model: other })).toContain(
      "its encoder.heads is 4, the model's 2",
    );
  });

  test('names of no known scheme', () => {
    const tensors = sourceOf([{ name: 'conv1.weight', shape: [64, 3, 7, 7] }]);
    expect(refused(targetOf(), { ...fileOf(tensors), naming: undefined })).toContain(
      'its names are of no known scheme (conv1.weight, …)',
    );
  });

  test('numbers that are not finite', async () => {
    const file = fileFor();
    const broken = new Map(file.tensors);
    const norm = file.tensors.get('norm.weight');
    if (norm)
      broken.set('norm.weight', {
        ...norm,
        read: async () => Float32Array.of(1, NaN, 1, 1, 1, 1, Infinity, 1),
      });
    await expect(transferWeights(planTransfer(targetOf(), fileOf(broken)), 0)).rejects.toThrow(
      'some.pth holds numbers that are not finite: 2 of the 8 of tensor norm.weight, the first is NaN',
    );
  });
});

test('every official name has a group of its own', () => {
  const examples: Record<string, string> = {
    'patch embedding': 'patch_embed.proj.bias',
    positions: 'pos_embed',
    'class token': 'cls_token',
    registers: 'reg_token',
    'encoder blocks': 'blocks.11.ls1.gamma',
    'encoder norm': 'norm.weight',
    'pooling norm': 'fc_norm.weight',
    head: 'head.1.weight',
    decoder: 'mask_token',
    'decoder positions': 'decoder_pos_embed',
    prediction: 'decoder_pred.weight',
    rest: 'pooler.dense.weight',
  };
  expect(PARAMETER_GROUPS.map(({ name }) => name)).toEqual(Object.keys(examples));
  for (const [group, name] of Object.entries(examples)) {
    expect(PARAMETER_GROUPS.find(({ pattern }) => pattern.test(name))?.name).toBe(group);
  }
});
