import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PretrainOptions, pretrain } from '../../runtime/train/pretrain.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { UserError } from '../../runtime/user-error.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { LinearEngine } from './linear-engine.ts';
import { drawPictures, keepingView, scratchFolder, tinySpec } from './tiny-run.ts';

const spec = tinySpec();
/** 22 pictures: 5 steps an epoch, with two pictures left over; 15 steps in all. */
const PICTURES = 22;
const STEPS = 15;

interface Setting {
  readonly folder: string;
  readonly options: PretrainOptions;
  readonly view: ReturnType<typeof keepingView>;
  readonly engine: () => LinearEngine;
}

/** A run over small pictures into a new folder; nothing is drawn but at its end. */
async function setting(more: Partial<PretrainOptions> = {}): Promise<Setting> {
  const folder = await scratchFolder();
  const data = await drawPictures(join(folder, 'pictures'), PICTURES);
  const view = keepingView();
  let engine = new LinearEngine(spec);
  const openEngine = async () => {
    engine = new LinearEngine(spec);
    return engine;
  };
  const every = { saveEvery: { epochs: 0 }, drawEvery: { epochs: 0 } };
  const options = { spec, openEngine, data, out: join(folder, 'run'), view, ...every, ...more };
  return { folder, options, view, engine: () => engine };
}

const checkpointOf = (out: string): Promise<Checkpoint> =>
  loadCheckpoint(join(out, 'checkpoint.safetensors'), spec);
const logOf = (out: string) => readLog(join(out, 'log.jsonl'));
const failureOf = async (work: Promise<unknown>): Promise<UserError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error;
  throw new Error(`expected a UserError, got ${error}`);
};
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What of a log does not depend on time. */
async function timelessLog(out: string) {
  return (await logOf(out)).flatMap((line) => {
    if (line.event === 'step') return [{ step: line.step, epoch: line.epoch, loss: line.loss, lr: line.lr }];
    if (line.event !== 'epoch') return [];
    return [{ step: line.step, epoch: line.epoch, loss: line.train_loss, lr: line.train_lr }];
  });
}

/** What a resumed run must have in common with one that never stopped. */
async function outcomeOf(out: string) {
  const { parameters, optimizer, position, recipe, log } = await checkpointOf(out);
  const { seconds, epochSeconds, ...statistics } = log;
  expect(seconds).toBeGreaterThan(0);
  expect(epochSeconds).toBeGreaterThanOrEqual(0);
  return { parameters, optimizer, position, recipe, statistics, log: await timelessLog(out) };
}

