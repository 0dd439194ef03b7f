import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CodeActionRequest,
  CompletionRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  ExitNotification,
  FoldingRangeRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PrepareRenameRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ReferencesRequest,
  RegistrationRequest,
  RenameRequest,
  SemanticTokensRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node.js';
import { COMPILER_VERSION } from '../../compiler/version.ts';
import { specOf } from '../language/support.ts';
import { applyEdits } from './support.ts';

const main = fileURLToPath(new URL('../../dist/compiler/server/main.js', import.meta.url));

/** A client as an editor is one, with the server in a process of its own. */
class Client {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly registered: string[] = [];
  errors = '';
  private readonly published: PublishDiagnosticsParams[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor() {
    const server = spawn(process.execPath, [main, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process = server;
    server.stderr.on('data', (data) => {
      this.errors += data;
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
      for (const wake of this.waiting.splice(0)) wake();
    });
    this.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registered.push(...registrations.map(({ method }) => method));
    });
    this.connection.listen();
  }

  async initialize(folder: string) {
    const uri = pathToFileURL(folder).href;
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'specs' }],
      capabilities: {
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
        workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
      },
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  open(uri: string, text: string): Promise<void> {
    const textDocument = { uri, languageId: 'mae', version: 1, text };
    return this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  }

  /** The diagnostics of a version of a document. */
  async diagnosticsOf(uri: string, version: number) {
    for (;;) {
      const found = this.published.findLast((each) => each.uri === uri && each.version === version);
      if (found !== undefined) return found.diagnostics;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Ends the server in order; its exit code. */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    const ended = exitOf(this.process);
    await this.connection.sendNotification(ExitNotification.type);
    const code = await ended;
    this.connection.dispose();
    return code;
  }
}

function exitOf(server: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => server.on('exit', resolve));
}

const positionOf = (text: string, piece: string) => {
  const before = text.slice(0, text.indexOf(piece) + 1).split('\n');
  return { line: before.length - 1, character: (before.at(-1) ?? '').length };
};

let folder = '';
const client = new Client();

beforeAll(async () => {
  expect(existsSync(main), 'npm run build comes first').toBe(true);
  folder = await mkdtemp(join(tmpdir(), 'mae-server-'));
  for (const name of ['recipes', 'vit-huge']) {
    const text = await readFile(new URL(`../../spec/${name}.mae`, import.meta.url), 'utf8');
    await writeFile(join(folder, `${name}.mae`), text);
  }
});
afterAll(async () => {
  client.process.kill();
  await rm(folder, { recursive: true, force: true });
});

const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;

