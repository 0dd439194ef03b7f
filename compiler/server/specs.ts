import { compileSources } from '../language/compile-sources.ts';
import type { ModelSpec, Recipe } from '../language/model-spec.ts';
import { keysOf } from '../language/schema.ts';
import type { Definition } from './names.ts';
import { resolveImport } from './uris.ts';
import type { Workspace } from './workspace.ts';

/** The checked spec of a model; undefined while its file has errors. */
export function modelSpecOf(workspace: Workspace, { name, span }: Definition): ModelSpec | undefined {
  return workspace.compile(span.file).models.find((model) => model.name === name);
}

/** A file that only exists while a recipe is looked at; no path can have this name. */
const probe = 'recipe:probe';

/**
 * A recipe with all that it inherits and all defaults; undefined while its file has errors. The language gives a recipe its
 * meaning by way of a model, so it is put into one that is made of the schema's examples.
 */
export function recipeOf(workspace: Workspace, { name, span }: Definition): Recipe | undefined {
  const keys = [...keysOf('model').values()];
  const examples = keys.filter(({ required }) => required === true).filter((entry) => !usesRecipe(entry));
  for (const entry of keys.filter(usesRecipe)) {
    const keyword = entry.slots.find(({ type }) => type.refersTo === 'recipe')?.keyword ?? '';
    const lines = [...examples.map(({ example }) => example), `${entry.key} ${keyword} ${name}`];
    const text = `import "it"\nmodel probe {\n${lines.join('\n')}\n}\n`;
    const { models } = compileSources([probe], {
      read: (file) => (file === probe ? text : workspace.read(file)),
      resolve: (from, specifier) => (from === probe ? span.file : resolveImport(from, specifier)),
    });
    const [model] = models;
    if (model !== undefined) return model.pretrain;
  }
  return undefined;
}

function usesRecipe({ slots }: { readonly slots: readonly { type: { refersTo?: string } }[] }): boolean {
  return slots.some(({ type }) => type.refersTo === 'recipe');
}
