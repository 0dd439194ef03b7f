import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { NamingError } from '../../../runtime/weights/naming/scheme.ts';
import {
  NAMING_NAMES,
  NAMING_SCHEMES,
  namingScheme,
  PREFIXES,
  recogniseNames,
} from '../../../runtime/weights/naming/schemes.ts';
import type { SourceTensors } from '../../../runtime/weights/weight-source.ts';
import { readReferenceJson } from '../../reference/reference-case.ts';
import { sourceOf } from '../transfer/official-parameters.ts';

type Shapes = Record<string, readonly number[]>;

const tables = z.record(z.string(), z.record(z.string(), z.array(z.number())));
/** Of small models in timm 1.0.31 and transformers 5.23: written by ../record/library-names.py. */
const { models } = z
  .object({ models: tables })
  .parse(JSON.parse(await readFile(new URL('library-names.json', import.meta.url), 'utf8')));
const officialNames = z
  .record(z.string(), z.array(z.tuple([z.string(), z.array(z.number())])))
  .parse(await readReferenceJson('names.json'));

const tensorsOf = (shapes: Shapes): SourceTensors =>
  sourceOf(Object.entries(shapes).map(([name, shape]) => ({ name, shape })));
const shapesOf = (tensors: SourceTensors): Shapes =>
  Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
const recorded = (model: string): SourceTensors => tensorsOf(models[model] ?? {});

/** Names of the library's files before version 5, which are those of the published weights. */
const published = (name: string): string =>
  name
    .replace(/^vit\.layers/, 'vit.encoder.layer')
    .replace(/attention\.q_proj/, 'attention.attention.query')
    .replace(/attention\.k_proj/, 'attention.attention.key')
    .replace(/attention\.v_proj/, 'attention.attention.value')
    .replace(/attention\.o_proj/, 'attention.output.dense')
    .replace(/mlp\.fc1/, 'intermediate.dense')
    .replace(/mlp\.fc2/, 'output.dense');

/** The official names of a block's tensors and their shapes: as timm has them. */
const block = (name: string, width: number, hidden: number): Shapes => ({
  [`${name}.norm1.weight`]: [width],
  [`${name}.norm1.bias`]: [width],
  [`${name}.attn.qkv.weight`]: [3 * width, width],
  [`${name}.attn.qkv.bias`]: [3 * width],
  [`${name}.attn.proj.weight`]: [width, width],
  [`${name}.attn.proj.bias`]: [width],
  [`${name}.norm2.weight`]: [width],
  [`${name}.norm2.bias`]: [width],
  [`${name}.mlp.fc1.weight`]: [hidden, width],
  [`${name}.mlp.fc1.bias`]: [hidden],
  [`${name}.mlp.fc2.weight`]: [width, hidden],
  [`${name}.mlp.fc2.bias`]: [width],
});
const ENCODER: Shapes = {
  cls_token: [1, 1, 8],
  pos_embed: [1, 5, 8],
  'patch_embed.proj.weight': [8, 3, 4, 4],
  'patch_embed.proj.bias': [8],
  ...block('blocks.0', 8, 16),
  ...block('blocks.1', 8, 16),
  'norm.weight': [8],
  'norm.bias': [8],
};
const DECODER: Shapes = {
  mask_token: [1, 1, 4],
  decoder_pos_embed: [1, 5, 4],
  'decoder_embed.weight': [4, 8],
  'decoder_embed.bias': [4],
  ...block('decoder_blocks.0', 4, 8),
  'decoder_norm.weight': [4],
  'decoder_norm.bias': [4],
  'decoder_pred.weight': [48, 4],
  'decoder_pred.bias': [48],
};
const HEAD: Shapes = { 'head.weight': [3, 8], 'head.bias': [3] };

describe('names are recognised, and carried to the official ones', () => {
  test.each([
    { model: 'ViTMAEForPreTraining', scheme: 'huggingface', official: { ...ENCODER, ...DECODER } },
    { model: 'ViTForImageClassification', scheme: 'huggingface', official: { ...ENCODER, ...HEAD } },
    {
      model: 'ViTModel',
      scheme: 'huggingface',
      official: { ...ENCODER, 'pooler.dense.weight': [8, 8], 'pooler.dense.bias': [8] },
    },
    { model: 'VisionTransformer', scheme: 'timm', official: { ...ENCODER, ...HEAD } },
  ])('of $model', ({ model, scheme, official }) => {
    const { scheme: found, tensors } = recogniseNames(recorded(model));
    expect(found?.name).toBe(scheme);
    expect(shapesOf(tensors)).toEqual(official);
  });

  test.each(Object.keys(officialNames))('of the official %s, which stay as they are', (model) => {
    const shapes = Object.fromEntries(officialNames[model] ?? []);
    const { scheme, tensors } = recogniseNames(tensorsOf(shapes));
    expect(scheme?.name).toBe(model.startsWith('mae') ? 'official' : 'timm');
    expect(shapesOf(tensors)).toEqual(shapes);
  });

  test("of Hugging Face's published files, and of those that transformers 5 writes", () => {
    const memory = recorded('ViTMAEForPreTraining');
    const files = [
      published,
      (name: string) => published(name).replace('decoder_layers', 'decoder_encoder.layer'),
    ];
    for (const rename of files) {
      const file = new Map(
        [...memory].map(([name, tensor]) => [rename(name), { ...tensor, name: rename(name) }]),
      );
      expect(file.has('vit.encoder.layer.1.attention.attention.query.weight')).toBe(true);
      expect(shapesOf(recogniseNames(file).tensors)).toEqual({ ...ENCODER, ...DECODER });
    }
  });

  test('queries, keys and values become one tensor, in this order', async () => {
    const tensors = recorded('ViTMAEForPreTraining');
    const whole = recogniseNames(tensors).tensors.get('blocks.1.attn.qkv.weight');
    const thirds = ['q', 'k', 'v'].map((third) => tensors.get(`vit.layers.1.attention.${third}_proj.weight`));
    const expected = await Promise.all(thirds.map(async (third) => [...((await third?.read()) ?? [])]));
    expect([...((await whole?.read()) ?? [])]).toEqual(expected.flat());
  });
});

