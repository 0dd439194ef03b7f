import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { recordingIo } from './compile-support.ts';

const root = new URL('../../', import.meta.url);

/** All that a module loads before it runs: project files and packages, types and dynamic imports aside. */
function loadedBy(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const url = new URL(entry, root);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  for (const [, clause = '', specifier = ''] of text.matchAll(
    /^(?:import|export)\s([^'";]*?\sfrom\s)?'([^']+)';/gm,
  )) {
    if (/^type\s/.test(clause)) continue;
    if (specifier.startsWith('.')) loadedBy(new URL(specifier, url).href.slice(root.href.length), seen);
    else seen.add(specifier);
  }
  return seen;
}

/** Libraries that take a while to load. */
const engines = ['onnxruntime-node', '@tensorflow/tfjs', 'sharp'];
const generators = ['ts-morph', 'onnx-proto'];

describe('what is not needed is not loaded', () => {
  it.each([
    ['cli/mae.ts', [...engines, ...generators, 'chevrotain', 'zod']],
    ['compiler/cli/format-command.ts', [...engines, ...generators, 'zod']],
    ['compiler/cli/diff/diff-command.ts', [...engines, ...generators]],
    ['compiler/cli/diff/inspect-command.ts', [...engines, ...generators]],
    ['compiler/cli/mae-compile.ts', [...engines, ...generators, 'zod']],
    ['runtime/cli/check-data-command.ts', [...generators, 'chevrotain', 'onnxruntime-node', 'hyparquet']],
    ['runtime/cli/pretrain-command.ts', [...generators, 'chevrotain']],
    ['runtime/cli/reconstruct-command.ts', [...generators, 'chevrotain']],
    ['runtime/cli/export-command.ts', ['ts-morph', 'chevrotain']],
  ])('%s', (entry, packages) => {
    const loaded = loadedBy(entry);
    expect(packages.filter((name) => loaded.has(name))).toEqual([]);
    expect(loaded).toContain('@commander-js/extra-typings');
  });

  it('compiler and runtime do not load each other', () => {
    const ofCompiler = [
      ...loadedBy('compiler/cli/mae-compile.ts'),
      ...loadedBy('compiler/cli/format-command.ts'),
      ...loadedBy('compiler/cli/diff/diff-command.ts'),
      ...loadedBy('compiler/cli/diff/inspect-command.ts'),
      ...loadedBy('compiler/cli/diff/locked.ts'),
    ];
    const ofRuntime = ['pretrain', 'reconstruct', 'export'].flatMap((name) => [
      ...loadedBy(`runtime/cli/${name}-command.ts`),
    ]);
    expect(ofCompiler.filter((file) => file.startsWith('runtime/'))).toEqual([]);
    expect(ofRuntime.filter((file) => file.startsWith('compiler/'))).toEqual([]);
  });

  it('the compiler does load what generates when it generates', () => {
    expect([...loadedBy('compiler/compile-model.ts')]).toEqual(expect.arrayContaining(generators));
  });
});

it.each(commands)(
  'mae $name has the name and the summary that mae --help shows',
  async ({ name, summary, load }) => {
    const command = await load({ io: recordingIo().io, argv: [], end: () => undefined });
    expect([command.name(), command.summary()]).toEqual([name, summary]);
  },
);
