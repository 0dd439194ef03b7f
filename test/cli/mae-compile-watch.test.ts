import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileMain } from '../../compiler/cli/compile-main.ts';
import { FolderWatcher } from '../../compiler/cli/folder-watcher.ts';
import { type Folder, folderWith, generate, recordingIo, twoModels } from './compile-support.ts';

/** A running `mae-compile --watch`. */
interface Watching {
  /** Resolves to what has been written since the last call, once it contains the text. */
  until(text: string): Promise<string>;
  /** What has been written since the last call, and the models generated since then. */
  readonly generated: string[];
  /** Presses ctrl-C; resolves to the exit code and all that was written after it. */
  end(): Promise<{ readonly exitCode: number; readonly text: string }>;
}

function watching(folder: Folder, ...argv: readonly string[]): Watching {
  const { io, texts } = recordingIo();
  const interrupt = new AbortController();
  const generated: string[] = [];
  const load = async () => (spec: Parameters<typeof generate>[0]) => {
    generated.push(spec.name);
    return generate(spec);
  };
  const line = [folder.at('spec'), '--out', folder.at('generated'), '--watch', ...argv];
  const ended = compileMain(line, io, load, () => interrupt.signal);
  onTestFinished(async () => {
    interrupt.abort();
    await ended;
  });
  let read = { out: 0, error: 0 };
  const news = () => {
    const text = (texts.error.slice(read.error) + texts.out.slice(read.out)).replaceAll(
      `${folder.path}/`,
      '',
    );
    return { text, end: { out: texts.out.length, error: texts.error.length } };
  };
  return {
    generated,
    async until(text) {
      for (let waited = 0; waited < 10_000; waited += 10) {
        const { text: written, end } = news();
        if (written.includes(text)) {
          read = end;
          return written;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`‘${text}’ was not written in ten seconds, but ‘${news().text}’`);
    },
    async end() {
      interrupt.abort();
      return { exitCode: await ended, text: news().text };
    },
  };
}

const waiting = '; ctrl-C ends';

describe('mae-compile --watch', () => {
  it('compiles, waits, and ends quietly with 0', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    const text = await run.until(waiting);
    expect(text).toMatch(/^generated\/vit-a: 2 of 2 files changed, \d+\.\d\d s\ngenerated\/vit-b: 2 of 2 /);
    expect(text).toMatch(/\nwatching 3 files; ctrl-C ends\n$/);
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 12 0.75 10\n');
    expect(await run.end()).toEqual({ exitCode: 0, text: '' });
  });

  it('generates the model that has changed, and no other', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    await run.until(waiting);
    const before = statSync(folder.at('generated/vit-b/spec.json'));
    run.generated.length = 0;
    folder.write('spec/a.mae', folder.read('spec/a.mae').replace('depth 12', 'depth 6'));
    const text = await run.until(waiting);
    expect(text).toMatch(/^\nspec\/a\.mae changed\ngenerated\/vit-a: 2 of 2 files changed/);
    expect(run.generated).toEqual(['vit-a']);
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 6 0.75 10\n');
    expect(statSync(folder.at('generated/vit-b/spec.json'))).toEqual(before);
  });

  it('generates all that depend on a changed import, wherever that is', async () => {
    const recipe = twoModels['spec/recipes.mae'];
    const folder = folderWith({
      'spec/a.mae': twoModels['spec/a.mae'].replace('./recipes.mae', '../shared/deep/recipes.mae'),
      'spec/b.mae': twoModels['spec/b.mae'],
      'spec/recipes.mae': recipe,
      'shared/deep/recipes.mae': 'import "./base.mae"\nrecipe short extends base {}\n',
      'shared/deep/base.mae': recipe.replace('short', 'base'),
    });
    const run = watching(folder);
    await run.until(waiting);
    run.generated.length = 0;
    folder.write('shared/deep/base.mae', folder.read('shared/deep/base.mae').replace('10', '20'));
    expect(await run.until(waiting)).toMatch(/^\nshared\/deep\/base\.mae changed\n/);
    expect(run.generated).toEqual(['vit-a']);
  });

  it('generates what uses a constant whose value changes, and nothing when it only gets another name', async () => {
    const folder = folderWith({
      ...twoModels,
      'spec/a.mae': `import "../shared/sizes.mae"\n${twoModels['spec/a.mae'].replace('depth 12', 'depth deep')}`,
      'shared/sizes.mae': 'import "./more.mae"\nlet deep layers\n',
      'shared/more.mae': 'let layers 12\nlet eight 8\n',
    });
    const run = watching(folder);
    await run.until(waiting);
    run.generated.length = 0;
    folder.write('shared/more.mae', 'let layers 6\nlet eight 8\n');
    expect(await run.until(waiting)).toMatch(/^\nshared\/more\.mae changed\ngenerated\/vit-a: /);
    expect(run.generated).toEqual(['vit-a']);
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 6 0.75 10\n');
    folder.write('shared/sizes.mae', 'let deep 6\n');
    expect(await run.until(waiting)).toContain('no model has changed');
  });

  it('generates nothing for a comment', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    await run.until(waiting);
    run.generated.length = 0;
    folder.write('spec/b.mae', `${folder.read('spec/b.mae')}\n# more to come\n`);
    expect(await run.until(waiting)).toContain('\nspec/b.mae changed\nno model has changed\n');
    expect(run.generated).toEqual([]);
  });

  it('sees files that an editor replaces', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    await run.until(waiting);
    for (const depth of [7, 8]) {
      folder.write('spec/a.mae~', twoModels['spec/a.mae'].replace('depth 12', `depth ${depth}`));
      renameSync(folder.at('spec/a.mae~'), folder.at('spec/a.mae'));
      await run.until(waiting);
      expect(folder.read('generated/vit-a/spec.json')).toBe(`vit-a ${depth} 0.75 10\n`);
    }
  });

  it('sees new files, in new folders too, and files that go', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    await run.until(waiting);
    mkdirSync(folder.at('spec/more'));
    folder.write('spec/more/c.mae', 'import "../a.mae"\n\nmodel vit-c extends vit-a { mask random 50% }\n');
    expect(await run.until(waiting)).toContain(
      'spec/more/c.mae changed\ngenerated/vit-c: 2 of 2 files changed',
    );
    folder.write('spec/more/c.mae', folder.read('spec/more/c.mae').replace('50%', '60%'));
    await run.until(waiting);
    expect(folder.read('generated/vit-c/spec.json')).toBe('vit-c 12 0.6 10\n');
    rmSync(folder.at('spec/more'), { recursive: true });
    const text = await run.until(waiting);
    expect(text).toContain('spec/more/c.mae changed\n');
    expect(text).toContain('note   generated/vit-c belongs to no model of these specs');
  });

  it('prints mistakes, writes nothing meanwhile, and goes on when they are gone', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder);
    await run.until(waiting);
    run.generated.length = 0;
    folder.write('spec/a.mae', twoModels['spec/a.mae'].replace('depth 12', 'depth 6 {'));
    folder.write('spec/b.mae', twoModels['spec/b.mae'].replace('depth 12', 'depth 5'));
    const text = await run.until(waiting);
    expect(text).toContain('spec/a.mae:6:');
    expect(text).toContain('; nothing was written\n');
    expect(run.generated).toEqual([]);
    folder.write('spec/a.mae', twoModels['spec/a.mae']);
    await run.until('generated/vit-b: 2 of 2');
    expect(run.generated).toEqual(['vit-b']);
  });

  it('waits for an import that is not there', async () => {
    const { 'spec/recipes.mae': recipes, ...models } = twoModels;
    const folder = folderWith(models);
    const run = watching(folder);
    expect(await run.until(waiting)).toContain('MAE302');
    folder.write('spec/recipes.mae', recipes);
    expect(await run.until(waiting)).toContain('generated/vit-a: 2 of 2');
  });

  it('waits for a folder that is not there, or goes and comes back', async () => {
    const folder = folderWith({});
    const run = watching(folder);
    expect(await run.until(waiting)).toMatch(
      /^error {2}cannot read .*spec: there is no such file or folder\n/,
    );
    for (const [name, text] of Object.entries(twoModels)) folder.write(name, text);
    await run.until('generated/vit-b: 2 of 2');
    rmSync(folder.at('spec'), { recursive: true });
    await run.until('spec: there is no such file or folder');
    run.generated.length = 0;
    for (const [name, text] of Object.entries(twoModels))
      folder.write(name, text.replace('depth 12', 'depth 3'));
    await run.until('generated/vit-b: 2 of 2');
    expect(run.generated).toContain('vit-a');
  });

  it('survives an output folder that cannot be written', async () => {
    const folder = folderWith({ ...twoModels, generated: 'a file' });
    const run = watching(folder);
    expect(await run.until(waiting)).toContain('error  cannot write generated/vit-a/spec.json');
    rmSync(folder.at('generated'));
    folder.write('spec/a.mae', `${twoModels['spec/a.mae']}# again\n`);
    expect(await run.until(waiting)).toContain('generated/vit-a: 2 of 2');
  });

  it('applies --set every time', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder, '--set', 'vit-a.mask=50%');
    await run.until(waiting);
    folder.write('spec/a.mae', twoModels['spec/a.mae'].replace('depth 12', 'depth 6'));
    await run.until(waiting);
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 6 0.5 10\n');
  });

  it('says nothing with --quiet', async () => {
    const folder = folderWith(twoModels);
    const run = watching(folder, '--quiet');
    await expect
      .poll(() => folder.files(), { timeout: 10_000 })
      .toContain('generated/vit-b/onnx/encoder.onnx');
    expect(await run.end()).toEqual({ exitCode: 0, text: '' });
  });
});

describe('watching folders', () => {
  it('takes a burst of changes for one, and does not mind other files', async () => {
    const folder = folderWith({ 'a.mae': '', 'log.txt': '' });
    const watcher = new FolderWatcher();
    onTestFinished(() => watcher.close());
    expect(watcher.watch([folder.path])).toBe(true);
    expect(watcher.watch([folder.path])).toBe(false);
    const never = new AbortController();
    let changes = 0;
    const count = watcher.change(never.signal).then(() => changes++);
    folder.write('log.txt', 'x');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(changes).toBe(0);
    for (let index = 0; index < 5; index++) folder.write('a.mae', String(index));
    await count;
    const quiet = AbortSignal.timeout(200);
    await watcher.change(quiet);
    expect(quiet.aborted).toBe(true);
  });
});
