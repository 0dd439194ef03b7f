import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runFinetuning, runLinearProbing } from '../../runtime/cli/generated-trainer.ts';
import type { CompiledClassifierRecipe } from '../../runtime/model/compiled-spec.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { compileToFolder } from '../support/compiled-model.ts';
import { mae, toyFolder } from './toy-folder.ts';

const toy = toyFolder({ finetuned: true, compile: compileToFolder });
const { at, checkpoint, evaluate, train } = toy;

describe('mae finetune', () => {
  test('stopped and resumed gives the same bits as in one go, and says how it went', async () => {
    const from = ['--from', checkpoint('pretrain')];
    const first = await train('finetune', 'parts', ...from, '--steps', '5');
    expect(first.exitCode).toBe(0);
    const goOn = first.out.match(/^go on {5}mae (.*)$/m)?.[1] ?? '';
    expect(goOn).not.toContain('--from');
    const last = await mae(...goOn.split(' '));
    expect(last).toMatchObject({ exitCode: 0, error: '' });
    for (const text of [
      'epoch 5: validation top-1 100.00%, top-5 100.00%',
      'accuracy  top-1 100.00%, at best 100.00%',
      `best      ${at('parts', 'best.safetensors')}`,
      `look at   ${at('parts', 'predictions.png')}`,
    ]) {
      expect(last.out).toContain(text);
    }
    const [whole, parts] = await Promise.all(
      ['finetune', 'parts'].map((run) => SafetensorsFile.open(checkpoint(run))),
    );
    for (const name of whole?.tensors.keys() ?? []) {
      expect(await parts?.read(name), name).toEqual(await whole?.read(name));
    }
    await whole?.close();
    await parts?.close();
  });

  test('goes into a folder of its own unless it is told another', async () => {
    const before = process.cwd();
    process.chdir(toy.folder);
    try {
      const argv = ['finetune', toy.model.directory, '--data', 'pictures', '--scratch', '--steps', '1'];
      expect((await mae(...argv, '--validation', '0', '--device', 'cpu')).exitCode).toBe(0);
      expect((await readLog(at('runs', 'toy-finetune', 'log.jsonl')))[0]).toMatchObject({
        training: 'finetune',
        recipe: { name: 'toy-finetune' },
      });
    } finally {
      process.chdir(before);
    }
  });
});

describe('mae linear-probe', () => {
  test('trains a classifier that mae evaluate measures as it did', async () => {
    const probed = await train('linear-probe', 'probe', '--from', checkpoint('pretrain'));
    expect(probed).toMatchObject({ exitCode: 0, error: '' });
    const epochs = (await readLog(at('probe', 'log.jsonl'))).flatMap((line) =>
      line.event === 'epoch' ? [line] : [],
    );
    const { exitCode, out } = await evaluate(checkpoint('probe'), '--json');
    expect(exitCode).toBe(0);
    const { top1, loss, pictures: count } = JSON.parse(out);
    expect(100 * top1).toBeCloseTo(epochs.at(-1)?.test_acc1 ?? Number.NaN, 6);
    expect(loss).toBeCloseTo(epochs.at(-1)?.test_loss ?? Number.NaN, 6);
    expect(count).toBe(3);
  });
});

describe('a generated trainer', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  /** Runs it as the generated file does, in this process. */
  async function trainer(
    run: typeof runFinetuning,
    recipe: CompiledClassifierRecipe | undefined,
    ...argv: string[]
  ) {
    const written: string[] = [];
    const keep = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    const directory = pathToFileURL(`${toy.model.directory}/`);
    await run({ directory, ...(recipe ? { recipe } : {}), argv: [...argv, '--device', 'cpu'] });
    const { exitCode } = process;
    vi.restoreAllMocks();
    return { exitCode, text: stripVTControlCharacters(written.join('')) };
  }

  const finetune = () => {
    const { finetune: recipe } = toy.model.spec.recipes;
    if (recipe === undefined) throw new Error('compiled without it');
    return recipe;
  };

  test.each([
    ['finetune', runFinetuning],
    ['linear-probe', runLinearProbing],
  ] as const)('%s.js trains', async (training, run) => {
    const code = await readFile(join(toy.model.directory, `${training}.js`), 'utf8');
    expect(code).toContain(`${run.name}(`);
    const out = at(`generated-${training}`);
    const argv = ['--data', toy.pictures, '--out', out, '--threads', '1', '--from', checkpoint('pretrain')];
    const { exitCode, text } = await trainer(run, undefined, ...argv, '--epochs', '1', '--warmup', '0');
    expect({ exitCode, text }).toMatchObject({ exitCode: 0, text: expect.stringContaining('look at') });
    expect((await readLog(join(out, 'log.jsonl')))[0]).toMatchObject({ training, model: 'toy' });
  });

  test('has a recipe that can be edited, but for what is compiled', async () => {
    const argv = ['--data', toy.pictures, '--out', at('edited'), '--threads', '1', '--scratch'];
    const recipe = { ...finetune(), epochs: 1, batch: 9 };
    expect((await trainer(runFinetuning, recipe, ...argv)).text).toContain('3 in 1 epoch of 3');
    const wrong = await trainer(runFinetuning, { ...recipe, dropPath: 0.5 }, ...argv, '--overwrite');
    expect(wrong.exitCode).toBe(1);
    expect(wrong.text).toContain('was not compiled for recipe toy-finetune: dropPath 0.5 instead of 0');
  });

  test('says which weights it needs', async () => {
    const { exitCode, text } = await trainer(runFinetuning, undefined, '--data', toy.pictures);
    expect(exitCode).toBe(2);
    expect(text).toContain('say which weights to start from');
  });
});
