#!/usr/bin/env node
import { Command } from '@commander-js/extra-typings';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node.js';
import { COMPILER_VERSION } from '../version.ts';
import { diskFileSystem } from './file-system.ts';
import { serve } from './server.ts';

const NOTE = `
Editors start this command; docs/editor.md says how to tell them to. It speaks the language server protocol.

Exit codes: 0 after an orderly shutdown, 1 when the editor went away without one, 2 when the command line is wrong.`;

const program = new Command('mae-language-server')
  .description('Diagnostics, completion, hover, rename and formatting of .mae specs for editors.')
  .version(COMPILER_VERSION)
  .option('--stdio', 'speak over standard input and output')
  // Editors add it: the server ends when that process does.
  .option('--clientProcessId <id>', 'process to end with')
  .addHelpText('after', NOTE)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program.parse();
if (program.opts().stdio !== true) program.error('error: say --stdio');

// Reads --stdio and --clientProcessId from the command line itself.
const connection = createConnection(ProposedFeatures.all);
process.on('uncaughtException', (error) => connection.console.error(error.stack ?? error.message));
serve(connection, diskFileSystem);
connection.listen();
