import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from '../../compiler/language/suggest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['width', 'width', 0],
    ['wdith', 'width', 1],
    ['heds', 'heads', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('suggest', () => {
  const keys = ['width', 'depth', 'heads', 'mlp', 'qkv-bias'];

  it.each([
    ['wdith', 'width'],
    ['head', 'heads'],
    ['mpl', 'mlp'],
    ['qkv_bias', 'qkv-bias'],
    ['kernel', undefined],
    ['on', undefined],
    ['w'.repeat(1000), undefined],
  ])('%s: %s', (word, meant) => {
    expect(suggest(word, keys)).toBe(meant);
  });

  it('takes the nearest', () => {
    expect(suggest('vit-hug', ['vit-huge-448', 'vit-hugs', 'vit-huge'])).toBe('vit-hugs');
    expect(suggest('vit-huge', ['vit-huge-448', 'vit-hugs', 'vit-huge'])).toBe('vit-huge');
  });

  it('does not look through any number of names', () => {
    const names = Array.from({ length: 600 }, (_, index) => `name-${index}`);
    expect(suggest('naem-499', names)).toBe('name-499');
    expect(suggest('vit-bsae', [...names, 'vit-base'])).toBeUndefined();
  });
});
