import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PretrainOptions, pretrain } from '../../runtime/train/pretrain.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { type DecodedEvent, decodeEvents } from '../view/tensorboard/decode-events.ts';
import { LinearEngine } from './linear-engine.ts';
import { drawPictures, keepingView, scratchFolder, tinySpec } from './tiny-run.ts';

const spec = tinySpec();
/** 22 pictures in batches of 4: 5 steps an epoch, 15 in all. */
const PICTURES = 22;
const STEPS = Array.from({ length: 15 }, (_, i) => i + 1);

async function setting(onAccumulate?: LinearEngine['onAccumulate']) {
  const folder = await scratchFolder();
  const out = join(folder, 'run');
  const view = keepingView();
  const options: PretrainOptions = {
    spec,
    openEngine: async () => {
      const engine = new LinearEngine(spec);
      engine.onAccumulate = onAccumulate;
      return engine;
    },
    data: await drawPictures(join(folder, 'pictures'), PICTURES),
    out,
    view,
    saveEvery: { epochs: 0 },
    drawEvery: { epochs: 0 },
  };
  return { out, view, options };
}

const pageOf = (out: string): Promise<string> => readFile(join(out, 'report.html'), 'utf8');

/** What the report draws of every step: numbers as they are shown, four digits. */
async function drawnLosses(out: string): Promise<unknown> {
  const [, data = '{}'] = (await pageOf(out)).match(/<script type="application\/json">(.*?)<\/script>/) ?? [];
  const { series } = JSON.parse(data);
  return series.find(({ name }: { name: string }) => name === 'each step')?.points;
}

async function loggedLosses(out: string): Promise<(readonly [number, number])[]> {
  const lines = await readLog(join(out, 'log.jsonl'));
  return lines.flatMap((line) =>
    line.event === 'step' ? [[line.step, Number(line.loss.toPrecision(4))] as const] : [],
  );
}

/** The events of each session, first to last. */
async function sessionsOf(out: string): Promise<DecodedEvent[][]> {
  const folder = join(out, 'tensorboard');
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => decodeEvents(await readFile(join(folder, name)))));
}

const stepsOf = (events: readonly DecodedEvent[], tag: string): (number | undefined)[] =>
  events.flatMap(({ step, summary }) => (summary?.value.some((value) => value.tag === tag) ? [step] : []));

describe('the report of a run', () => {
  test('has every loss, every epoch, the reconstructions, and what was trained how', async () => {
    const { out, view, options } = await setting();
    await pretrain({ ...options, overrides: { warmup: 0.5 } });
    const page = await pageOf(out);
    expect(await drawnLosses(out)).toEqual(await loggedLosses(out));
    expect(page).toContain('<strong>finished</strong><span>epoch 3 of 3, step 15 of 15</span>');
    expect(page).toContain('<dd>linear test engine</dd>');
    expect(page).toContain('<td>0.5<span class="note">command line</span></td>');
    const png = (await readFile(join(out, 'reconstruction.png'))).toString('base64');
    expect(page).toContain(`<img src="data:image/png;base64,${png}"`);
    const epochs = (await readLog(join(out, 'log.jsonl'))).filter((line) => line.event === 'epoch');
    for (const { epoch, train_loss } of epochs) {
      expect(page).toContain(
        `<td>${epoch + 1}</td><td>${5 * epoch + 5}</td><td>${train_loss.toPrecision(5)}</td>`,
      );
    }
    expect(view.warnings).toEqual([]);
  });

  test('is there while the run goes on', async () => {
    const pages: string[] = [];
    const { out, options } = await setting();
    const openEngine = async () => {
      const engine = new LinearEngine(spec);
      const { update } = engine;
      engine.update = async (settings) => {
        pages.push(await pageOf(out).catch(() => ''));
        return update.call(engine, settings);
      };
      return engine;
    };
    await pretrain({ ...options, openEngine, drawEvery: { epochs: 1 } });
    expect(pages.slice(0, 5)).toEqual(['', '', '', '', '']);
    expect(pages[5]).toContain('<strong>running</strong><span>epoch 1 of 3, step 5 of 15</span>');
    expect(pages[14]).toContain('<strong>running</strong><span>epoch 2 of 3, step 10 of 15</span>');
  });

  test('that was stopped and resumed is made again from its log', async () => {
    const { out, options } = await setting();
    await pretrain({ ...options, maxSteps: 7 });
    expect(await pageOf(out)).toContain('<strong>stopped</strong>');
    const log = await readLog(join(out, 'log.jsonl'));
    const begun = log[0]?.event === 'start' ? log[0].time : undefined;
    await pretrain({ ...options, existing: 'resume' });
    expect(await drawnLosses(out)).toEqual(await loggedLosses(out));
    expect(await loggedLosses(out)).toHaveLength(15);
    const page = await pageOf(out);
    expect(page).toContain('<strong>finished</strong>');
    expect(page).toContain(`<dt>started</dt><dd>${begun?.slice(0, 16).replace('T', ' ')} UTC</dd>`);
  });

  test('that failed says why', async () => {
    const { out, options } = await setting((call, loss) => (call === 15 ? Number.NaN : loss));
    await expect(pretrain(options)).rejects.toThrow('the loss is NaN at step 8 of 15');
    expect(await pageOf(out)).toContain('<strong>failed</strong><span>the loss is NaN at step 8 of 15');
    expect(await drawnLosses(out)).toHaveLength(7);
  });
});

