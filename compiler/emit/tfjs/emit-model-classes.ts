import { IndentationText, Project, type StatementStructures } from 'ts-morph';
import type { Graph } from '../../ir/graph.ts';
import { type GenerationInfo, generatedHeader } from '../header.ts';
import { classStructure } from './class-structure.ts';
import { modelClasses } from './classes.ts';
import { Imports } from './imports.ts';
import { breakList } from './layout.ts';
import { tokenCounts } from './masking-type.ts';
import { resultStructure } from './method-structure.ts';
import { Methods } from './methods.ts';
import { moduleTree } from './modules.ts';

/** What generated classes import. */
const RUNTIME = 'mae-compiler/tfjs';

/** One project prints all files: it keeps none of them. */
const project = new Project({
  useInMemoryFileSystem: true,
  skipLoadingLibFiles: true,
  manipulationSettings: { indentationText: IndentationText.TwoSpaces },
});

/**
 * The text of `model.ts`: typed tfjs classes for graphs of one model, one class for each distinct module. Each graph is a method of
 * the root class. The text is as the project's formatter leaves it.
 */
export function emitModelClasses(graphs: readonly Graph[], info: GenerationInfo): string {
  const imports = new Imports();
  const model = modelClasses(moduleTree(graphs));
  const methods = new Methods(model);
  const declarations = model.classes.flatMap((owner): StatementStructures[] => {
    const results = [...(owner.modules[0]?.methods.keys() ?? [])].flatMap((name) => {
      const result = resultStructure(methods.of(owner, name), imports);
      return result ? [result] : [];
    });
    return [...results, classStructure(owner, methods, imports)];
  });
  const specifiers = imports.specifiers();
  const statements = [
    `${generatedHeader(info)}\n\n${breakList('import', specifiers, ` from '${RUNTIME}';`)}`,
    ...tokensConstant(graphs),
    ...declarations,
  ];
  const file = project.createSourceFile('model.ts', { statements }, { overwrite: true });
  const text = file.getFullText();
  project.removeSourceFile(file);
  return text;
}

function tokensConstant(graphs: readonly Graph[]): string[] {
  const counts = graphs.map(({ inputs }) => tokenCounts(inputs)).find((found) => found !== undefined);
  if (!counts) return [];
  const { visible, removed, prefix } = counts;
  const documentation = 'The tokens of a picture: what `maskingTensors` needs to know of the model.';
  const value = `{ visible: ${visible}, removed: ${removed}, prefix: ${prefix} } as const`;
  return [`\n/** ${documentation} */\nexport const TOKENS = ${value};\n`];
}
