import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrainableParameters } from '../../runtime/engine/engine.ts';
import { openClassifierEngine, openEngine } from '../../runtime/engine/open-engine.ts';
import { type Training, trainedClassifier } from '../../runtime/model/trained-model.ts';
import { Random } from '../../runtime/random.ts';
import { classify } from '../../runtime/train/classify.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import type { RunResult } from '../../runtime/train/run-plan.ts';
import { type Checkpoint, loadCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { modelSpec } from '../support/specs.ts';
import { drawColours, EVERYTHING, timelessLog, toySpec } from './tiny-classifier.ts';
import { keepingView, scratchFolder } from './tiny-run.ts';

let model: CompiledModelFolder;
let data = '';

beforeAll(async () => {
  const spec = toySpec({
    finetune: EVERYTHING,
    linearProbe: { epochs: 3, ema: 0.9 },
    dropPath: 0.2,
    dropout: 0.1,
  });
  const { pretrain: recipe } = modelSpec();
  model = await compileGraphsToFolder({
    ...spec,
    pretrain: {
      ...recipe,
      epochs: 3,
      batch: 6,
      accumulation: 2,
      clip: 0.2,
      ema: 0.9,
      optimizer: { ...recipe.optimizer, baseLearningRate: 0.1 },
      augment: { ...recipe.augment, colorJitter: 0.4 },
    },
  });
  // 6 of each colour in training: 3 steps an epoch, 9 in all; in pretraining 4 and 12.
  data = await drawColours(join(model.directory, 'pictures'), { blue: 8, green: 8, red: 8 });
});
afterAll(() => model.remove());

/** Aborts the run in the middle of so many more steps. */
function stopping<Engine extends TrainableParameters>(
  engine: Engine,
  after: number,
  stop: () => void,
): Engine {
  let updates = 0;
  const update = engine.update.bind(engine);
  engine.update = (how) => {
    if (++updates === after) stop();
    return update(how);
  };
  return engine;
}

/** Begins a run, or goes on with one, until it is done or has taken so many more steps. */
function train(
  training: Training,
  out: string,
  { resume = false, steps = Number.POSITIVE_INFINITY } = {},
): Promise<RunResult> {
  const { spec, directory } = model;
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  const options = {
    spec,
    data,
    out,
    existing: resume ? ('resume' as const) : ('refuse' as const),
    signal: stopper.signal,
    view: keepingView(),
    drawEvery: { epochs: 0 },
  };
  if (training === 'pretrain') {
    return pretrain({
      ...options,
      openEngine: async () =>
        stopping(await openEngine('onnx', { spec, directory, threads: 1 }), steps, stop),
    });
  }
  return classify({
    ...options,
    training,
    validation: 0.25,
    openEngine: async () =>
      stopping(await openClassifierEngine('onnx', { spec, directory, training, threads: 1 }), steps, stop),
  });
}

function checkpointOf(training: Training, out: string): Promise<Checkpoint> {
  const { spec } = model;
  const classifier = training === 'pretrain' ? undefined : spec.classifiers[training];
  const trained =
    training === 'pretrain' || classifier === undefined
      ? spec
      : trainedClassifier(spec, training, classifier, ['blue', 'green', 'red']);
  return loadCheckpoint(join(out, 'checkpoint.safetensors'), trained);
}

/** All of a run that may not depend on when it was stopped. */
async function outcomeOf(training: Training, out: string) {
  const { log, ...checkpoint } = await checkpointOf(training, out);
  const { seconds: _, epochSeconds: __, ...statistics } = log;
  return { ...checkpoint, statistics, log: await timelessLog(out) };
}

describe('a run that is stopped at random steps and goes on', () => {
  test.each<[Training, number]>([
    ['pretrain', 12],
    ['finetune', 9],
    ['linear-probe', 9],
  ])('ends with the same bits as one that never stopped: %s', async (training, steps) => {
    const folder = await scratchFolder();
    const whole = join(folder, 'whole');
    expect(await train(training, whole)).toMatchObject({ status: 'finished', steps });
    const outcome = await outcomeOf(training, whole);
    expect(outcome.position).toMatchObject({ step: steps, epoch: 3 });
    expect(outcome.averages?.length).toBe(outcome.optimizer.firstMoments.length);

    const random = Random.from('stops', training);
    const parts = join(folder, 'parts');
    let status: RunResult['status'] = 'interrupted';
    for (let resume = false; status !== 'finished'; resume = true) {
      const more = 1 + random.integer(4);
      ({ status } = await train(training, parts, { resume, steps: more }));
    }
    expect(await outcomeOf(training, parts)).toEqual(outcome);
  });
});