describe("TensorBoard's events", () => {
  test('are of every step and every epoch, the pictures, and the spec', async () => {
    const { out, options } = await setting();
    await pretrain({ ...options, drawEvery: { epochs: 1 } });
    const [events = [], ...others] = await sessionsOf(out);
    expect(others).toEqual([]);
    for (const tag of ['train/loss', 'train/lr', 'speed/images_per_second', 'speed/data_wait']) {
      expect(stepsOf(events, tag)).toEqual(STEPS);
    }
    const losses = events.flatMap(
      ({ summary }) => summary?.value.filter(({ tag }) => tag === 'train/loss') ?? [],
    );
    const logged = (await readLog(join(out, 'log.jsonl'))).flatMap((line) =>
      line.event === 'step' ? [line.loss] : [],
    );
    expect(losses.map((value) => value.simple_value)).toEqual(logged.map(Math.fround));
    expect(stepsOf(events, 'epoch/train_loss')).toEqual([5, 10, 15]);
    expect(stepsOf(events, 'reconstruction')).toEqual([5, 10, 15]);
    expect(stepsOf(events, 'spec')).toEqual([0]);
    const pictures = events.flatMap(
      ({ summary }) => summary?.value.flatMap(({ image }) => (image ? [image] : [])) ?? [],
    );
    expect(pictures.at(-1)?.encoded_image_string).toEqual(await readFile(join(out, 'reconstruction.png')));
  });

  test('of a run that crashed count once: the session that goes on takes back what it takes again', async () => {
    const { out, options } = await setting((call, loss) => {
      if (call === 15) throw new Error('the power went off');
      return loss;
    });
    await expect(pretrain({ ...options, saveEvery: { epochs: 1 } })).rejects.toThrow('the power went off');
    const { openEngine } = (await setting()).options;
    await pretrain({ ...options, openEngine, existing: 'resume' });
    const [first = [], second = []] = await sessionsOf(out);
    expect(stepsOf(first, 'train/loss')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const start = second.find(({ session_log }) => session_log?.status === 'START')?.step ?? Number.NaN;
    const counted = first.filter(({ step = 0 }) => step < start);
    expect(stepsOf([...counted, ...second], 'train/loss')).toEqual(STEPS);
  });

  test('of a run that is replaced go with it', async () => {
    const { out, options } = await setting();
    await pretrain({ ...options, maxSteps: 2 });
    await writeFile(join(out, 'tensorboard', 'notes.txt'), 'mine');
    const before = await readdir(join(out, 'tensorboard'));
    await pretrain({ ...options, existing: 'overwrite', maxSteps: 1 });
    const after = await readdir(join(out, 'tensorboard'));
    expect(after).toHaveLength(before.length);
    expect(after).toContain('notes.txt');
    expect((await readdir(out)).sort()).toContain('report.html');
  });
});

test('neither stops a run when it cannot be written', async () => {
  const { out, view, options } = await setting();
  await mkdir(out);
  await writeFile(join(out, 'tensorboard'), 'a file in the way');
  const openEngine = async () => {
    const engine = new LinearEngine(spec);
    engine.onAccumulate = (call, loss) => {
      if (call === 0) void mkdir(join(out, 'report.html'));
      return loss;
    };
    return engine;
  };
  const result = await pretrain({ ...options, openEngine, drawEvery: { epochs: 1 } });
  expect(result).toMatchObject({ status: 'finished', step: 15 });
  expect(view.warnings.filter((text) => text.includes('TensorBoard events'))).toEqual([
    `cannot write TensorBoard events into ${join(out, 'tensorboard')}: a part of the path is a file, not a folder; the run goes on`,
  ]);
  const noReport = view.warnings.filter((text) => text.startsWith('no report was written: '));
  expect(noReport).toHaveLength(3);
  expect(noReport[0]).toContain('it is a folder, not a file');
});
