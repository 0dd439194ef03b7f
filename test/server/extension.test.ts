import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schema } from '../../compiler/language/schema.ts';
import { COMPILER_VERSION } from '../../compiler/version.ts';

const extension = fileURLToPath(new URL('../../editor/vscode/', import.meta.url));
const json = (name: string): unknown => JSON.parse(readFileSync(join(extension, name), 'utf8'));

type ServerCommand = (options: {
  configured: string;
  folders: readonly string[];
  read: (file: string) => string | undefined;
}) => { module: string } | { command: string };

const { serverCommand }: { serverCommand: ServerCommand } = createRequire(import.meta.url)(
  join(extension, 'server-command.cjs'),
);

const manifestShape = z.object({
  version: z.string(),
  main: z.string(),
  contributes: z.object({
    languages: z.array(
      z.object({ id: z.string(), extensions: z.array(z.string()), configuration: z.string() }),
    ),
    grammars: z.array(z.object({ language: z.string(), scopeName: z.string(), path: z.string() })),
    configuration: z.object({ properties: z.record(z.string(), z.object({ type: z.string() })) }),
    commands: z.array(z.object({ command: z.string() })),
  }),
});

describe('the manifest', () => {
  const { version, main, contributes } = manifestShape.parse(json('package.json'));

  it('has the compiler’s version, and names files that exist', () => {
    expect(version).toBe(COMPILER_VERSION);
    const files = [main, ...contributes.languages.map(({ configuration }) => configuration)];
    files.push(...contributes.grammars.map(({ path }) => path));
    for (const file of files) expect(existsSync(join(extension, file)), file).toBe(true);
  });

  it('ties the language, its files and its grammar together', () => {
    expect(contributes.languages).toMatchObject([{ id: 'mae', extensions: ['.mae'] }]);
    expect(contributes.grammars).toMatchObject([{ language: 'mae', scopeName: 'source.mae' }]);
    expect(json('syntaxes/mae.tmLanguage.json')).toMatchObject({ scopeName: 'source.mae' });
  });
});

describe('the language configuration', () => {
  const { wordPattern, indentationRules } = z
    .object({
      wordPattern: z.string(),
      indentationRules: z.object({ increaseIndentPattern: z.string(), decreaseIndentPattern: z.string() }),
    })
    .parse(json('language-configuration.json'));

  it('takes a kebab-case name, a number and a size for one word each', () => {
    const words = 'model vit-base { lr 1.5e-4 per 256, image 224x224x3 }'.match(new RegExp(wordPattern, 'g'));
    expect(words).toEqual(['model', 'vit-base', 'lr', '1.5e-4', 'per', '256', 'image', '224x224x3']);
    for (const { key } of schema) expect(key.match(new RegExp(wordPattern, 'g'))).toEqual([key]);
  });

  it.each([
    ['model a {', true],
    ['  encoder { # the {', true],
    ['  encoder { width 4', true],
    ['  encoder { width 4 }', false],
    ['# a {', false],
    ['import "{"', false],
    ['// a {', false],
    ['import "./a/{.mae" {', true],
  ])('%s indents the next line: %s', (line, indents) => {
    expect(new RegExp(indentationRules.increaseIndentPattern).test(line)).toBe(indents);
  });

  it('moves a closing brace back', () => {
    expect(new RegExp(indentationRules.decreaseIndentPattern).test('    }')).toBe(true);
  });
});

