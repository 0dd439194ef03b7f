import { describe, expect, it } from 'vitest';
import { type Folder, folderWith, twoModels } from './compile-support.ts';
import { deeper, enter, git, mae, repository, trained } from './diff-support.ts';

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
    expect(colored.out).toMatch(escapes);
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
