import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import { main } from '../../cli/main.ts';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import type { CompiledParameter, CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';

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

/** As `mae`, for what must go well; what it wrote to its output. */
export async function succeed(...argv: string[]): Promise<string> {
  const { exitCode, out, error } = await mae(...argv);
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
  return out;
}

/** Weights of a masked autoencoder and of the classifier of its fine-tuning, none near zero: every part of them shows in what comes out. */
export function strongWeights({ parameters, classifiers }: CompiledSpec): NamedTensor[] {
  const all = new Map([...parameters, ...(classifiers.finetune?.parameters ?? [])].map((p) => [p.name, p]));
  return [...all.values()].map(strongTensor);
}

function strongTensor({ name, shape }: CompiledParameter): NamedTensor {
  const random = Random.from('strong weights', name);
  const centre = /norm.*weight/.test(name) ? 1 : 0;
  const elements = shape.reduce((product, side) => product * side, 1);
  return { name, shape, data: Float32Array.from({ length: elements }, () => centre + 0.3 * random.normal()) };
}

/** The features of a safetensors file that `mae features` wrote. */
export async function readFeatures(path: string) {
  const file = await SafetensorsFile.open(path);
  try {
    const shape = file.tensors.get('features')?.shape;
    return { shape, values: await file.read('features'), image: file.metadata.get('image') };
  } finally {
    await file.close();
  }
}
