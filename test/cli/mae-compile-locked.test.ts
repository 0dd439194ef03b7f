import { describe, expect, it } from 'vitest';
import { compileModel } from '../language/support.ts';
import { type Folder, folderWith, maeCompile, twoModels } from './compile-support.ts';
import { deeper, trained } from './diff-support.ts';

describe('mae-compile --locked', () => {
  const locked = ['--locked', '--out'];

  /** A folder whose models have been generated, spec.json included. */
  async function generated(): Promise<Folder> {
    const folder = folderWith(twoModels);
    const { formatJson, pretrainingData, specData } = await import('../../compiler/emit/spec-json.ts');
    const { compileGraphs } = await import('../../compiler/compile-graphs.ts');
    const spec = compileModel({
      'a.mae': twoModels['spec/a.mae'],
      'recipes.mae': twoModels['spec/recipes.mae'],
    });
    const data = specData({
      spec,
      compilerVersion: '1',
      pretraining: pretrainingData(compileGraphs(spec)),
      classifiers: {},
    });
    folder.write('out/vit-a/spec.json', formatJson(data));
    return folder;
  }

  const compileIn = (folder: Folder, ...more: string[]) =>
    maeCompile(folder, [folder.at('spec'), ...locked, folder.at('out'), ...more]);

  it('lets pass what keeps weights and io, and new models', async () => {
    const folder = await generated();
    folder.write('spec/recipes.mae', trained);
    const { exitCode, generated: names } = await compileIn(folder);
    expect([exitCode, names]).toEqual([0, ['vit-a', 'vit-b']]);
  });

  it('refuses what changes them, writes nothing, and prints what it is', async () => {
    const folder = await generated();
    const before = folder.read('out/vit-a/spec.json');
    folder.write('spec/a.mae', deeper);
    const { exitCode, error, out, generated: names } = await compileIn(folder);
    expect([exitCode, out, names]).toEqual([1, '', []]);
    expect(error).toContain('encoder depth 12 → 8');
    expect(error).toContain(
      'locked  vit-a would change in weights or io; nothing was written\nhelp    if that is meant, compile without --locked\n',
    );
    expect([
      folder.read('out/vit-a/spec.json'),
      folder.files().filter((file) => file.startsWith('out')),
    ]).toEqual([before, ['out/vit-a/spec.json']]);
    expect((await compileIn(folder, '--no-emit')).exitCode).toBe(1);
  });

  it('says that the reviewed state cannot be read', async () => {
    const folder = await generated();
    folder.write('out/vit-a/spec.json', '{}');
    const { exitCode, error, generated: names } = await compileIn(folder);
    expect([exitCode, names]).toEqual([1, []]);
    expect(error).toContain(
      'error  cannot read out/vit-a: it is no spec.json of this compiler: wrong in format',
    );
  });
});