describe('a whole run', () => {
  test('learns, and leaves a checkpoint, a log and pictures', async () => {
    const { options, engine } = await setting();
    const result = await pretrain(options);
    expect(result).toMatchObject({ status: 'finished', step: STEPS, steps: STEPS });
    expect(engine().disposed).toBe(true);
    const { position, optimizer, recipe } = await checkpointOf(options.out);
    expect(position).toEqual({ step: STEPS, epoch: 3, batch: 0 });
    expect(optimizer.step).toBe(STEPS);
    expect(recipe).toEqual(spec.recipes.pretrain);
    for (const picture of ['reconstruction.png', 'loss.png', 'loss.svg']) {
      expect(await exists(join(options.out, picture))).toBe(true);
    }
    const losses = (await logOf(options.out)).flatMap((line) =>
      line.event === 'epoch' ? [line.train_loss] : [],
    );
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan((losses[0] ?? 0) * 0.9);
  });

  test('logs every step and, with the official keys, every epoch', async () => {
    const { options } = await setting({ overrides: { epochs: 2 } });
    await pretrain(options);
    const lines = await logOf(options.out);
    expect(lines.map(({ event }) => event).join(' ')).toBe(
      'start step step step step step epoch step step step step step epoch end',
    );
    expect(lines[0]).toMatchObject({
      model: 'tiny',
      pictures: PICTURES,
      steps: 10,
      overrides: { epochs: 2 },
    });
    expect(lines.at(-1)).toMatchObject({ step: 10, status: 'finished' });
    const steps = lines.flatMap((line) => (line.event === 'step' ? [line] : []));
    // Peak 0.01 for a batch of 4 per 4; one epoch of warm-up in five steps, then half a cosine over the other epoch.
    const cosine = (share: number): number => 0.005 * (1 + Math.cos(Math.PI * share));
    const rates = [0, 0.002, 0.004, 0.006, 0.008, ...[0, 0.2, 0.4, 0.6, 0.8].map(cosine)];
    steps.forEach((line, i) => {
      expect(line.lr).toBeCloseTo(rates[i] ?? 0, 12);
      expect(line.epoch).toBeCloseTo((i + 1) / 5, 12);
    });
    const epochs = lines.flatMap((line) => (line.event === 'epoch' ? [line] : []));
    epochs.forEach((line, i) => {
      const own = steps.slice(i * 5, i * 5 + 5);
      expect(line.epoch).toBe(i);
      expect(line.train_loss).toBeCloseTo(
        own.reduce((sum, { loss }) => sum + loss / 5, 0),
        12,
      );
      expect(line.train_lr).toBeCloseTo(
        own.reduce((sum, { lr }) => sum + lr / 5, 0),
        12,
      );
    });
  });

  test('tells what it is going to do', async () => {
    const { options, view } = await setting();
    await pretrain(options);
    const text = view.lines.join('\n');
    for (const fact of ['tiny', '22 in', '4 pictures a step (2 micro-batches of 2)', '15 in 3 epochs of 5']) {
      expect(text).toContain(fact);
    }
    expect(text).toContain('linear test engine');
    expect(text).toContain(options.out);
    expect(view.warnings).toEqual([]);
  });

  test('is a function of its seed', async () => {
    const [first, same, other] = [
      await setting(),
      await setting(),
      await setting({ overrides: { seed: 8 } }),
    ];
    for (const { options } of [first, same, other]) await pretrain(options);
    expect(await outcomeOf(same.options.out)).toEqual(await outcomeOf(first.options.out));
    expect((await timelessLog(other.options.out))[0]?.loss).not.toBe(
      (await timelessLog(first.options.out))[0]?.loss,
    );
  });

  test('gives nearly the same for another number of micro-batches', async () => {
    const [two, four] = [await setting(), await setting({ overrides: { accumulation: 4 } })];
    await pretrain(two.options);
    await pretrain(four.options);
    const losses = await timelessLog(four.options.out);
    for (const [i, { loss }] of (await timelessLog(two.options.out)).entries()) {
      expect(losses[i]?.loss).toBeCloseTo(loss, 5);
    }
  });

  test('starts from the weights of another run, with an optimizer of its own', async () => {
    const first = await setting();
    await pretrain(first.options);
    const from = join(first.options.out, 'checkpoint.safetensors');
    const second = await setting({ from, overrides: { baseLearningRate: 1e-30 }, maxSteps: 1 });
    await pretrain(second.options);
    const { parameters, optimizer } = await checkpointOf(second.options.out);
    expect(parameters).toEqual((await checkpointOf(first.options.out)).parameters);
    expect(optimizer.step).toBe(1);
  });
});