describe('the server', () => {
  const installed = join('/w', 'node_modules', 'mae-compiler');
  const main = join('dist', 'compiler', 'server', 'main.js');
  const find = (configured: string, files: Record<string, string>) =>
    serverCommand({ configured, folders: ['/other', '/w'], read: (file) => files[file] });
  const manifest = '{ "name": "mae-compiler" }';

  it('is the one that the settings name', () => {
    const files = { [join(installed, 'package.json')]: manifest, [join(installed, main)]: '' };
    expect(find('tools/main.js', files)).toEqual({ module: join('/other', 'tools', 'main.js') });
    expect(find('/opt/mae-language-server', files)).toEqual({ command: '/opt/mae-language-server' });
    expect(find('my-server', files)).toEqual({ command: 'my-server' });
  });

  it('is the one of the package that a folder of the workspace has installed, or is', () => {
    const files = { [join(installed, 'package.json')]: manifest, [join(installed, main)]: '' };
    expect(find('', files)).toEqual({ module: join(installed, main) });
    const own = { [join('/w', 'package.json')]: manifest, [join('/w', main)]: '' };
    expect(find('', own)).toEqual({ module: join('/w', main) });
  });

  it('is that of the system otherwise', () => {
    expect(find('', {})).toEqual({ command: 'mae-language-server' });
    const others = { [join('/w', 'package.json')]: '{ "name": "x" }', [join('/w', main)]: '' };
    expect(find('', others)).toEqual({ command: 'mae-language-server' });
    expect(find('', { [join('/w', 'package.json')]: '{' })).toEqual({ command: 'mae-language-server' });
    expect(find('', { [join('/w', 'package.json')]: manifest })).toEqual({ command: 'mae-language-server' });
  });
});

describe('the extension', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mae-extension-'));
    const client = join(folder, 'vscode-languageclient');
    await mkdir(client);
    await mkdir(join(folder, 'vscode'));
    // What the editor gives to its extensions, as far as this one uses it; everything is written to the output.
    await writeFile(
      join(folder, 'vscode', 'index.js'),
      `const say = (...words) => console.log(JSON.stringify(words));
      const nothing = { dispose() {} };
      exports.handlers = {};
      exports.commands = { registerCommand: (name, run) => { exports.handlers[name] = run; return nothing; } };
      exports.workspace = {
        isTrusted: process.env.TRUSTED === 'yes',
        workspaceFolders: [{ uri: { scheme: 'file', fsPath: ${JSON.stringify(folder)} } }],
        getConfiguration: () => ({ get: (name, fallback) => fallback }),
        onDidChangeConfiguration: () => nothing,
        onDidGrantWorkspaceTrust: () => nothing,
      };
      exports.window = { showErrorMessage: (message) => say('message', message) };`,
    );
    await writeFile(
      join(client, 'node.js'),
      `const say = (...words) => console.log(JSON.stringify(words));
      exports.TransportKind = { stdio: 0 };
      exports.LanguageClient = class {
        constructor(id, name, server, options) { say('client', id, server, options.documentSelector); }
        async start() { say('start'); if (process.env.FAILS === 'yes') throw new Error('no such program'); }
        async stop() { say('stop'); }
      };`,
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What the extension does when it is activated, restarted and deactivated. */
  async function lifeOf(environment: Record<string, string>): Promise<unknown[]> {
    const script = `const extension = require(${JSON.stringify(join(extension, 'extension.cjs'))});
      const context = { subscriptions: [] };
      extension.activate(context)
        .then(() => require('vscode').handlers['mae.restartServer']())
        .then(() => extension.deactivate())
        .then(() => console.log(JSON.stringify(['subscriptions', context.subscriptions.length])));`;
    const env = { ...process.env, NODE_PATH: folder, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
    return stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }

  const client = [
    'client',
    'mae',
    expect.objectContaining({ command: 'mae-language-server', transport: 0 }),
    expect.arrayContaining([{ language: 'mae', scheme: 'file' }]),
  ];

  it('starts, restarts and stops the server', async () => {
    const life = await lifeOf({ TRUSTED: 'yes' });
    expect(life).toEqual([client, ['start'], ['stop'], client, ['start'], ['stop'], ['subscriptions', 3]]);
  });

  it('starts none in a workspace that is not trusted', async () => {
    expect(await lifeOf({ TRUSTED: 'no' })).toEqual([['subscriptions', 3]]);
  });

  it('says what to do when the server does not start', async () => {
    const [, , message] = await lifeOf({ TRUSTED: 'yes', FAILS: 'yes' });
    expect(message).toEqual(['message', expect.stringMatching(/mae-language-server.*Install mae-compiler/)]);
  });
});
