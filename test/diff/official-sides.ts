import { readFileSync } from 'node:fs';
import type { Side } from '../../compiler/diff/side.ts';
import { sideOfText } from './support.ts';

export const officialNames = ['base', 'large', 'huge'] as const;

export type OfficialName = (typeof officialNames)[number];

export const officialPairs = [
  ['base', 'large'],
  ['large', 'huge'],
  ['base', 'huge'],
] as const;

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The paper's models as their specs have them. */
export function official(name: OfficialName): Side {
  const file = `spec/vit-${name}.mae`;
  return sideOfText({ [file]: read(file), 'spec/recipes.mae': read('spec/recipes.mae') }, file);
}