describe('a run that is stopped and resumed', () => {
  test.each([1, 4, 5, 7, 14])('after step %i goes on as if it had never stopped', async (stop) => {
    const whole = await setting();
    await pretrain(whole.options);
    const { options } = await setting();
    expect(await pretrain({ ...options, maxSteps: stop })).toMatchObject({ status: 'stopped', step: stop });
    const resumed = await pretrain({ ...options, existing: 'resume' });
    expect(resumed).toMatchObject({ status: 'finished', step: STEPS });
    expect(await outcomeOf(options.out)).toEqual(await outcomeOf(whole.options.out));
  });

  test('by its signal has saved the step that was under way', async () => {
    const whole = await setting();
    await pretrain(whole.options);
    const stopper = new AbortController();
    const { options } = await setting({ signal: stopper.signal });
    const openEngine = async () => {
      const engine = new LinearEngine(spec);
      // In the middle of step 3.
      engine.onAccumulate = (call, loss) => {
        if (call === 4) stopper.abort();
        return loss;
      };
      return engine;
    };
    expect(await pretrain({ ...options, openEngine })).toMatchObject({ status: 'interrupted', step: 3 });
    expect((await checkpointOf(options.out)).position).toEqual({ step: 3, epoch: 0, batch: 6 });
    expect((await logOf(options.out)).at(-1)).toMatchObject({ event: 'end', step: 3, status: 'interrupted' });
    const { signal: _, ...rest } = options;
    await pretrain({ ...rest, existing: 'resume' });
    expect(await outcomeOf(options.out)).toEqual(await outcomeOf(whole.options.out));
  });

  test('before its first step leaves no run behind', async () => {
    const { options } = await setting({ signal: AbortSignal.abort() });
    expect(await pretrain(options)).toMatchObject({ status: 'interrupted', step: 0 });
    expect(await exists(join(options.out, 'checkpoint.safetensors'))).toBe(false);
    const { signal: _, ...rest } = options;
    expect(await pretrain({ ...rest, maxSteps: 1 })).toMatchObject({ status: 'stopped', step: 1 });
  });

  test('after a crash takes the steps since its checkpoint again, also in the log', async () => {
    const whole = await setting();
    await pretrain(whole.options);
    const { options } = await setting({ saveEvery: { epochs: 1 } });
    const openEngine = async () => {
      const engine = new LinearEngine(spec);
      engine.onAccumulate = (call, loss) => {
        if (call === 15) throw new Error('the power went off');
        return loss;
      };
      return engine;
    };
    await expect(pretrain({ ...options, openEngine })).rejects.toThrow('the power went off');
    const log = join(options.out, 'log.jsonl');
    await writeFile(log, `${await readFile(log, 'utf8')}{"event":"step","step":9,"lo`);
    expect((await checkpointOf(options.out)).position.step).toBe(5);
    await pretrain({ ...options, existing: 'resume' });
    expect(await outcomeOf(options.out)).toEqual(await outcomeOf(whole.options.out));
  });

  test('keeps its recipe, takes what may change, and refuses what may not', async () => {
    const { options, view } = await setting({ overrides: { baseLearningRate: 0.02 } });
    await pretrain({ ...options, maxSteps: 2 });
    const resume = { ...options, existing: 'resume', maxSteps: 1 } as const;
    await pretrain({ ...resume, overrides: { epochs: 4 } });
    const { recipe } = await checkpointOf(options.out);
    expect(recipe).toMatchObject({ epochs: 4, optimizer: { baseLearningRate: 0.02 } });
    const notes = view.lines.filter((line) => line.startsWith('note'));
    expect(notes.join('\n')).toContain('from here on epochs 4 (not 3)');
    expect(notes.join('\n')).toContain('optimizer.baseLearningRate 0.01 (not 0.02)');
    const error = await failureOf(pretrain({ ...resume, overrides: { batch: 2 } }));
    expect(error.message).toContain('batch 4; it cannot go on with 2');
    expect(error.help).toContain('--from');
  });

  test('is finished already: nothing is done', async () => {
    const { options } = await setting();
    await pretrain(options);
    const before = await readFile(join(options.out, 'checkpoint.safetensors'));
    const openEngine = () => Promise.reject(new Error('no engine is needed'));
    const result = await pretrain({ ...options, openEngine, existing: 'resume' });
    expect(result).toMatchObject({ status: 'finished', step: STEPS });
    expect(await readFile(join(options.out, 'checkpoint.safetensors'))).toEqual(before);
  });

  test('is refused other pictures unless it is forced, and another number of steps always', async () => {
    const { folder, options, view } = await setting();
    await pretrain({ ...options, maxSteps: 2 });
    await drawPictures(join(folder, 'pictures'), PICTURES + 1);
    const refused = await failureOf(pretrain({ ...options, existing: 'resume', maxSteps: 1 }));
    expect(refused.message).toContain('does not hold the same pictures');
    expect(refused.help).toContain('--force');
    await pretrain({ ...options, existing: 'resume', maxSteps: 1, force: true });
    expect(view.warnings.join()).toContain('does not hold the same pictures');
    await drawPictures(join(folder, 'pictures'), PICTURES + 2);
    const error = await failureOf(pretrain({ ...options, existing: 'resume', force: true }));
    expect(error.message).toContain('5 steps an epoch');
    expect(error.message).toContain('24 pictures, 6 steps');
  });
});

describe('a loss that is not finite', () => {
  /** An engine whose loss is NaN at one accumulation. */
  const spoilt = (at: number) => async () => {
    const engine = new LinearEngine(spec);
    engine.onAccumulate = (call, loss) => (call === at ? Number.NaN : loss);
    return engine;
  };

  test('stops the run with a report and keeps the last good checkpoint', async () => {
    const { options } = await setting({ saveEvery: { epochs: 1 } });
    // The second micro-batch of step 8.
    const error = await failureOf(pretrain({ ...options, openEngine: spoilt(15) }));
    const before = (await logOf(options.out))
      .flatMap((line) => (line.event === 'step' ? [line.loss] : []))
      .slice(-5);
    // Epoch 1.4 of 3 with one of warm-up: 0.01 * (1 + cos(0.2 pi)) / 2.
    expect(error.message).toBe(
      'the loss is NaN at step 8 of 15 (epoch 2, learning rate 9.05e-3); the losses before it: ' +
        before.map((loss) => Number(loss.toPrecision(4))).join(', '),
    );
    expect(error.help).toContain(
      `the checkpoint of step 5 is in ${join(options.out, 'checkpoint.safetensors')}`,
    );
    expect(error.help).toContain('--resume --lr 0.005');
    expect((await checkpointOf(options.out)).position.step).toBe(5);
    expect((await logOf(options.out)).at(-1)).toMatchObject({
      event: 'end',
      status: 'failed',
      reason: error.message,
    });
  });

  test('says so when there is no checkpoint yet', async () => {
    const { options, engine } = await setting();
    const error = await failureOf(pretrain({ ...options, openEngine: spoilt(2) }));
    expect(error.help).toContain('no checkpoint of this run was saved yet');
    expect(error.help).toContain('--overwrite --lr 0.005');
    expect(await exists(join(options.out, 'checkpoint.safetensors'))).toBe(false);
    expect(engine().disposed).toBe(false);
  });

  test('that shows in the parameters only is not saved over the last good checkpoint', async () => {
    const { options } = await setting({ saveEvery: { epochs: 1 } });
    const openEngine = async () => {
      const engine = new LinearEngine(spec);
      const read = engine.readParameters.bind(engine);
      let reads = 0;
      engine.readParameters = async () => {
        const parameters = await read();
        const [first] = parameters;
        if (++reads === 2 && first) first.data[5] = Number.POSITIVE_INFINITY;
        return parameters;
      };
      return engine;
    };
    const error = await failureOf(pretrain({ ...options, openEngine }));
    expect(error.message).toContain('after step 10 the parameter weight holds numbers that are not finite');
    expect((await checkpointOf(options.out)).position.step).toBe(5);
  });
});

