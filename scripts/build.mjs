// Compiles the project to dist/, bundles its commands, and marks them executable.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleCommands } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}node_modules/typescript/bin/tsc`;
const { status } = spawnSync(process.execPath, [compiler, '-p', `${root}tsconfig.json`], {
  stdio: 'inherit',
});
// The compiler has said what is wrong.
if (status !== 0) process.exit(1);

await bundleCommands();

const commands = ['compiler/cli/mae-compile.js', 'compiler/server/main.js', 'cli/mae.js'];
for (const command of commands) chmodSync(`${root}dist/${command}`, 0o755);
