import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { runContest } from './steps/contest.ts';
import type { Contestant } from './steps/contestant.ts';
import { findOwnEngines } from './steps/own-engines.ts';
import { findPyTorch } from './steps/pytorch.ts';
import { reportOf } from './steps/report.ts';

/**
 * The training step on every engine and device that is here, and of every PyTorch: each in turns with the first, the ONNX engine on the
 * CPU, in a heat of its own, since all at once would not fit into memory.
 */
interface Case {
  readonly model: string;
  readonly batch: number;
  readonly stepsPerRound: number;
}

const CASES: readonly Case[] = [
  { model: 'vit-tiny', batch: 64, stepsPerRound: 4 },
  { model: 'vit-base', batch: 8, stepsPerRound: 1 },
  { model: 'vit-large', batch: 4, stepsPerRound: 1 },
];

const options = new Command('training-step')
  .description(
    'Times the training step on every engine and device, and PyTorch if there is one, in alternating rounds.',
  )
  .option('--rounds <n>', 'rounds of each, at most', Number, 9)
  .option('--seconds <n>', 'how long the rounds of two may be', Number, 60)
  .option('--threads <n>', 'threads of each', Number, cpus().length)
  .option('--python <command...>', 'Python interpreters that have PyTorch', ['python3', '/usr/bin/python3'])
  .option('--only <model...>', 'some models only')
  .option('--among <text...>', 'only those beside the first whose name has one of these in it')
  .option('--batch <n>', 'another batch than usual', Number)
  .option('--slow', 'those too that are slow: software adapters, plain JavaScript', false)
  .parse()
  .opts();

const root = fileURLToPath(new URL('../../', import.meta.url));
const temporary = await mkdtemp(join(tmpdir(), 'mae-bench-'));
try {
  await runAll();
} finally {
  await rm(temporary, { recursive: true });
}
// The libraries that were asked for devices keep threads.
process.exit();

async function runAll(): Promise<void> {
  const own = await findOwnEngines({ slow: options.slow, temporary });
  const peers = await findPyTorch(options.python);
  console.log(`${cpus()[0]?.model.trim()}, ${options.threads} threads, Node ${process.version}`);
  for (const { name, reason } of [...own.absent, ...peers.absent]) console.log(`without ${name}: ${reason}`);
  const [first, ...others] = [...own.present, ...peers.present];
  if (first === undefined) throw new Error('the ONNX engine is not here');
  const isWanted = ({ name }: Contestant) => options.among?.some((text) => name.includes(text)) ?? true;
  for (const each of CASES) {
    if (options.only?.includes(each.model) ?? true) await runCase(each, first, others.filter(isWanted));
  }
}

async function runCase(each: Case, first: Contestant, others: readonly Contestant[]): Promise<void> {
  const directory = `${root}/generated/${each.model}`;
  if (!existsSync(`${directory}/onnx`)) throw new Error(`${directory} is not compiled: npm run compile`);
  const spec = await loadSpec(directory);
  const batch = options.batch ?? each.batch;
  const flops = spec.cost.trainingFlops;
  console.log(`\n${each.model}, batch ${batch}, ${(flops / 1e9).toFixed(2)} GFLOP a picture`);
  const contest = await runContest(first, others, {
    task: { directory, model: spec.model, batch, threads: options.threads },
    limits: { ...options, stepsPerRound: each.stepsPerRound },
    tell: {
      progress: (text) => showProgress(`${each.model}: ${text}`),
      line(text) {
        showProgress('');
        console.log(text);
      },
    },
  });
  showProgress('');
  for (const line of reportOf(contest, batch, flops)) console.log(line);
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