describe('a checkpoint that cannot be written', () => {
  test('stops the run, and the last good one is kept', async () => {
    const full = 'cannot write checkpoint.safetensors: the disk is full';
    let saves = 0;
    const save: typeof saveCheckpoint = async (path, contents) => {
      if (++saves === 2) throw new UserError(full, 'free some space');
      await saveCheckpoint(path, contents);
    };
    const { options } = await setting({ saveEvery: { epochs: 1 }, save });
    const error = await failureOf(pretrain(options));
    expect(error.message).toBe(full);
    expect(error.help).toContain('free some space');
    expect(error.help).toContain('the checkpoint of step 5 is in');
    expect((await checkpointOf(options.out)).position.step).toBe(5);
    const resumed = await pretrain({ ...options, existing: 'resume' });
    expect(resumed).toMatchObject({ status: 'finished', step: STEPS });
  });
});

describe('before anything is trained', () => {
  const noEngine = () => Promise.reject(new Error('no engine may be opened'));

  test('an existing run is not replaced unless that is asked for', async () => {
    const { options } = await setting();
    await pretrain({ ...options, maxSteps: 2 });
    const before = await readFile(join(options.out, 'checkpoint.safetensors'));
    const error = await failureOf(pretrain({ ...options, openEngine: noEngine }));
    expect(error.message).toBe(`${options.out} already holds a run`);
    for (const way of ['--resume', '--out', '--overwrite']) expect(error.help).toContain(way);
    expect(await readFile(join(options.out, 'checkpoint.safetensors'))).toEqual(before);
    await writeFile(join(options.out, 'notes.txt'), 'mine');
    await pretrain({ ...options, existing: 'overwrite', maxSteps: 1 });
    expect((await checkpointOf(options.out)).position.step).toBe(1);
    expect((await timelessLog(options.out)).map(({ step }) => step)).toEqual([1]);
    expect(await readFile(join(options.out, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('a run to resume must be there', async () => {
    const { options } = await setting({ existing: 'resume', openEngine: noEngine });
    const error = await failureOf(pretrain(options));
    expect(error.message).toContain('there is no run to resume');
    expect(await exists(options.out)).toBe(false);
  });

  test('a folder that cannot be written is refused', async () => {
    const { folder, options } = await setting({ openEngine: noEngine });
    await writeFile(join(folder, 'file'), '');
    const error = await failureOf(pretrain({ ...options, out: join(folder, 'file', 'run') }));
    expect(error.message).toContain(`cannot train into ${join(folder, 'file', 'run')}`);
    expect(error.message).toContain('a file, not a folder');
  });

  test('everything wrong with the recipe is named at once', async () => {
    const overrides = { epochs: 2, warmup: 2, batch: 6, accumulation: 4, baseLearningRate: Number.NaN };
    const { options } = await setting({ overrides, openEngine: noEngine });
    const error = await failureOf(pretrain(options));
    expect(error.message).toContain('a warm-up of 2 epochs in a training of 2');
    expect(error.message).toContain('a batch of 6 in 4 equal micro-batches');
    expect(error.message).toContain('base learning rate NaN');
    expect(error.help).toContain('--warmup 0.2');
    expect(error.help).toContain('--batch 8');
  });

  test('a batch larger than the folder is refused', async () => {
    const { options } = await setting({ overrides: { batch: 64 }, openEngine: noEngine });
    expect((await failureOf(pretrain(options))).message).toContain('22 pictures, but one batch takes 64');
  });
});
