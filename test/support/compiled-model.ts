import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModel } from '../../compiler/compile-model.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { loadSpec } from '../../runtime/model/load-spec.ts';

export interface CompiledModelFolder {
  readonly directory: string;
  readonly spec: CompiledSpec;
  remove(): Promise<void>;
}

const scratch = fileURLToPath(new URL('../../node_modules/.cache/mae-compiler-tests/', import.meta.url));

/** Compiles a model into a temporary folder inside the project, where the imports of generated code resolve. */
export async function compileToFolder(spec: ModelSpec): Promise<CompiledModelFolder> {
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(join(scratch, `${spec.name}-`));
  for (const { path, content } of compileModel(spec).files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const remove = () => rm(directory, { recursive: true, force: true });
  return { directory, spec: await loadSpec(directory), remove };
}
