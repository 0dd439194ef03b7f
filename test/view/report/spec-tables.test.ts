import { describe, expect, it } from 'vitest';
import { factsMarkdown, specTables } from '../../../runtime/view/report/spec-tables.ts';
import { tinySpec } from '../../train/tiny-run.ts';

const spec = tinySpec();
const { pretrain } = spec.recipes;
const tables = specTables(spec, pretrain, ['epochs', 'baseLearningRate']);
const group = (name: string) => tables.find((table) => table.name === name)?.facts ?? [];
const read = (name: string, fact: string) => group(name).find((each) => each.name === fact)?.value;

describe('the tables of a spec', () => {
  it('have the values of the model in words', () => {
    expect(group('Pictures and patches')).toEqual(
      expect.arrayContaining([
        { name: 'image', value: '8 × 8' },
        { name: 'image channels', value: '3' },
        { name: 'image mean', value: '0.5, 0.5, 0.5' },
        { name: 'image deviation', value: '0.25, 0.25, 0.25' },
        { name: 'patch', value: '4 × 4' },
        { name: 'patches', value: '4' },
        { name: 'patches that the encoder sees', value: '2' },
        { name: 'tokens before them', value: '0' },
      ]),
    );
    expect(read('Encoder', 'MLP width')).toBe('48');
    expect(read('Encoder', 'bias of Q, K, V')).toBe('yes');
    expect(read('Encoder', 'norm ε')).toBe('1e-6');
    expect(group('Mask and loss')).toEqual(
      expect.arrayContaining([
        { name: 'mask', value: 'random' },
        { name: 'mask ratio', value: '50 %' },
        { name: 'mask unit', value: '1 × 1' },
        { name: 'mask tokens in the encoder', value: 'no' },
        { name: 'loss', value: 'mse' },
        { name: 'loss on', value: 'masked' },
        { name: 'loss target', value: 'pixels' },
      ]),
    );
  });

  it('have every value of the recipe, and mark those of the command line', () => {
    const facts = group('Recipe tiny-recipe');
    expect(facts.filter(({ note }) => note === 'command line')).toEqual([
      { name: 'epochs', value: '3', note: 'command line' },
      { name: 'base learning rate', value: '0.01', note: 'command line' },
    ]);
    expect(read('Recipe tiny-recipe', 'optimizer')).toBe('adamw');
    expect(read('Recipe tiny-recipe', 'β₁, β₂')).toBe('0.9, 0.95');
    expect(read('Recipe tiny-recipe', 'crop, width over height')).toBe('0.75, 1.333');
    const { name: _, optimizer, augment, ...others } = pretrain;
    const count = [optimizer, augment, others].reduce((sum, part) => sum + Object.keys(part).length, 0);
    expect(facts).toHaveLength(count);
    expect(new Set(facts.map(({ name }) => name)).size).toBe(count);
  });

  it('find words for values that they do not know', () => {
    const later = { ...pretrain, augment: { ...pretrain.augment, randAugment: { increasing: true } } };
    expect(specTables(spec, later).at(-1)?.facts).toContainEqual({
      name: 'rand augment increasing',
      value: 'yes',
    });
  });

  it('say how large the model is', () => {
    const cost = {
      parameters: { total: 111_907_840, encoder: 85_798_656, decoder: 26_109_184, trainable: 111_654_912 },
      forwardFlops: { total: 9_809_166_336, encoder: 1, decoder: 1 },
      trainingFlops: 29_400_000_000,
      trainingActivationBytes: 123_400_000,
    };
    expect(specTables({ ...spec, cost }, pretrain)[4]).toEqual({
      name: 'Size',
      facts: [
        { name: 'parameters', value: '111.91 M' },
        { name: 'of the encoder', value: '85.80 M' },
        { name: 'of the decoder', value: '26.11 M' },
        { name: 'trainable', value: '111.65 M' },
        { name: 'forward pass, a picture', value: '9.81 GFLOPs' },
        { name: 'training step, a picture', value: '29.4 GFLOPs' },
        { name: 'activations, a picture', value: '123 MB' },
      ],
    });
  });
});

describe('the tables in Markdown', () => {
  it('are tables, whatever the values hold', () => {
    const facts = [{ name: 'a|b', value: '<b> *c*\nd', note: 'command line' }];
    expect(factsMarkdown([{ name: 'Group', facts }])).toBe(
      ['### Group', '', '| | |', '| --- | --- |', '| a\\|b | \\<b\\> \\*c\\* d (command line) |'].join('\n'),
    );
  });
});
