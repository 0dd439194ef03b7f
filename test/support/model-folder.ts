import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { loadSpec } from '../../runtime/model/load-spec.ts';

export interface CompiledModelFolder {
  readonly directory: string;
  readonly spec: CompiledSpec;
  remove(): Promise<void>;
}

/** A file of a compiled model, by its path in the model's folder. */
export interface ModelFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

const scratch = fileURLToPath(new URL('../../node_modules/.cache/mae-compiler-tests/', import.meta.url));

/** Writes a model's files into a temporary folder inside the project, where the imports of generated code resolve. */
export async function writeModelFolder(
  name: string,
  files: readonly ModelFile[],
): Promise<CompiledModelFolder> {
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(join(scratch, `${name}-`));
  for (const { path, content } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const remove = () => rm(directory, { recursive: true, force: true });
  return { directory, spec: await loadSpec(directory), remove };
}
