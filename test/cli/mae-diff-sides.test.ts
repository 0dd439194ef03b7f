import { describe, expect, it, onTestFinished } from 'vitest';
import { modelData } from '../../compiler/emit/spec-json.ts';
import { compileModel } from '../language/support.ts';
import { folderWith, twoModels } from './compile-support.ts';
import { enter, git, mae } from './diff-support.ts';

describe('other sides', () => {
  const spec = compileModel({
    'a.mae': twoModels['spec/a.mae'],
    'recipes.mae': twoModels['spec/recipes.mae'],
  });

  /** A safetensors file with the metadata of a checkpoint. */
  function checkpoint(metadata: Readonly<Record<string, string>>): Uint8Array {
    const tensors = {
      cls_token: { dtype: 'F32', shape: [1, 1, 192], data_offsets: [0, 768] },
      'optimizer.first_moment.cls_token': { dtype: 'F32', shape: [1, 1, 192], data_offsets: [768, 1536] },
    };
    const json = Buffer.from(JSON.stringify({ __metadata__: metadata, ...tensors }));
    const bytes = Buffer.alloc(8 + json.length + 1536);
    bytes.writeBigUInt64LE(BigInt(json.length));
    json.copy(bytes, 8);
    return bytes;
  }

  const recipe = JSON.stringify(spec.pretrain);

  it('a checkpoint is what its metadata and its tensors say', async () => {
    const deep = { ...modelData(spec), encoder: { ...spec.encoder, depth: 6 } };
    const folder = folderWith({
      ...twoModels,
      'x.safetensors': checkpoint({ spec: JSON.stringify(deep), recipe }),
    });
    const { out, exitCode } = await mae(folder, ['diff', folder.at('x.safetensors'), folder.at('spec')]);
    expect(exitCode).toBe(0);
    expect(out).toContain('encoder depth 6 → 12');
    // It lists one tensor, and the training's state does not count.
    expect(out).toMatch(/weights {2}1 kept, \d+ new/);
  });

  it.each([
    ['nothing.mae', 'cannot read nothing.mae: there is no such file or folder', 'name a .mae file'],
    ['note.txt', 'cannot compare note.txt: it is no spec', 'name a .mae file'],
    [
      'weights.safetensors',
      'cannot read weights.safetensors: its metadata does not say what model it is of',
      'only',
    ],
    [
      'short.safetensors',
      'cannot read short.safetensors: it ends within its header',
      'is it a .safetensors file',
    ],
    ['broken.json', 'cannot read broken.json: it is not JSON', 'compile the model again'],
    ['empty', 'there are no .mae files in empty', 'put a spec there'],
    ['recipes.mae', 'recipes.mae declares no model', 'a model begins with'],
    ['wrong.mae', 'wrong.mae has mistakes', 'put them right'],
    ['nowhere:spec', 'git knows no revision nowhere here', 'name a branch'],
    ['main:nowhere.mae', 'cannot read main:nowhere.mae: main has no such file or folder', 'name a .mae file'],
    [
      'main:x.safetensors',
      'cannot read main:x.safetensors: weights are not read from git',
      'name a checkpoint on disk',
    ],
  ])('%s is refused with a reason', async (name, message, help) => {
    const folder = folderWith({
      'note.txt': '',
      'weights.safetensors': checkpoint({ format: 'pt' }),
      'short.safetensors': Uint8Array.of(1, 2),
      'broken.json': '{',
      'empty/note.txt': '',
      'recipes.mae': twoModels['spec/recipes.mae'],
      'wrong.mae': 'model m { patchh 4 }',
      'x.safetensors': checkpoint({}),
    });
    git(folder, 'init', '--quiet', '--initial-branch=main');
    git(folder, 'add', '.');
    git(folder, 'commit', '--quiet', '-m', 'first');
    enter(folder);
    const { exitCode, out, error } = await mae(folder, ['diff', name, 'recipes.mae']);
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toContain(`error  ${message}\nhelp   ${help}`);
    expect(error).not.toContain('internal error');
    if (name === 'wrong.mae') expect(error).toContain('patchh');
  });

  it('a file that git difftool does not find on one side is no model there', async () => {
    const folder = folderWith(twoModels);
    const { exitCode, out } = await mae(folder, ['diff', '/dev/null', folder.at('spec/a.mae')]);
    expect(exitCode).toBe(0);
    expect(out).toContain('vit-a (added)\ncosmetic  model-added\n          model vit-a is new\n');
  });

  it('outside of a repository there are no revisions', async () => {
    const folder = folderWith(twoModels);
    enter(folder);
    const { exitCode, error } = await mae(folder, ['diff', '--against', 'main']);
    expect(exitCode).toBe(2);
    expect(error).toContain('cannot read main: this folder is in no git repository');
  });

  it('without git there are none either', async () => {
    const folder = folderWith(twoModels);
    enter(folder);
    const { PATH } = process.env;
    process.env.PATH = folder.path;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    const { exitCode, error } = await mae(folder, ['diff', '--against', 'main']);
    expect([exitCode, error]).toEqual([
      2,
      'error  git cannot be run\nhelp   install git, or compare files and folders instead\n',
    ]);
  });

  it.each([
    [['diff'], 'two sides can be compared, not 0; or name a revision: mae diff --against main'],
    [['diff', 'a', 'b', 'c'], 'two sides can be compared, not 3'],
    [['diff', '--against', 'main', 'a', 'b'], '--against takes one path'],
    [['diff', 'a', 'b', '--fail-on', 'shape'], 'Allowed choices are weights, io, numerics, recipe, cosmetic'],
    [['diff', 'a', 'b', '--textconv'], '--textconv takes one file'],
  ])('%j is no command line', async (argv, message) => {
    const { exitCode, error } = await mae(folderWith({}), argv);
    expect(exitCode).toBe(2);
    expect(error).toContain(message);
  });
});
