import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../cli/main.ts';
import { compiledFile } from '../../compiler/diff/onnx/compiled-file.ts';
import { modelData } from '../../compiler/emit/spec-json.ts';
import { edited, exported } from '../diff/onnx/support.ts';
import { compileModel } from '../language/support.ts';
import { modelSpec } from '../support/specs.ts';
import { type Folder, folderWith, maeCompile, recordingIo, twoModels } from './compile-support.ts';

/** Runs `mae`; names in `folder` without it. */
async function mae(folder: Folder, argv: readonly string[], terminal: { readonly isTTY?: boolean } = {}) {
  const { io, texts } = recordingIo(terminal);
  const exitCode = await main(argv, io);
  const relative = (text: string) => text.replaceAll(`${folder.path}/`, '').replaceAll('\n', '\n');
  return { exitCode, out: relative(texts.out), error: relative(texts.error) };
}

/** Works in a folder until the test has ended. */
function enter(folder: Folder): void {
  const before = process.cwd();
  process.chdir(folder.path);
  onTestFinished(() => process.chdir(before));
}

function git(folder: Folder, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A repository whose branch `main` has two models; the working folder. */
function repository(): Folder {
  const folder = folderWith(twoModels);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'first');
  enter(folder);
  return folder;
}

const deeper = twoModels['spec/a.mae'].replace('depth 12', 'depth 8');
const trained = twoModels['spec/recipes.mae'].replace('epochs    10', 'epochs    20');

describe('mae diff of files', () => {
  it('tells what differs, and ends with 0 unless asked to fail', async () => {
    const folder = folderWith({ ...twoModels, 'new.mae': deeper.replace('./recipes', './spec/recipes') });
    const sides = [folder.at('spec/a.mae'), folder.at('new.mae')];
    const { exitCode, out, error } = await mae(folder, ['diff', ...sides]);
    expect([exitCode, error]).toEqual([0, '']);
    expect(out).toMatch(
      /^spec\/a\.mae → new\.mae\n\nvit-a\nweights {3}encoder-depth {2}spec\/a\.mae:6 → new\.mae:6\n/,
    );
    expect(out).toMatch(/drops\s+blocks\.8–11/);
    expect(out.trimEnd().split('\n').at(-1)).toBe('1 change: 1 weights');
  });

  it.each([
    ['weights', 0],
    ['io', 0],
    ['numerics', 0],
    ['recipe', 1],
    ['cosmetic', 1],
  ])('--fail-on %s ends with %d for a change of the recipe', async (grade, expected) => {
    const folder = folderWith({
      ...twoModels,
      'new/a.mae': twoModels['spec/a.mae'],
      'new/recipes.mae': trained,
    });
    const sides = [folder.at('spec/a.mae'), folder.at('new/a.mae')];
    expect((await mae(folder, ['diff', ...sides, '--fail-on', grade])).exitCode).toBe(expected);
  });

  it('takes two spellings of one architecture for the same', async () => {
    const folder = folderWith({
      ...twoModels,
      'flat.mae': `let tile 4
# Every default spelled out, in another order.
model vit-a {
  pretrain { batch 64, epochs 10, warmup 0, optimizer adamw { weight-decay 0.05, lr 1e-3 per 256 } }
  loss     mse { target pixels, on masked }
  mask     random 0.75
  decoder  { heads 3, depth 2, width 96, mlp 4x }
  encoder  { mlp 768, heads 3, depth 12, width 192, class-token yes, positions sincos-2d }
  patch    tile
  image    32x32x3 { mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225 }
}`,
      'extends.mae': 'import "./spec/a.mae"\nmodel vit-derived extends vit-a { }',
    });
    const one = folder.at('spec/a.mae');
    const flat = await mae(folder, ['diff', one, folder.at('flat.mae'), '--fail-on', 'recipe']);
    expect(flat.exitCode).toBe(0);
    expect(flat.out).toContain('2 changes: 2 cosmetic');
    const derived = await mae(folder, ['diff', one, folder.at('extends.mae'), '--fail-on', 'recipe']);
    expect([derived.exitCode, derived.out.trimEnd().split('\n').at(-1)]).toEqual([0, '1 change: 1 cosmetic']);
  });

  it('picks a model of several, and the folder’s model of the same name', async () => {
    const folder = folderWith(twoModels);
    const spec = folder.at('spec');
    const picked = await mae(folder, ['diff', `${spec}#vit-a`, `${spec}#vit-b`]);
    expect(picked.out).toContain('vit-a → vit-b');
    const alone = await mae(folder, ['diff', spec, folder.at('spec/b.mae')]);
    expect(alone.out).toBe('spec → spec/b.mae\n\nthe same: 1 model, nothing differs\n');
    const wrong = await mae(folder, ['diff', `${spec}#vit-c`, spec]);
    expect([wrong.exitCode, wrong.error]).toEqual([
      2,
      'error  spec has no model vit-c\nhelp   did you mean vit-a? It has vit-a and vit-b\n',
    ]);
  });

  it('is coloured on a terminal only', async () => {
    const folder = folderWith({ ...twoModels, 'spec/a2.mae': deeper });
    const argv = ['diff', folder.at('spec/a.mae'), folder.at('spec/a2.mae')];
    const plain = await mae(folder, argv);
    const colored = await mae(folder, argv, { isTTY: true });
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(plain.out).not.toMatch(escapes);
    if (!process.env.NO_COLOR) expect(colored.out).toMatch(escapes);
    expect(colored.out.replace(escapes, '')).toBe(plain.out);
  });
});

