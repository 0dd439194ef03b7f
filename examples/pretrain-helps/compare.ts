import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../runtime/user-error.ts';
import { SUBJECTS } from '../pictures-generator/subjects.ts';
import { type PictureLists, writePictureLists } from './picture-lists.ts';
import type { Plan } from './plan.ts';
import { readRun } from './read-run.ts';
import type { Comparison, Outcome } from './results.ts';
import type { RunStep } from './run-command.ts';

export interface Setting {
  readonly plan: Plan;
  /** Everything that is made goes below it. */
  readonly directory: string;
  /** Of initial weights, order and crops; the pictures are the same for all. */
  readonly seed: number;
  readonly run: RunStep;
}

/** What the steps that compare have in common. */
interface Prepared extends Setting {
  /** Folder of the compiled model. */
  readonly model: string;
  readonly lists: PictureLists;
  /** The weights of the pretrained model. */
  readonly pretrained: string;
}

/** The spec beside this file, from the project's folder, and the model that it declares. */
const SPEC = 'examples/pretrain-helps/vit-pico-labels.mae';
const MODEL = 'vit-pico-labels';

/** Seed of the pictures: others than those of the first run. */
const PICTURES_SEED = 11;

/** Higher than any number of epochs: the test pictures are looked at once, when all is decided. */
const ONLY_AT_THE_END = '1000000';

/** Draws, pretrains, and lets a pretrained and a random encoder do the same three things. */
export async function compareEncoders(setting: Setting): Promise<Outcome> {
  const { directory, plan, run, seed } = setting;
  const started = performance.now();
  const lists = await drawPictures(setting);
  const generated = join(directory, 'generated');
  await run({ title: 'Compiling the model', command: 'mae-compile', args: [SPEC, '--out', generated] });
  const model = join(generated, MODEL);
  const folder = join(directory, 'pretrain');
  const began = performance.now();
  await run({
    title: 'Pretraining without labels',
    command: 'mae',
    args: ['pretrain', model, '--data', lists.unlabelled, ...runOptions(folder, seed), ...plan.pretrain],
  });
  const pretraining = { pictures: (await readRun(folder)).pictures, seconds: secondsSince(began) };
  const prepared = { ...setting, model, lists, pretrained: join(folder, 'checkpoint.safetensors') };
  const finetune = await compareTrainings(prepared, 'finetune', 'Fine-tuning');
  const linearProbe = await compareTrainings(prepared, 'linear-probe', 'Linear probe');
  const nearest = await compareNeighbours(prepared);
  return { pretraining, comparisons: [finetune, linearProbe, nearest], seconds: secondsSince(started) };
}

async function drawPictures({ directory, plan, run }: Setting): Promise<PictureLists> {
  const { pictures, size } = plan;
  const perClass = pictures.pretraining + pictures.test;
  await run({
    title: 'Drawing pictures',
    command: 'draw-pictures',
    args: [
      ['--out', join(directory, 'pictures'), '--per-class', `${perClass}`],
      ['--size', `${size}`, '--seed', `${PICTURES_SEED}`],
    ].flat(),
  });
  return writePictureLists(directory, Object.keys(SUBJECTS), pictures);
}

/** Where a run of `training` goes that starts from random weights or from pretrained ones. */
const runFolder = (directory: string, training: string, start: 'scratch' | 'pretrained'): string =>
  join(directory, `${training}-${start}`);

async function compareTrainings(
  prepared: Prepared,
  training: 'finetune' | 'linear-probe',
  name: string,
): Promise<Comparison> {
  const { directory, lists, model, plan, pretrained, run, seed } = prepared;
  const began = performance.now();
  const train = async (start: 'scratch' | 'pretrained', from: readonly string[]) => {
    const folder = runFolder(directory, training, start);
    const options = [...runOptions(folder, seed), '--evaluate-every', ONLY_AT_THE_END, ...plan.classify];
    await run({
      title: `${name}, ${start === 'scratch' ? 'from scratch' : 'from the pretrained weights'}`,
      command: 'mae',
      args: [training, model, '--data', lists.labelled, ...from, ...options],
    });
    const { pictures, top1 } = await readRun(folder);
    if (top1 === undefined) throw new UserError(`the log in ${folder} has no accuracy`);
    return { pictures, top1 };
  };
  const random = await train('scratch', ['--scratch']);
  const taught = await train('pretrained', ['--from', pretrained]);
  return {
    name,
    scratch: random.top1,
    pretrained: taught.top1,
    pictures: random.pictures + taught.pictures,
    seconds: secondsSince(began),
  };
}

const evaluationSchema = z.object({ pictures: z.int(), top1: z.number() });

/** Nothing is trained here. A linear probe leaves the encoder as it is, so the one from scratch has kept a random encoder. */
async function compareNeighbours({
  directory,
  lists,
  model,
  plan,
  pretrained,
  run,
}: Prepared): Promise<Comparison> {
  const began = performance.now();
  const evaluate = async (which: string, checkpoint: string) => {
    const written = await run({
      title: `k-NN, ${which} encoder`,
      command: 'mae',
      args: ['evaluate', model, '--checkpoint', checkpoint, '--data', lists.labelled, '--knn', '--json'],
      read: true,
    });
    return evaluationSchema.parse(JSON.parse(written));
  };
  const random = join(runFolder(directory, 'linear-probe', 'scratch'), 'checkpoint.safetensors');
  const scratch = await evaluate('random', random);
  const taught = await evaluate('pretrained', pretrained);
  const known = plan.pictures.labelled * Object.keys(SUBJECTS).length;
  return {
    name: 'k-NN',
    scratch: scratch.top1,
    pretrained: taught.top1,
    pictures: scratch.pictures + taught.pictures + 2 * known,
    seconds: secondsSince(began),
  };
}

const runOptions = (folder: string, seed: number): string[] => [
  '--out',
  folder,
  '--overwrite',
  '--seed',
  `${seed}`,
];

const secondsSince = (start: number): number => (performance.now() - start) / 1000;
