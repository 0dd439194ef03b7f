/** The compiler as a library: pure functions from the text of specs to the files of a model. Runs in a browser too. */
export { compileModel, type GeneratedFile, type GeneratedModel } from './compile-model.ts';
export {
  type CompiledSources,
  compileSources,
  type SourceReader,
} from './language/compile-sources.ts';
export type { Diagnostic, Fix, Related, Severity } from './language/diagnostic.ts';
export { formatSource } from './language/format/format-source.ts';
export type { ModelSpec, Recipe } from './language/model-spec.ts';
export { type Palette, plainPalette, renderDiagnostic } from './language/render.ts';
export { SourceText } from './language/source-text.ts';
export { COMPILER_VERSION } from './version.ts';