describe('what wrappers put before names', () => {
  test.each([...PREFIXES, 'module._orig_mod.', 'model.backbone.'])('%s is taken off', (prefix) => {
    const tensors = tensorsOf(
      Object.fromEntries(
        Object.entries({ ...ENCODER, ...HEAD }).map(([name, shape]) => [prefix + name, shape]),
      ),
    );
    const { scheme, tensors: bare } = recogniseNames(tensors);
    expect(scheme?.name).toBe('timm');
    expect(shapesOf(bare)).toEqual({ ...ENCODER, ...HEAD });
  });

  test('stays off what had none', () => {
    const shapes = Object.entries(ENCODER).map(([name, shape]) => [`backbone.${name}`, shape]);
    const { tensors } = recogniseNames(tensorsOf({ ...Object.fromEntries(shapes), ...HEAD }));
    expect(shapesOf(tensors)).toEqual({ ...ENCODER, ...HEAD });
  });

  test('is not taken off when two tensors would have one name', () => {
    const both = tensorsOf({ 'module.a': [1], a: [1] });
    expect(() => recogniseNames(both)).toThrow('with and without the prefix "module."');
  });
});

test('names of no known scheme stay as they are', () => {
  const shapes = { 'layer1.0.conv1.weight': [64, 64, 3, 3], 'fc.bias': [10] };
  const { scheme, tensors } = recogniseNames(tensorsOf(shapes));
  expect({ scheme, shapes: shapesOf(tensors) }).toEqual({ scheme: undefined, shapes });
});

test('a part of queries, keys and values that is missing is named', () => {
  const tensors = new Map(recorded('ViTModel'));
  tensors.delete('layers.0.attention.k_proj.bias');
  expect(() => recogniseNames(tensors)).toThrow(
    'of the three parts of blocks.0.attn.qkv.bias, queries, keys and values of one shape, there are layers.0.attention.q_proj.bias [8], layers.0.attention.v_proj.bias [8]',
  );
});

describe('official names are carried to', () => {
  test('all schemes and back', async () => {
    expect(NAMING_SCHEMES.map(({ name }) => name).sort()).toEqual([...NAMING_NAMES].sort());
    const encoder = tensorsOf({ ...ENCODER, ...HEAD });
    const whole = tensorsOf({ ...ENCODER, ...DECODER });
    for (const name of NAMING_NAMES) {
      for (const tensors of name === 'timm' ? [encoder] : [encoder, whole]) {
        const there = namingScheme(name).fromOfficial(tensors);
        const { scheme, tensors: back } = recogniseNames(there);
        if (tensors === whole) expect(scheme?.name).toBe(name);
        expect(shapesOf(back)).toEqual(shapesOf(tensors));
        for (const [key, { read }] of back) expect(await read()).toEqual(await tensors.get(key)?.read());
      }
    }
  });

  test("those of Hugging Face's published files", () => {
    const there = shapesOf(namingScheme('huggingface').fromOfficial(tensorsOf({ ...ENCODER, ...DECODER })));
    const memory = Object.entries(models.ViTMAEForPreTraining ?? {});
    expect(there).toEqual(Object.fromEntries(memory.map(([name, shape]) => [published(name), shape])));
  });

  test("timm's, without the decoder", () => {
    const there = namingScheme('timm').fromOfficial(tensorsOf({ ...ENCODER, ...DECODER, ...HEAD }));
    expect(shapesOf(there)).toEqual(models.VisionTransformer);
  });

  test("timm's with registers, the class token's position added to it", async () => {
    const recordedShapes = models['VisionTransformer with everything'] ?? {};
    const official = tensorsOf({ ...recordedShapes, pos_embed: [1, 5, 8] });
    const there = namingScheme('timm').fromOfficial(official);
    expect(shapesOf(there)).toEqual(recordedShapes);
    const positions = (await official.get('pos_embed')?.read()) ?? new Float32Array();
    expect(await there.get('pos_embed')?.read()).toEqual(positions.slice(8));
    const token = (await official.get('cls_token')?.read()) ?? new Float32Array();
    expect(await there.get('cls_token')?.read()).toEqual(
      token.map((value, i) => value + (positions[i] ?? 0)),
    );
  });

  test.each<[string, Shapes]>([
    ['they have no tensor for reg_token', { ...ENCODER, reg_token: [1, 2, 8] }],
    ['they have no tensor for blocks.0.ls1.gamma', { ...ENCODER, 'blocks.0.ls1.gamma': [8] }],
    [
      'they have no tensor for blocks.0.attn.q_norm.weight',
      { ...ENCODER, 'blocks.0.attn.q_norm.weight': [4] },
    ],
    ['they have no tensor for fc_norm.weight', { ...ENCODER, 'fc_norm.weight': [8] }],
    ['they have one class token', { ...ENCODER, cls_token: [1, 2, 8] }],
    ['they have a pos_embed', { cls_token: [1, 1, 8] }],
  ])("not Hugging Face's where %s", (reason, shapes) => {
    const write = () => namingScheme('huggingface').fromOfficial(tensorsOf(shapes));
    expect(write).toThrow(NamingError);
    expect(write).toThrow(reason);
  });
});
