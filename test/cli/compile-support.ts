import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CommandIo } from '../../compiler/cli/command-io.ts';
import { compileMain } from '../../compiler/cli/compile-main.ts';
import type { Generate, LoadGenerator } from '../../compiler/cli/generate-models.ts';

/** A folder with these files, removed when the test has ended. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Folder {
  const folder = new Folder(mkdtempSync(join(tmpdir(), 'mae-compile-')));
  onTestFinished(() => rmSync(folder.path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder;
}

export class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  /** All files below the folder, sorted. */
  files(): string[] {
    return readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.path.length + 1))
      .sort();
  }
}

/** Two files of a model's spec, in place of all that a real one has: quick, and enough to see what is written when. */
export const generate: Generate = (spec) => ({
  name: spec.name,
  cost: {
    parameters: { total: 3000, encoder: 2000, decoder: 1000, trainable: 2900 },
    forwardFlops: { total: 4e6, encoder: 3e6, decoder: 1e6 },
    trainingFlops: 12e6,
    trainingActivationBytes: 2048,
    recomputingActivationBytes: 1024,
  },
  memory: [],
  files: [
    {
      path: 'spec.json',
      content: `${spec.name} ${spec.encoder.depth} ${spec.mask.ratio} ${spec.pretrain.epochs}\n`,
    },
    { path: 'onnx/encoder.onnx', content: Uint8Array.of(spec.encoder.depth) },
  ],
});

/** A run of the command, with what it wrote; names in `folder` without it. */
export interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly error: string;
  /** The models that were generated. */
  readonly generated: readonly string[];
}

/** Runs `mae-compile`; `load` stands for what it generates with. */
export async function maeCompile(
  { path }: Folder,
  argv: readonly string[],
  terminal: { readonly isTTY?: boolean } = {},
): Promise<Run> {
  const generated: string[] = [];
  const load: LoadGenerator = async () => (spec) => {
    generated.push(spec.name);
    return generate(spec);
  };
  const { io, texts } = recordingIo(terminal);
  const exitCode = await compileMain(argv, io, load);
  const relative = (text: string) => text.replaceAll(`${path}/`, '');
  return { exitCode, out: relative(texts.out), error: relative(texts.error), generated };
}

export function recordingIo(terminal: { readonly isTTY?: boolean } = {}, stdin?: string | Uint8Array) {
  const texts = { out: '', error: '' };
  const stream = (name: 'out' | 'error') => ({
    ...terminal,
    columns: 100,
    write(text: string) {
      texts[name] += text;
    },
  });
  async function* bytes(input: string | Uint8Array) {
    yield typeof input === 'string' ? new TextEncoder().encode(input) : input;
  }
  const io: CommandIo = {
    stdout: stream('out'),
    stderr: stream('error'),
    ...(stdin === undefined ? {} : { stdin: bytes(stdin) }),
  };
  return { io, texts };
}

const model = (name: string) => `model ${name} {
  image    32x32x3
  patch    4
  encoder  { width 192, depth 12, heads 3 }
  decoder  { width 96, depth 2, heads 3 }
  mask     random 75%
  loss     mse { target pixels }
  pretrain using short
}
`;

/** Two models of one recipe. */
export const twoModels = {
  'spec/a.mae': `import "./recipes.mae"\n\n${model('vit-a')}`,
  'spec/b.mae': `import "./recipes.mae"\n\n${model('vit-b')}`,
  'spec/recipes.mae':
    'recipe short {\n  epochs    10\n  batch     64\n  optimizer adamw { lr 1e-3 per 256 }\n}\n',
};
