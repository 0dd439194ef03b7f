import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node.js';
import { compileSources } from '../compiler/language/compile-sources.ts';
import { median } from './median.ts';

/**
 * The language's two figures: seconds to parse and check many specs, in one process, and the language server's answers in a file
 * of 500 lines, over stdio as an editor has them.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const ROUNDS = 9;

console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}\n`);
for (const count of [250, 500, 1000, 2000]) {
  const seconds = checkSeconds(count);
  console.log(
    `${String(count).padStart(5)} specs parsed and checked: ${seconds[0]?.toFixed(2)} s cold, ${median(seconds).toFixed(2)} s median`,
  );
}
console.log('');
await timeServer();

/** Specs of different sizes, each with its own recipe by import and its own values. */
function specs(count: number): ReadonlyMap<string, string> {
  const files = new Map([['recipes.mae', readFileSync(`${root}/spec/recipes.mae`, 'utf8')]]);
  for (let number = 0; number < count; number++) {
    const width = 64 * (1 + (number % 16));
    files.set(`model-${number}.mae`, `import "./recipes.mae"\n\n${model(number, width)}`);
  }
  return files;
}

function model(number: number, width: number): string {
  return `# Model ${number}.
model model-${number} {
  image   224x224x3
  patch   16
  encoder { width ${width}, depth ${1 + (number % 24)}, heads ${width / 32} }
  decoder { width 64, depth 8, heads 4 }
  mask    random ${50 + (number % 40)}%
  loss    mse { on masked, target normalized-pixels }

  pretrain using mae-pretrain { batch ${64 * (1 + (number % 8))} }
}
`;
}

/** Seconds of each round; the first is that of a process that has not yet seen a spec of this number. */
function checkSeconds(count: number): readonly number[] {
  const files = specs(count);
  const entries = [...files.keys()].filter((name) => name !== 'recipes.mae');
  const reader = {
    read: (name: string) => files.get(name),
    resolve: (_: string, imported: string) => imported.replace('./', ''),
  };
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const { models, diagnostics } = compileSources(entries, reader);
    if (models.length !== count) throw new Error(diagnostics[0]?.message);
    return (performance.now() - start) / 1000;
  });
}

async function timeServer(): Promise<void> {
  const server = spawn(process.execPath, [`${root}/dist/compiler/server/main.js`, '--stdio']);
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.listen();
  const rootUri = new URL('../../spec', import.meta.url).href;
  await connection.sendRequest(InitializeRequest.type, { processId: process.pid, rootUri, capabilities: {} });
  await connection.sendNotification(InitializedNotification.type, {});
  await timeAnswers(connection, `${rootUri}/bench.mae`);
  connection.dispose();
  server.kill();
}

async function timeAnswers(connection: ProtocolConnection, uri: string): Promise<void> {
  let text = 'import "./recipes.mae"\n';
  for (let number = 0; text.split('\n').length < 500; number++) text += `\n${model(number, 512)}`;
  const lines = text.split('\n');
  const line = lines.findLastIndex((each) => each.includes('encoder'));
  const at = { textDocument: { uri }, position: { line, character: 13 } };
  const checked = (version: number) =>
    new Promise<void>((resolve) => {
      const listening = connection.onNotification(PublishDiagnosticsNotification.type, (published) => {
        if (published.uri !== uri || published.version !== version) return;
        listening.dispose();
        resolve();
      });
    });
  const first = checked(0);
  const textDocument = { uri, languageId: 'mae', version: 0, text };
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  await first;
  const change = async (version: number) => {
    const answer = checked(version);
    const contentChanges = [{ text: `${text}# ${version}\n` }];
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges,
    });
    await answer;
  };
  const options = { tabSize: 2, insertSpaces: true };
  const ANSWERS: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
    'diagnostics after a key (150 ms of them it waits for the next)': (round) => change(round + 1),
    completion: () => connection.sendRequest(CompletionRequest.type, at),
    hover: () => connection.sendRequest(HoverRequest.type, at),
    formatting: () =>
      connection.sendRequest(DocumentFormattingRequest.type, { textDocument: { uri }, options }),
  };
  for (const [name, answer] of Object.entries(ANSWERS)) {
    const milliseconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      await answer(round);
      milliseconds.push(performance.now() - start);
    }
    console.log(
      `language server, ${lines.length} lines, ${name}: ${median(milliseconds).toFixed(1)} ms median, ${Math.max(...milliseconds).toFixed(1)} ms at most`,
    );
  }
}
