import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { main } from '../../cli/main.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';

/** Runs `mae` in this process; its exit code, and what it wrote where. */
export async function mae(...argv: string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const stream = (texts: string[]) => ({
    isTTY: false,
    columns: 100,
    write: (text: string) => texts.push(text),
  });
  const exitCode = await main(argv, { stdout: stream(out), stderr: stream(error) });
  const plain = (texts: string[]) => stripVTControlCharacters(texts.join(''));
  return { exitCode, out: plain(out), error: plain(error) };
}

interface ToyFolderOptions {
  /** Whether there is a run `finetune`. */
  readonly finetuned: boolean;
  /** How the model is compiled; without generated code if left out. */
  readonly compile?: typeof compileGraphsToFolder;
}

/**
 * A folder with the toy model compiled, ten pictures of each colour, a run `pretrain` of four steps and, if asked for, a run `finetune`
 * from it; for the tests of a file, and gone after them.
 */
export function toyFolder({ finetuned, compile = compileGraphsToFolder }: ToyFolderOptions) {
  let folder = '';
  let pictures = '';
  let compiled: CompiledModelFolder | undefined;
  const model = (): CompiledModelFolder => {
    if (compiled === undefined) throw new Error('there is a model while tests run only');
    return compiled;
  };
  const at = (...names: string[]): string => join(folder, ...names);
  const checkpoint = (run: string): string => at(run, 'checkpoint.safetensors');
  const train = (command: string, out: string, ...more: string[]) =>
    mae(
      ...[command, model().directory, '--data', pictures, '--out', at(out)],
      ...['--device', 'cpu', '--threads', '1', ...more],
    );
  const evaluate = (file: string, ...more: string[]) =>
    mae('evaluate', model().directory, '--checkpoint', file, '--data', pictures, '--threads', '1', ...more);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mae-classify-'));
    pictures = await drawColours(at('pictures'), { blue: 10, green: 10, red: 10 });
    compiled = await compile(toySpec());
    const pretrained = await train('pretrain', 'pretrain', '--batch', '6', '--steps', '4');
    expect(pretrained).toMatchObject({ exitCode: 0, error: '' });
    if (!finetuned) return;
    const result = await train('finetune', 'finetune', '--from', checkpoint('pretrain'));
    expect(result).toMatchObject({ exitCode: 0, error: '' });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await compiled?.remove();
  });

  return {
    get folder() {
      return folder;
    },
    get pictures() {
      return pictures;
    },
    get model() {
      return model();
    },
    at,
    checkpoint,
    train,
    evaluate,
  };
}
