import type { KeyEntry } from './key-entry.ts';
import { anyValue, declaredName, formerName, path, reference } from './value-types.ts';

const source = 'this project';

/** The key that declares a constant. */
export const constantKey = 'let';

/** What stands at the top of a file. */
export const fileKeys: readonly KeyEntry[] = [
  {
    key: 'import',
    places: ['file'],
    change: 'cosmetic',
    slots: [{ name: 'path', type: path }],
    repeatable: true,
    doc: 'Makes the models, recipes and constants of another file known in this one.',
    source,
    example: 'import "./recipes.mae"',
  },
  {
    key: constantKey,
    places: ['file'],
    change: 'cosmetic',
    slots: [
      { name: 'name', type: declaredName },
      { name: 'value', type: anyValue },
    ],
    repeatable: true,
    doc: 'Declares a constant: a name that may stand for its value wherever a key takes such a value.',
    source,
    example: 'let wide 768',
  },
  {
    key: 'model',
    places: ['file'],
    change: 'weights',
    slots: [
      { name: 'name', type: declaredName },
      { name: 'base', keyword: 'extends', type: reference('model'), optional: true },
      { name: 'former', keyword: 'was', type: formerName, optional: true },
    ],
    block: 'model',
    repeatable: true,
    doc: 'Declares a masked autoencoder; with `extends`, as another one with some keys changed; `was` tells `mae diff` what it was called before.',
    source,
    example: 'model vit-base-448 extends vit-base { image 448x448x3 }',
  },
  {
    key: 'recipe',
    places: ['file'],
    change: 'cosmetic',
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
