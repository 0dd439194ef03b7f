'use strict';

const { readFileSync } = require('node:fs');
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');
const { serverCommand } = require('./server-command.cjs');

/** @type {LanguageClient | undefined} */
let client;

/** Called by the editor when the first spec is opened. */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('mae.restartServer', restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('mae.server')) return restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await start();
}

async function deactivate() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await deactivate();
  await start();
}

async function start() {
  // The server may be a program of the workspace.
  if (!vscode.workspace.isTrusted) return;
  const found = serverCommand({
    configured: vscode.workspace.getConfiguration('mae').get('server.path', ''),
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath),
    read,
  });
  // On Windows an installed command is a script, which only a shell can run.
  const options = 'command' in found && process.platform === 'win32' ? { shell: true } : {};
  const server = { ...found, options, transport: TransportKind.stdio };
  const documentSelector = [
    { language: 'mae', scheme: 'file' },
    { language: 'mae', scheme: 'untitled' },
  ];
  const starting = new LanguageClient('mae', 'MAE specs', server, { documentSelector });
  client = starting;
  try {
    await starting.start();
  } catch (error) {
    if (client === starting) client = undefined;
    const what = 'module' in found ? found.module : found.command;
    const advice = 'Install mae-compiler in the workspace, or set "mae.server.path".';
    vscode.window.showErrorMessage(
      `The language server of MAE specs (${what}) did not start. ${advice} ${error}`,
    );
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

module.exports = { activate, deactivate };
