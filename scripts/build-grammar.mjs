// Writes the TextMate grammar of the VS Code extension, which is made of the lexer's tokens and the schema's keys.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { textMateGrammar } from '../dist/compiler/server/text-mate-grammar.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}editor/vscode/syntaxes/mae.tmLanguage.json`;
writeFileSync(file, `${JSON.stringify(textMateGrammar(), undefined, 2)}\n`);
execFileSync(process.execPath, [`${root}node_modules/@biomejs/biome/bin/biome`, 'format', '--write', file], {
  cwd: root,
  stdio: 'inherit',
});
