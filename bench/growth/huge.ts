import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { formatBytes } from '../../runtime/train/format.ts';
import { compilePoint } from './compile-point.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiles ViT-H and runs its encoder on one picture in a process of its own; says in two lines what that took. */
export async function reportHuge(folder: string, threads: number): Promise<string> {
  const reader = {
    read: (name: string) => readFileSync(join(root, 'spec', name), 'utf8'),
    resolve: (_: string, imported: string) => imported.replace('./', ''),
  };
  const [model] = compileSources(['vit-huge.mae'], reader).models;
  if (model === undefined) throw new Error('spec/vit-huge.mae does not compile');
  const directory = join(folder, 'vit-huge');
  const compiled = compilePoint(model, directory, 1);
  const worker = fileURLToPath(new URL('huge-worker.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [worker, directory, String(threads)]);
  const { seconds, peakBytes, parameterBytes, tokens, values, finite } = JSON.parse(stdout);
  if (!finite) throw new Error('the encoder of ViT-H yields numbers that are not finite');
  const [first, second] = seconds.map((each: number) => each.toFixed(2));
  return `ViT-H compiled: ${compiled.seconds.toFixed(2)} s of the processor, ${formatBytes(compiled.bytes)} of files
its encoder on one picture: ${tokens} tokens of ${values / tokens} numbers, ${first} s at first and ${second} s then, peak memory ${formatBytes(peakBytes)} (parameters with the decoder's ${formatBytes(parameterBytes)})`;
}
