import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DiagnosticsPublisher,
  type PublishedDiagnostics,
} from '../../compiler/server/diagnostics-publisher.ts';
import { Workspace } from '../../compiler/server/workspace.ts';
import { specOf } from '../language/support.ts';
import { type Files, memoryFileSystem, open } from './support.ts';

const [model = '', recipe = ''] = specOf().split(/(?=^recipe )/m);

describe('diagnostics', () => {
  let files: Files = {};
  let workspace = new Workspace(memoryFileSystem(files));
  let published: PublishedDiagnostics[] = [];
  let errors: unknown[] = [];
  let publisher = publisherOf(workspace);

  function publisherOf(of: Workspace): DiagnosticsPublisher {
    return new DiagnosticsPublisher(of, {
      delay: 100,
      publish: (each) => published.push(each),
      onError: (error) => errors.push(error),
    });
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    files = {};
    workspace = new Workspace(memoryFileSystem(files));
    published = [];
    errors = [];
    publisher = publisherOf(workspace);
  });
  afterEach(() => {
    vi.useRealTimers();
    expect(errors).toEqual([]);
  });

  /** What is published once the delay is over and all open files are checked: codes by file. */
  async function publishedAfter(
    milliseconds: number,
  ): Promise<Record<string, (string | number | undefined)[]>> {
    published = [];
    await vi.advanceTimersByTimeAsync(milliseconds);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    return Object.fromEntries(
      published.map(({ uri, diagnostics }) => [
        uri.replace('file:///w/', ''),
        diagnostics.map(({ code }) => code),
      ]),
    );
  }

  it('come after the delay, once however often the text changed', async () => {
    for (let version = 1; version < 5; version++) {
      open(workspace, '/w/a.mae', `model a { frob ${version} }`, version);
      publisher.schedule();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(await publishedAfter(40)).toEqual({});
    expect(await publishedAfter(20)).toEqual({ 'a.mae': ['MAE203', 'MAE201'] });
    expect(published[0]).toMatchObject({ version: 4 });
  });

  it('say help, related places and whether something is only superfluous', async () => {
    files['/w/recipes.mae'] = recipe;
    const wrong = specOf({ encoder: 'encoder { width 190, depth 2, heads 4 }' });
    open(workspace, '/w/a.mae', wrong);
    open(workspace, '/w/b.mae', `import "./recipes.mae"\n${specOf().replaceAll('test-recipe', 'own')}`);
    publisher.schedule();
    await publishedAfter(100);
    const [a, b] = published;
    const [first] = a?.diagnostics ?? [];
    expect(first?.message).toMatch(
      /^width 190 is not a multiple of heads 4\nhelp: the nearest widths are 188 and 192$/,
    );
    expect(first).toMatchObject({ severity: 1, source: 'mae', code: 'MAE204' });
    expect(first?.relatedInformation).toMatchObject([
      { message: '4 heads', location: { uri: 'file:///w/a.mae' } },
    ]);
    expect(b?.diagnostics).toMatchObject([{ code: 'MAE308', severity: 2, tags: [1] }]);
  });

  it('of an importing file follow the unsaved text of what it imports', async () => {
    files['/w/recipes.mae'] = recipe;
    open(workspace, '/w/a.mae', `import "./recipes.mae"\n${model}`);
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': [] });
    open(workspace, '/w/recipes.mae', recipe.replace('test-recipe', 'renamed'));
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': ['MAE305'], 'recipes.mae': [] });
    workspace.closeDocument('file:///w/recipes.mae');
    publisher.schedule(0);
    expect(await publishedAfter(0)).toEqual({ 'a.mae': [], 'recipes.mae': [] });
  });

  it('of imported files are shown while a file that imports them is open', async () => {
    files['/w/recipes.mae'] = recipe.replace('epochs 10', 'epochs none');
    open(workspace, '/w/a.mae', `import "./recipes.mae"\n${model}`);
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': [], 'recipes.mae': ['MAE205'] });
    expect(published.find(({ uri }) => uri.endsWith('recipes.mae'))?.version).toBeUndefined();
    files['/w/recipes.mae'] = recipe;
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'recipes.mae': [] });
    files['/w/recipes.mae'] = '}';
    publisher.schedule();
    expect(await publishedAfter(100)).toMatchObject({ 'recipes.mae': ['MAE107'] });
    workspace.closeDocument('file:///w/a.mae');
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': [], 'recipes.mae': [] });
  });

  it('of files that a change does not concern are not sent again', async () => {
    open(workspace, '/w/a.mae', specOf());
    open(workspace, '/w/b.mae', 'model b { }');
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': [], 'b.mae': ['MAE203'] });
    open(workspace, '/w/a.mae', '}', 2);
    publisher.schedule();
    expect(await publishedAfter(100)).toEqual({ 'a.mae': ['MAE107'] });
  });

  it('of the other files come even if checking one fails by a mistake of ours', async () => {
    const broken = memoryFileSystem(files);
    const failing = new Workspace({
      ...broken,
      read(file) {
        if (file.endsWith('trap.mae')) throw new Error('sprung');
        return broken.read(file);
      },
    });
    open(failing, '/w/a.mae', 'import "./trap.mae"');
    open(failing, '/w/b.mae', '}');
    publisherOf(failing).schedule();
    expect(await publishedAfter(100)).toEqual({ 'b.mae': ['MAE107'] });
    expect(errors.splice(0)).toEqual([new Error('sprung')]);
  });

  it('stop when the server does', async () => {
    open(workspace, '/w/a.mae', '}');
    publisher.schedule();
    publisher.stop();
    expect(await publishedAfter(200)).toEqual({});
  });
});