describe('the formats', () => {
  const sides = () => {
    const folder = folderWith({ ...twoModels, 'spec/a2.mae': deeper });
    return { folder, argv: ['diff', folder.at('spec/a.mae'), folder.at('spec/a2.mae')] };
  };

  it('html is one page that needs no other', async () => {
    const { folder, argv } = sides();
    const { out, error, exitCode } = await mae(folder, [...argv, '--format', 'html']);
    expect([exitCode, error]).toEqual([0, '']);
    expect(out).toMatch(/^<!doctype html>\n.*<\/html>\n$/s);
    expect(out).toContain('drops blocks.8–11');
  });

  it('json is one document', async () => {
    const { folder, argv } = sides();
    const { out, error } = await mae(folder, [...argv, '--format', 'json']);
    const report: unknown = JSON.parse(out);
    expect(error).toBe('');
    expect(report).toMatchObject({
      version: 1,
      gravest: 'weights',
      counts: { weights: 1, io: 0 },
      models: [{ status: 'changed', changes: [{ rule: 'encoder-depth', old: '12', new: '8' }] }],
    });
  });

  it('github annotates the new file', async () => {
    const { folder, argv } = sides();
    const { out } = await mae(folder, [...argv, '--format', 'github', '--fail-on', 'weights']);
    expect(out).toMatch(
      /^::error file=spec\/a2\.mae,line=6,col=25,endColumn=32,title=encoder-depth \(weights\)::vit-a: encoder depth 12 → 8: .*\n1 change: 1 weights\n$/,
    );
  });

  it('sarif names the rule and the place', async () => {
    const { folder, argv } = sides();
    const log = JSON.parse((await mae(folder, [...argv, '--format', 'sarif'])).out);
    expect(log.runs[0].results).toMatchObject([
      {
        ruleId: 'encoder-depth',
        level: 'warning',
        locations: [
          { physicalLocation: { region: { startLine: 6, startColumn: 25, endLine: 6, endColumn: 32 } } },
        ],
      },
    ]);
    const [{ ruleIndex, ruleId }] = log.runs[0].results;
    expect(log.runs[0].tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  it('markdown is for a pull request', async () => {
    const { folder, argv } = sides();
    const { out } = await mae(folder, [...argv, '--format', 'markdown']);
    expect(out).toContain('**1 change: 1 weights**');
    expect(out).toContain('<details><summary>Weights: ');
  });
});

describe('mae diff in git', () => {
  it('--against compares the working tree with a revision', async () => {
    const folder = repository();
    expect((await mae(folder, ['diff', '--against', 'main'])).out).toContain(
      'the same: 2 models, nothing differs',
    );
    folder.write('spec/a.mae', deeper);
    folder.write('spec/recipes.mae', trained);
    const { out, exitCode } = await mae(folder, ['diff', '--against', 'main', '--fail-on', 'weights']);
    expect(exitCode).toBe(1);
    expect(out).toContain('main:./spec → spec');
    expect(out).toContain('encoder-depth  main:spec/a.mae:6 → spec/a.mae:6');
    expect(out).toContain('recipe-epochs  main:spec/recipes.mae:2 → spec/recipes.mae:2');
    expect(out).toContain('3 changes: 1 weights and 2 recipe');
  });

  it('compares one file below a folder of the repository, and two revisions', async () => {
    const folder = repository();
    folder.write('spec/a.mae', deeper);
    git(folder, 'commit', '--quiet', '--all', '-m', 'second');
    const two = await mae(folder, ['diff', 'HEAD~1:spec/a.mae', 'HEAD:spec/a.mae', '--format', 'github']);
    // Neither side is on disk, so there is no place to annotate.
    expect(two.out).toMatch(/^::warning title=encoder-depth \(weights\)::/);
    enter(new (folder.constructor as new (path: string) => Folder)(folder.at('spec')));
    const { out } = await mae(folder, ['diff', '--against', 'HEAD~1', 'a.mae']);
    expect(out).toContain('encoder-depth  HEAD~1:spec/a.mae:6 → a.mae:6');
  });

  it('looks for imports beside the file that a copy is of', async () => {
    const folder = repository();
    folder.write('copy.mae', deeper);
    const sides = ['spec/a.mae', 'copy.mae'];
    expect((await mae(folder, ['diff', ...sides])).exitCode).toBe(2);
    const { out, error } = await mae(folder, ['diff', '--as=spec/a.mae', ...sides]);
    expect(error).toBe('');
    expect(out).toContain('encoder depth 12 → 8');
  });
});

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

describe('mae inspect and mae compare', () => {
  it('show one model as a tree, and several side by side', async () => {
    const folder = folderWith(twoModels);
    const tree = await mae(folder, ['inspect', folder.at('spec/a.mae')]);
    expect(tree.exitCode).toBe(0);
    expect(tree.out).toMatch(/\n {2}blocks ×12 {2,}\[batch\*17, 192\]/);
    const columns = await mae(folder, ['compare', folder.at('spec')]);
    expect(columns.out).toMatch(/^ +vit-a +vit-b\n/);
    const json = JSON.parse((await mae(folder, ['inspect', folder.at('spec'), '--format', 'json'])).out);
    expect(json.models.map(({ name }: { name: string }) => name)).toEqual(['vit-a', 'vit-b']);
    const table = await mae(folder, ['compare', folder.at('spec'), '--format', 'markdown']);
    expect(table.out).toMatch(/^\| +\| vit-a \| vit-b \|\n/);
  });

  it.each(['inspect', 'compare'])('%s refuses what it cannot read', async (name) => {
    const { exitCode, error } = await mae(folderWith({}), [name, 'nothing.mae']);
    expect([exitCode, error.split('\n')[0]]).toEqual([
      2,
      'error  cannot read nothing.mae: there is no such file or folder',
    ]);
  });
});

describe('mae diff of ONNX files', () => {
  const model = modelSpec({ name: 'vit-small' });
  const encoder = compiledFile(model, 'encoder') ?? new Uint8Array();
  const small = `model vit-small {
  image 16x16x3; patch 4
  encoder { width 16, depth 2, heads 2 }
  decoder { width 8, depth 1, heads 2 }
  mask random 75%; loss mse { target pixels }
  pretrain { batch 64, epochs 10, warmup 0, optimizer adamw { weight-decay 0.05, lr 1e-3 per 256 } }
}`;

  it('tells whether a file was compiled from a spec', async () => {
    // The test's model has another mean and deviation.
    const spec = small.replace('16x16x3;', '16x16x3 { mean 0.5 0.5 0.5, deviation 0.5 0.5 0.5 };');
    const folder = folderWith({
      'a.mae': spec,
      'other.mae': spec.replace('depth 2', 'depth 3'),
      'encoder.onnx': encoder,
    });
    const file = folder.at('encoder.onnx');
    const yes = await mae(folder, ['diff', folder.at('a.mae'), file, '--fail-on', 'cosmetic']);
    expect([yes.exitCode, yes.error]).toEqual([0, '']);
    expect(yes.out).toContain('yes: encoder of vit-small was compiled from this spec');
    const no = await mae(folder, [
      'diff',
      file,
      folder.at('other.mae'),
      '--fail-on',
      'cosmetic',
      '--format',
      'json',
    ]);
    expect([no.exitCode, JSON.parse(no.out).onnx.compiledFrom.yes]).toEqual([1, false]);
    const annotated = await mae(folder, ['diff', file, folder.at('other.mae'), '--format', 'github']);
    expect(annotated.out).toContain('other.mae: 12 weights have no counterpart in the old file');
  });

  it.each([
    ['none.onnx', 'cannot read none.onnx: there is no such file or folder', 'name an .onnx file on disk'],
    ['text.onnx', 'cannot read text.onnx: it is no ONNX model', 'is it an .onnx file, and whole?'],
    [
      'foreign.onnx',
      'cannot compare foreign.onnx with a.mae: its metadata does not say what it was compiled from',
      'only files that mae-compile or mae export wrote can be; compare it with another .onnx file instead',
    ],
    [
      'odd.onnx',
      'cannot compare odd.onnx with a.mae: vit-small compiles to no odd.onnx',
      'compare it with a spec that asks for it',
    ],
    [
      'outside.onnx',
      'cannot read outside.onnx: its weights lie at "../secret", not beside it',
      'keep the files',
    ],
    [
      'short.onnx',
      'cannot read short.onnx: short.data, which has its weights, ends too early',
      'keep the files',
    ],
    [
      'apart.onnx',
      'cannot read apart.onnx: its weights in gone.data cannot be read: there is no such',
      'keep the files',
    ],
  ])('%s is refused with a reason', async (name, message, help) => {
    const describedAs = (graph?: string) =>
      edited(encoder, (proto) => {
        proto.metadataProps =
          graph === undefined
            ? []
            : [
                { key: 'mae.model', value: 'x' },
                { key: 'mae.graph', value: graph },
              ];
      });
    const external = (location: string) =>
      edited(exported(encoder), (_, graph) => {
        const tensor = graph.initializer?.at(-1);
        if (tensor)
          tensor.externalData = [
            { key: 'location', value: location },
            { key: 'length', value: '64' },
          ];
      });
    const folder = folderWith({
      'a.mae': small,
      'text.onnx': 'model',
      'foreign.onnx': describedAs(),
      'odd.onnx': describedAs('odd'),
      'outside.onnx': external('../secret'),
      'short.onnx': external('short.data'),
      'short.data': 'x',
      'apart.onnx': external('gone.data'),
    });
    enter(folder);
    const { exitCode, out, error } = await mae(folder, ['diff', name, 'a.mae']);
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toContain(`error  ${message}`);
    expect(error).toContain(`help   ${help}`);
  });
});

describe('mae draw', () => {
  it('prints a drawing, or writes it where it is told to', async () => {
    const folder = folderWith(twoModels);
    const printed = await mae(folder, ['draw', folder.at('spec/a.mae')]);
    expect([printed.exitCode, printed.error]).toEqual([0, '']);
    expect(printed.out).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(printed.out).toContain('>vit-a</text>');
    const written = await mae(folder, ['draw', folder.at('spec#vit-a'), '--out', folder.at('new/a.svg')]);
    expect([written.exitCode, written.out, written.error]).toEqual([0, '', '']);
    expect(readFileSync(folder.at('new/a.svg'), 'utf8')).toBe(printed.out);
  });

  it('draws one model at a time, and says where it cannot write', async () => {
    const folder = folderWith(twoModels);
    const several = await mae(folder, ['draw', folder.at('spec')]);
    expect([several.exitCode, several.out, several.error]).toEqual([
      2,
      '',
      'error  spec has 2 models, and one is drawn at a time\nhelp   name one of vit-a and vit-b: mae draw spec#vit-a\n',
    ]);
    const blocked = await mae(folder, [
      'draw',
      folder.at('spec/a.mae'),
      '--out',
      folder.at('spec/a.mae/x.svg'),
    ]);
    expect(blocked.exitCode).toBe(2);
    expect(blocked.error).toContain(
      'cannot write spec/a.mae/x.svg: a part of the path is a file, not a folder',
    );
  });
});

describe('mae-compile --locked', () => {
  const locked = ['--locked', '--out'];

  /** A folder whose models have been generated, spec.json included. */
  async function generated(): Promise<Folder> {
    const folder = folderWith(twoModels);
    const { pretrainingData, specData, formatJson } = await import('../../compiler/emit/spec-json.ts');
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