describe('over stdio', () => {
  it('the server says what it can do, and asks to be told of changed files', async () => {
    const { capabilities, serverInfo } = await client.initialize(folder);
    expect(serverInfo).toEqual({ name: 'mae-language-server', version: COMPILER_VERSION });
    expect(capabilities).toMatchObject({
      textDocumentSync: 2,
      hoverProvider: true,
      definitionProvider: true,
      documentFormattingProvider: true,
      renameProvider: { prepareProvider: true },
      codeActionProvider: { codeActionKinds: ['quickfix', 'source.fixAll'] },
    });
  });

  const broken = `${specOf({ mask: 'mask ranodm 75%' })}model unclosed {\n`;
  const main = () => uriOf('main.mae');

  it('a broken document gets its diagnostics, and a fixed one loses them', async () => {
    await client.open(main(), broken);
    const found = await client.diagnosticsOf(main(), 1);
    expect(found.map(({ code }) => code)).toEqual(['MAE209', 'MAE106']);
    expect(client.registered).toEqual(['workspace/didChangeWatchedFiles']);

    const fixes = await client.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: main() },
      range: found[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: found.slice(0, 1) },
    });
    const [fix] = fixes ?? [];
    if (fix === undefined || !('edit' in fix)) throw new Error('no fix');
    expect(fix.title).toBe('write random');
    expect(applyEdits(broken, fix.edit?.changes?.[main()] ?? [])).toBe(broken.replace('ranodm', 'random'));

    // As an editor sends it: only what changed.
    const at = positionOf(broken, 'model unclosed');
    const start = { line: at.line, character: 0 };
    await client.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: main(), version: 2 },
      contentChanges: [
        { range: { start, end: { line: at.line + 1, character: 0 } }, text: '' },
        { range: found[0]?.range ?? { start, end: start }, text: 'random' },
      ],
    });
    expect(await client.diagnosticsOf(main(), 2)).toEqual([]);
  });

  const text =
    'import "./vit-huge.mae"\nimport "./recipes.mae"\nmodel wide extends vit-huge {\n  pretrain   using mae-pretrain\n}\n';
  const wide = () => uriOf('wide.mae');
  const at = (piece: string) => ({ textDocument: { uri: wide() }, position: positionOf(text, piece) });

  it('completes', async () => {
    await client.open(wide(), text);
    expect(await client.diagnosticsOf(wide(), 1)).toEqual([]);
    const items = await client.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri: wide() },
      position: { line: 3, character: 0 },
    });
    const labels = Array.isArray(items) ? items.map(({ label }) => label) : [];
    expect(labels).toContain('encoder');
    expect(labels).not.toContain('pretrain');
  });

  it('hovers, and again without a delay that one would notice', async () => {
    const hover = () => client.connection.sendRequest(HoverRequest.type, at('vit-huge {'));
    expect(JSON.stringify(await hover())).toContain('97.12 GFLOPs');
    const start = performance.now();
    await hover();
    // 20 ms on an idle machine; the bound only tells a stall from a busy one.
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('finds definitions and references', async () => {
    const definition = await client.connection.sendRequest(DefinitionRequest.type, at('mae-pretrain'));
    expect(definition).toMatchObject({ uri: uriOf('recipes.mae') });
    const references = await client.connection.sendRequest(ReferencesRequest.type, {
      ...at('mae-pretrain'),
      context: { includeDeclaration: true },
    });
    const files = new Set(references?.map(({ uri }) => uri));
    expect(files).toEqual(new Set(['recipes.mae', 'vit-huge.mae', 'wide.mae'].map(uriOf)));
  });

  it('renames across files, and says why it will not', async () => {
    const prepared = await client.connection.sendRequest(PrepareRenameRequest.type, at('vit-huge {'));
    expect(prepared).toMatchObject({ placeholder: 'vit-huge' });
    const edit = await client.connection.sendRequest(RenameRequest.type, {
      ...at('vit-huge {'),
      newName: 'huge',
    });
    expect(Object.keys(edit?.changes ?? {}).sort()).toEqual([uriOf('vit-huge.mae'), wide()].sort());
    expect(applyEdits(text, edit?.changes?.[wide()] ?? [])).toBe(text.replace('vit-huge {', 'huge {'));
    const refused = client.connection.sendRequest(RenameRequest.type, {
      ...at('vit-huge {'),
      newName: 'wide',
    });
    await expect(refused).rejects.toThrow(/there is a model ‘wide’ already/);
  });

  it('formats, outlines, folds and colours', async () => {
    const textDocument = { uri: wide() };
    const options = { tabSize: 4, insertSpaces: false };
    const edits = await client.connection.sendRequest(DocumentFormattingRequest.type, {
      textDocument,
      options,
    });
    expect(applyEdits(text, edits ?? [])).toContain('  pretrain using mae-pretrain\n');
    const symbols = await client.connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
    expect(symbols?.map(({ name }) => name)).toEqual(['import', 'import', 'wide']);
    const folds = await client.connection.sendRequest(FoldingRangeRequest.type, { textDocument });
    expect(folds).toEqual([{ startLine: 2, endLine: 3 }]);
    const tokens = await client.connection.sendRequest(SemanticTokensRequest.type, { textDocument });
    expect((tokens?.data.length ?? 0) / 5).toBe(11);
  });

  it('answers about closed, missing and strange documents', async () => {
    await client.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: wide() },
    });
    for (const uri of [wide(), 'untitled:Untitled-1', 'file://%00', 'not a uri', 'file:///%E0%A4%A']) {
      const position = { line: 99, character: 99 };
      const hover = client.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
      expect(await hover).toBeNull();
    }
    await client.open('untitled:Untitled-1', 'import "./x.mae"\nmodel a { }');
    const found = await client.diagnosticsOf('untitled:Untitled-1', 1);
    expect(found.map(({ code }) => code)).toEqual(['MAE302', 'MAE203']);
  });

  it('stays up under text that no one would write', async () => {
    const strange = [
      'model a { '.repeat(5000),
      `model a { image ${'9'.repeat(1_000_000)} }`,
      `\uFEFF\u0000\uD800 ${'{'.repeat(2000)}${'"'.repeat(999)}\r\r\n`,
      'model a { encoder { width'.repeat(2000),
    ];
    for (const [index, content] of strange.entries()) {
      const uri = uriOf(`strange-${index}.mae`);
      await client.open(uri, content);
      expect((await client.diagnosticsOf(uri, 1)).length).toBeGreaterThan(0);
      const place = { textDocument: { uri }, position: { line: 0, character: content.length } };
      await client.connection.sendRequest(CompletionRequest.type, place);
      await client.connection.sendRequest(HoverRequest.type, place);
      await client.connection.sendRequest(SemanticTokensRequest.type, place);
      await client.connection.sendRequest(DocumentFormattingRequest.type, {
        ...place,
        options: { tabSize: 2, insertSpaces: true },
      });
    }
  });

  it('ends with 0 after a shutdown, having written nothing to its error stream', async () => {
    expect(await client.stop()).toBe(0);
    expect(client.errors).toBe('');
  });

  it('ends with 1 when the editor goes away without one', async () => {
    const abandoned = new Client();
    await abandoned.initialize(folder);
    const ended = exitOf(abandoned.process);
    abandoned.connection.dispose();
    abandoned.process.stdin?.end();
    expect(await ended).toBe(1);
  });
});

describe('the command line', () => {
  const run = async (...args: string[]) => {
    const server = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    server.stdout.on('data', (data) => {
      out += data;
    });
    server.stderr.on('data', (data) => {
      out += data;
    });
    return { code: await exitOf(server), out };
  };

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('mae-language-server [options]')]);
    expect(await run('--version')).toEqual({ code: 0, out: `${COMPILER_VERSION}\n` });
  });

  it.each([[[]], [['--frob']], [['--stdio', 'spec.mae']]])('%j is refused with 2', async (args) => {
    const { code, out } = await run(...args);
    expect([code, out]).toEqual([2, expect.stringMatching(/^error: /)]);
  });
});
