import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(project, 'node_modules', '.cache');

/** The commands as JavaScript in a folder of their own, inside the project so that their dependencies are found. */
export async function buildCommands(): Promise<string> {
  await mkdir(cache, { recursive: true });
  const built = await mkdtemp(join(cache, 'mae-compile-built-'));
  await writeFile(join(built, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(built, 'tsconfig.json'),
    JSON.stringify({
      extends: join(project, 'tsconfig.json'),
      compilerOptions: {
        rootDir: project,
        outDir: built,
        noCheck: true,
        declaration: false,
        sourceMap: false,
      },
      include: [join(project, 'compiler/cli'), join(project, 'cli')],
    }),
  );
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', join(built, 'tsconfig.json')]);
  return built;
}
