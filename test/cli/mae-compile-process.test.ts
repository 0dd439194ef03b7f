import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommands } from './built-commands.ts';
import { folderWith, twoModels } from './compile-support.ts';

let built = '';

beforeAll(async () => {
  built = await buildCommands();
});
afterAll(() => rm(built, { recursive: true, force: true }));

function start(command: string, argv: readonly string[]) {
  const child = spawn(process.execPath, [join(built, command), ...argv]);
  const texts = { out: '', error: '' };
  child.stdout.on('data', (text) => {
    texts.out += String(text);
  });
  child.stderr.on('data', (text) => {
    texts.error += String(text);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { child, texts, ended };
}

const maeCompile = 'compiler/cli/mae-compile.js';

describe('the process', () => {
  it.each([
    [0, '', (spec: string) => [spec, '--no-emit']],
    [1, 'error MAE305', (spec: string) => [spec, '--no-emit', '--set', 'x.mask=60%']],
    [2, 'unknown option', (spec: string) => [spec, '--emit-nothing']],
  ])('ends with %i', async (code, message, argv) => {
    const folder = folderWith(twoModels);
    const { texts, ended } = start(maeCompile, argv(folder.at('spec')));
    expect(await ended).toBe(code);
    expect(texts.error).toContain(message);
    expect(texts.error).not.toMatch(/^\s+at /m);
  });

  it('writes the models', async () => {
    const folder = folderWith(twoModels);
    const sizes = ['--set', 'vit-b.encoder.depth=1', '--set', 'vit-b.decoder.depth=1'];
    const { texts, ended } = start(maeCompile, [
      folder.at('spec/b.mae'),
      ...sizes,
      '--out',
      folder.at('generated'),
    ]);
    expect({ code: await ended, error: texts.error }).toEqual({ code: 0, error: '' });
    expect(folder.files()).toEqual(
      expect.arrayContaining(['generated/vit-b/model.ts', 'generated/vit-b/spec.json']),
    );
  });

  it('does not complain when nobody reads its output any more', async () => {
    const unknown = Array.from({ length: 5000 }, (_, index) => `zzz${index} 1\n`).join('');
    const folder = folderWith({ 'a.mae': `model m {\n${unknown}}` });
    const { child, texts, ended } = start(maeCompile, [folder.at('a.mae'), '--format', 'json']);
    child.stdout.once('data', () => child.stdout.destroy());
    expect({ code: await ended, error: texts.error }).toEqual({ code: 1, error: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('of --watch ends with 0, quietly, on %s', async (signal) => {
    const folder = folderWith(twoModels);
    const { child, texts, ended } = start(maeCompile, [folder.at('spec'), '--watch', '--no-emit']);
    await expect.poll(() => texts.out, { timeout: 20_000 }).toContain('watching 3 files; ctrl-C ends\n');
    child.kill(signal);
    expect({ code: await ended, error: texts.error }).toEqual({ code: 0, error: '' });
    expect(texts.out).toMatch(/watching 3 files; ctrl-C ends\n$/);
  });

  it('of mae fmt reads stdin', async () => {
    const { child, texts, ended } = start('cli/mae.js', ['fmt', '-']);
    child.stdin.end('recipe  r {epochs 3}');
    expect({ code: await ended, ...texts }).toEqual({ code: 0, out: 'recipe r { epochs 3 }\n', error: '' });
  });
});
