import type { KeyEntry } from './key-entry.ts';
import { declaredName, path, reference } from './value-types.ts';

const source = 'this project';

/** What stands at the top of a file. */
export const fileKeys: readonly KeyEntry[] = [
  {
    key: 'import',
    places: ['file'],
    slots: [{ name: 'path', type: path }],
    repeatable: true,
    doc: 'Makes the models and recipes of another file known in this one.',
    source,
    example: 'import "./recipes.mae"',
  },
  {
    key: 'model',
    places: ['file'],
    slots: [
      { name: 'name', type: declaredName },
      { name: 'base', keyword: 'extends', type: reference('model'), optional: true },
    ],
    block: 'model',
    repeatable: true,
    doc: 'Declares a masked autoencoder; with `extends`, as another one with some keys changed.',
    source,
    example: 'model vit-base-448 extends vit-base { image 448x448x3 }',
  },
  {
    key: 'recipe',
    places: ['file'],
    slots: [
      { name: 'name', type: declaredName },
      { name: 'base', keyword: 'extends', type: reference('recipe'), optional: true },
    ],
    block: 'recipe',
    repeatable: true,
    doc: 'Declares a way of training; with `extends`, as another one with some keys changed.',
    source,
    example: 'recipe long-pretrain extends mae-pretrain { epochs 1600 }',
  },
];
