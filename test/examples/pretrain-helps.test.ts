import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { main as runMae } from '../../cli/main.ts';
import { compileMain } from '../../compiler/cli/compile-main.ts';
import { runDrawPictures } from '../../examples/draw-pictures.ts';
import { resultBars } from '../../examples/pretrain-helps/bars.ts';
import { labelledList, unlabelledList } from '../../examples/pretrain-helps/picture-lists.ts';
import {
  costLine,
  lostComparisons,
  type Outcome,
  resultsTable,
} from '../../examples/pretrain-helps/results.ts';
import type { CommandName, RunStep } from '../../examples/pretrain-helps/run-command.ts';
import { runPretrainHelps } from '../../examples/pretrain-helps.ts';
import type { CommandIo } from '../../runtime/cli/command-io.ts';
import { withWeights } from '../../runtime/weights/open-weights.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

const outcome: Outcome = {
  pretraining: { pictures: 119_040, seconds: 200 },
  comparisons: [
    { name: 'Fine-tuning', scratch: 0.5, pretrained: 0.756, pictures: 15_360, seconds: 71 },
    { name: 'k-NN', scratch: 0.25, pretrained: 0.125, pictures: 2400, seconds: 8 },
  ],
  seconds: 312,
};

describe('the lists of pictures', () => {
  const counts = { pretraining: 3, labelled: 1, test: 2 };

  it('have no labels for pretraining, and keep what is tested on out of it', () => {
    expect(unlabelledList(['a', 'b'], counts).split('\n')).toEqual([
      'path',
      ...['a', 'b'].flatMap((name) => [1, 2, 3].map((i) => `pictures/${name}/000${i}.jpg`)),
      '',
    ]);
    expect(labelledList(['a'], counts).split('\n')).toEqual([
      'path,label,split',
      'pictures/a/0001.jpg,a,train',
      'pictures/a/0004.jpg,a,val',
      'pictures/a/0005.jpg,a,val',
      '',
    ]);
  });
});

describe('the results', () => {
  it('are a table with margins in percentage points', () => {
    const lines = stripVTControlCharacters(resultsTable(outcome)).split('\n');
    const cells = lines.map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(cells.filter((row) => row.length > 0)).toEqual([
      ['', 'from scratch', 'pretrained', 'margin', 'pictures', 'time'],
      ['Fine-tuning', '50.0 %', '75.6 %', '+25.6', '15360', '1 min'],
      ['k-NN', '25.0 %', '12.5 %', '−12.5', '2400', '8 s'],
    ]);
    expect(costLine(outcome)).toBe(
      'Pretraining went through 119040 pictures in 3 min; everything took 5 min.',
    );
  });

  it('say where pretraining did not help; a draw is no help', () => {
    expect(lostComparisons(outcome)).toEqual(['k-NN']);
    const draw = { name: 'Linear probe', scratch: 0.5, pretrained: 0.5, pictures: 1, seconds: 1 };
    expect(lostComparisons({ ...outcome, comparisons: [draw] })).toEqual(['Linear probe']);
  });

  it('are drawn as bars as long as their shares', async () => {
    const svg = resultBars(outcome, 'Results', 'of a test');
    const widths = [...svg.matchAll(/<rect x="130" y="[\d.]+" width="([\d.]+)" height="16"/g)];
    // The whole scale, 0 to 100 %, is 470 long.
    expect(widths.map(([, width]) => Number(width))).toEqual([235, 355.32, 117.5, 58.75]);
    expect(svg).toContain(
      '<title>Results: Fine-tuning 50.0 % from scratch, 75.6 % pretrained; k-NN 25.0 % from scratch, 12.5 % pretrained</title>',
    );
    const { width, height } = await sharp(Buffer.from(svg)).metadata();
    expect([width, height]).toEqual([960, 345]);
  });
});

/** A stream that keeps what is written to it. */
function collector() {
  const texts: string[] = [];
  const stream = { isTTY: false, columns: 100, write: (text: string) => texts.push(text) };
  return { stream, text: () => stripVTControlCharacters(texts.join('')) };
}

/** The commands as functions: no built files, no processes. */
const COMMANDS: Readonly<Record<CommandName, (argv: readonly string[], io: CommandIo) => Promise<number>>> = {
  'draw-pictures': runDrawPictures,
  'mae-compile': compileMain,
  mae: runMae,
};

const runInProcess: RunStep = async ({ title, command, args }) => {
  const out = collector();
  const error = collector();
  const code = await COMMANDS[command](args, { stdout: out.stream, stderr: error.stream });
  if (code !== 0) throw new Error(`${title} ended with ${code}: ${error.text()}`);
  return out.text();
};

describe('the command', () => {
  it('does all of it on a few pictures', async () => {
    const folder = await scratchFolder({});
    const steps: string[] = [];
    const run: RunStep = (step) => {
      steps.push(step.title);
      return runInProcess(step);
    };
    const out = collector();
    const error = collector();
    const argv = ['--short', '--out', folder];
    const code = await runPretrainHelps(argv, { stdout: out.stream, stderr: error.stream }, run);
    expect({ code, error: error.text() }).toEqual({ code: 0, error: '' });
    expect(steps).toEqual([
      'Drawing pictures',
      'Compiling the model',
      'Pretraining without labels',
      'Fine-tuning, from scratch',
      'Fine-tuning, from the pretrained weights',
      'Linear probe, from scratch',
      'Linear probe, from the pretrained weights',
      'k-NN, random encoder',
      'k-NN, pretrained encoder',
    ]);
    // 40 pictures make one whole batch of 32: for pretraining, and with labels for each of two classifiers.
    expect(out.text()).toMatch(/Fine-tuning +│ +[\d.]+ % │ +[\d.]+ % │ +[+−][\d.]+ │ +64 │/);
    expect(out.text()).toContain('Pretraining went through 32 pictures');
    // 10 pictures of the test and 40 known ones, encoded by two encoders.
    expect(out.text()).toMatch(/k-NN +│.* │ +100 │/);
    await expectFairness(folder);
  }, 120_000);
});

/** What both trainings began with, but for their weights and the time. */
async function startOf(folder: string): Promise<unknown> {
  const [first = ''] = (await readFile(join(folder, 'log.jsonl'), 'utf8')).split('\n');
  const { time, from, ...rest } = z.record(z.string(), z.unknown()).parse(JSON.parse(first));
  return rest;
}

function attentionOf(folder: string): Promise<Float32Array | undefined> {
  const path = join(folder, 'checkpoint.safetensors');
  return withWeights(path, async ({ tensors }) => tensors.get('blocks.0.attn.qkv.weight')?.read());
}

/** Same pictures, recipe and seed for both encoders; the linear probes have left them as they were. */
async function expectFairness(folder: string): Promise<void> {
  const run = (name: string) => join(folder, name);
  for (const training of ['finetune', 'linear-probe']) {
    expect(await startOf(run(`${training}-pretrained`))).toEqual(await startOf(run(`${training}-scratch`)));
  }
  const pretrained = await attentionOf(run('pretrain'));
  const random = await attentionOf(run('linear-probe-scratch'));
  expect(pretrained).toHaveLength(3 * 128 * 128);
  expect(random).toHaveLength(3 * 128 * 128);
  expect(await attentionOf(run('linear-probe-pretrained'))).toEqual(pretrained);
  expect(random).not.toEqual(pretrained);
}
