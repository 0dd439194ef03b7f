import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { median } from './median.ts';
import { StepWorker } from './worker-protocol.ts';

/** Images per second of the compiled training step and of PyTorch, in turns in one run; prints the ratio. */
interface Case {
  readonly model: string;
  readonly batch: number;
  readonly stepsPerRound: number;
  /** Images/s relative to Debian's PyTorch that the project sets itself. */
  readonly aim: number;
}

const CASES: readonly Case[] = [
  { model: 'vit-tiny', batch: 64, stepsPerRound: 4, aim: 1.1 },
  { model: 'vit-base', batch: 8, stepsPerRound: 1, aim: 1.0 },
];

const { rounds, threads, python, only } = new Command('training-step')
  .description('Times the training step against PyTorch, if there is one, in alternating rounds.')
  .option('--rounds <n>', 'rounds of each', Number, 7)
  .option('--threads <n>', 'threads of each', Number, cpus().length)
  .option('--python <command...>', 'Python interpreters that have PyTorch', ['python3', '/usr/bin/python3'])
  .option('--only <model>', 'one model only')
  .parse()
  .opts();

const root = fileURLToPath(new URL('../../', import.meta.url));
const peerScript = `${root}/bench/peers/mae_step.py`;

console.log(`${cpus()[0]?.model.trim()}, ${threads} threads, Node ${process.version}`);
for (const benchmark of CASES.filter(({ model }) => only === undefined || model === only))
  await runCase(benchmark);

async function runCase({ model, batch, stepsPerRound, aim }: Case): Promise<void> {
  const directory = `${root}/generated/${model}`;
  if (!existsSync(`${directory}/onnx`)) throw new Error(`${directory} is not compiled: npm run compile`);
  const spec = await loadSpec(directory);
  const setup = { model: spec.model, batch, threads, compile: false };
  const workers: { readonly worker: StepWorker; readonly label: string; readonly rates: number[] }[] = [];
  const worker = new StepWorker('mae-compiler', process.execPath, [
    fileURLToPath(new URL('onnx-step-worker.js', import.meta.url)),
    directory,
  ]);
  const about = await worker.start(setup);
  workers.push({ worker, label: `mae-compiler (${about.engine})`, rates: [] });
  const versions = new Set<unknown>();
  for (const command of python) {
    const peer = new StepWorker(command, command, [peerScript], { OMP_NUM_THREADS: String(threads) });
    try {
      const { torch } = await peer.start(setup);
      if (versions.has(torch)) peer.stop();
      else workers.push({ worker: peer, label: `PyTorch ${torch}`, rates: [] });
      versions.add(torch);
    } catch (error) {
      peer.stop();
      console.log(`  no PyTorch in ${command}: ${error instanceof Error ? error.message : error}`);
    }
  }
  await alternate(workers, batch, stepsPerRound);
  report(`${model}, batch ${batch}`, workers, aim);
}

type Timed = { readonly worker: StepWorker; readonly label: string; readonly rates: number[] };

async function alternate(workers: readonly Timed[], batch: number, stepsPerRound: number): Promise<void> {
  for (const { worker } of workers) await worker.steps(2);
  for (let round = 0; round < rounds; round++) {
    for (const { worker, rates } of workers) {
      const { seconds } = await worker.steps(stepsPerRound);
      rates.push((batch * seconds.length) / seconds.reduce((sum, s) => sum + s, 0));
    }
    if (process.stderr.isTTY) process.stderr.write(`\r  round ${round + 1} of ${rounds}`);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  for (const { worker } of workers) worker.stop();
}

function report(title: string, workers: readonly Timed[], aim: number): void {
  console.log(`\n${title}: images/s, median of ${rounds} alternating rounds (slowest to fastest)`);
  const own = workers[0]?.rates ?? [];
  for (const { label, rates } of workers) {
    const spread = `${Math.min(...rates).toFixed(2)} to ${Math.max(...rates).toFixed(2)}`;
    const ratio = median(own.map((rate, round) => rate / (rates[round] ?? Number.NaN)));
    const against =
      rates === own ? '' : `   mae-compiler is ${ratio.toFixed(2)}x this (median of the rounds' ratios)`;
    console.log(`  ${median(rates).toFixed(2).padStart(8)}  (${spread})  ${label}${against}`);
  }
  if (workers.length === 1)
    console.log('  no PyTorch was found: nothing to compare with (--python COMMAND names one)');
  else console.log(`  aim: ${aim}x of Debian's python3-torch with libopenblas0-openmp`);
}
