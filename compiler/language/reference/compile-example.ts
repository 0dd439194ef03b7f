import { type CompiledSources, compileSources, type SourceReader } from '../compile-sources.ts';
import type { DiagnosticExample, ExampleFiles } from './examples/example.ts';
import { guideFiles } from './guide-files.ts';

/** The file that holds an example of only one. */
export const exampleFile = 'vit-mine.mae';

/** Which files of the guide examples may import. */
const baseFiles: ExampleFiles = { 'vit-base.mae': guideFiles.model, 'recipes.mae': guideFiles.recipe };

/** The files of an example that are its own, the compiled one first. */
export function filesOf(example: DiagnosticExample, side: 'wrong' | 'right'): ExampleFiles {
  const spec = example[side];
  return typeof spec === 'string' ? { [exampleFile]: spec } : spec;
}

/** Compiles one side of an example. */
export function compileExample(example: DiagnosticExample, side: 'wrong' | 'right'): CompiledSources {
  const own = filesOf(example, side);
  const overrides = example.overrides === undefined ? [] : [example.overrides[side]];
  return compileSources(Object.keys(own).slice(0, 1), readerOf({ ...baseFiles, ...own }), { overrides });
}

/** Files that all lie in one folder. */
export function readerOf(files: ExampleFiles): SourceReader {
  return {
    read: (file) => (Object.hasOwn(files, file) ? files[file] : undefined),
    resolve: (_, specifier) => specifier.replace(/^\.\//, ''),
  };
}
