'use strict';

const path = require('node:path');

/** Where the server lies in the package that it comes with. */
const inPackage = path.join('dist', 'compiler', 'server', 'main.js');

/**
 * Finds the language server: the one that the settings name; else that of the `mae-compiler` package which a folder of the
 * workspace has installed, or is; else the one that the system finds.
 *
 * @param {object} options
 * @param {string} options.configured what the settings say, empty for nothing
 * @param {readonly string[]} options.folders the folders of the workspace
 * @param {(file: string) => string | undefined} options.read the text of a file, undefined where there is none
 * @returns {{ module: string } | { command: string }} a script for Node, or a command; both take `--stdio`
 */
function serverCommand({ configured, folders, read }) {
  if (configured !== '') {
    const isPath = configured.includes('/') || configured.includes('\\');
    const file = isPath ? path.resolve(folders[0] ?? '', configured) : configured;
    return /\.[cm]?js$/.test(file) ? { module: file } : { command: file };
  }
  for (const folder of folders) {
    const installed = path.join(folder, 'node_modules', 'mae-compiler');
    for (const candidate of [installed, folder]) {
      if (nameOf(candidate, read) !== 'mae-compiler') continue;
      const module = path.join(candidate, inPackage);
      if (read(module) !== undefined) return { module };
    }
  }
  return { command: 'mae-language-server' };
}

function nameOf(folder, read) {
  try {
    return JSON.parse(read(path.join(folder, 'package.json')) ?? '{}').name;
  } catch {
    return undefined;
  }
}

module.exports = { serverCommand };
