// Compiles the project to dist/, and marks its commands executable.
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.json`], {
  stdio: 'inherit',
});
for (const command of ['compiler/cli/mae-compile.js', 'runtime/cli/mae.js']) chmodSync(`${root}/dist/${command}`, 0o755);
