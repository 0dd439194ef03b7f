import { compileModel } from '../../compiler/compile-model.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { type CompiledModelFolder, writeModelFolder } from './model-folder.ts';

export type { CompiledModelFolder } from './model-folder.ts';

/** Compiles a model, its code and all, into a temporary folder. */
export function compileToFolder(spec: ModelSpec): Promise<CompiledModelFolder> {
  return writeModelFolder(spec.name, compileModel(spec).files);
}
