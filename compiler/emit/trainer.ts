import type { ClassifierRecipe, ModelSpec, Recipe } from '../language/model-spec.ts';
import { type GenerationInfo, generatedHeader } from './header.ts';

/** A trainer that is generated for a model: what it does, by which recipe, with which function of the runtime. */
interface TrainerKind {
  /** Name of its file, without an ending. */
  readonly file: string;
  readonly recipe: (spec: ModelSpec) => Recipe | ClassifierRecipe | undefined;
  readonly run: string;
  /** A sentence that goes on after the model's name. */
  readonly documentation: string;
}

const TRAINERS: readonly TrainerKind[] = [
  {
    file: 'pretrain',
    recipe: ({ pretrain }) => pretrain,
    run: 'runPretraining',
    documentation: 'is pretrained',
  },
  {
    file: 'finetune',
    recipe: ({ finetune }) => finetune,
    run: 'runFinetuning',
    documentation: 'is fine-tuned, with a classifier on top',
  },
  {
    file: 'linear-probe',
    recipe: ({ linearProbe }) => linearProbe,
    run: 'runLinearProbing',
    documentation: 'is probed by a linear classifier on its frozen encoder',
  },
];

export interface Trainer {
  /** Name of its file, without an ending. */
  readonly file: string;
  /** The text of its .ts file: a runnable trainer with the recipe in plain sight. */
  readonly text: string;
}

/** A trainer for each recipe that the spec has. */
export function emitTrainers(spec: ModelSpec, info: GenerationInfo): Trainer[] {
  return TRAINERS.flatMap(({ file, recipe: recipeOf, run, documentation }) => {
    const recipe = recipeOf(spec);
    if (recipe === undefined) return [];
    const text = `${generatedHeader(info)}

import { ${run} } from 'mae-compiler/runtime';

/** How ${spec.name} ${documentation}: the recipe ${recipe.name} of the spec, every default spelled out. */
export const recipe = ${objectLiteral(recipe)} as const;

await ${run}({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
`;
    return [{ file, text }];
  });
}

/** A TypeScript literal laid out as the formatter does: lists on one line, objects over several. */
function objectLiteral(value: object, indent = ''): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(value).map(([key, item]) => `${deeper}${key}: ${literal(item, deeper)},\n`);
  return `{\n${lines.join('')}${indent}}`;
}

function literal(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value === 'object' && value !== null) return objectLiteral(value, indent);
  return String(value);
}
