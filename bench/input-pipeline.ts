import { statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { formatBytes } from '../runtime/train/format.ts';
import { median } from './median.ts';
import { photographs } from './photographs.ts';
import { StepWorker } from './worker-protocol.ts';

/** Pictures per second from JPEG files to normalised tensors, against torchvision and timm, in turns in one run; prints the ratio. */

/** What both sides are told. */
export interface PipelineSetup {
  readonly paths: readonly string[];
  readonly batch: number;
  readonly threads: number;
  /** Random resized crop and flip, or those of fine-tuning with RandAugment and random erasing. */
  readonly preset: 'pretraining' | 'fine-tuning';
  /** Height and width of the model's images. */
  readonly size: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

interface Case {
  readonly preset: PipelineSetup['preset'];
  readonly threads: number;
}

const all = availableParallelism();
const CASES: readonly Case[] = [
  { preset: 'pretraining', threads: 1 },
  ...(all > 1 ? [{ preset: 'pretraining', threads: all } as const] : []),
  { preset: 'fine-tuning', threads: 1 },
];

const { rounds, python, only, drawn, repeats } = new Command('input-pipeline')
  .description('Times the reading of pictures against torchvision and timm, in alternating rounds.')
  .option('--rounds <n>', 'rounds of each', Number, 9)
  .option('--python <command>', 'a Python interpreter that has torchvision', 'python3')
  .option('--only <preset>', 'pretraining or fine-tuning only')
  .option('--drawn <n>', 'different pictures', Number, 40)
  .option('--repeats <n>', 'how often a round reads each', Number, 12)
  .parse()
  .opts();

const BATCH = 32;
const different = await photographs(drawn, (done) => progress(`drawing picture ${done} of ${drawn}`));
const paths = Array.from({ length: repeats }, () => different).flat();
paths.length -= paths.length % BATCH;
const bytes = different.reduce((sum, path) => sum + statSync(path).size, 0) / different.length;
console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} processors`);
console.log(`${drawn} JPEGs of 500x375, ${(bytes / 1000).toFixed(0)} kB on average; ${paths.length} a round`);
for (const benchmark of CASES.filter(({ preset }) => only === undefined || preset === only))
  await runCase(benchmark);

interface Timed {
  readonly worker: StepWorker;
  readonly label: string;
  /** Of each round. */
  readonly rates: number[];
  /** Milliseconds of processor time for a picture. */
  readonly costs: number[];
  /** The most resident memory after each round. */
  readonly peaks: number[];
}

async function runCase({ preset, threads }: Case): Promise<void> {
  const own = new StepWorker('mae-compiler', process.execPath, [
    fileURLToPath(new URL('input-pipeline-worker.js', import.meta.url)),
  ]);
  const peerScript = fileURLToPath(new URL('../../bench/peers/torchvision_pipeline.py', import.meta.url));
  const peer = new StepWorker(python, python, [peerScript]);
  const [mean, deviation] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const setup = { model: preset, paths, batch: BATCH, threads, preset, size: 224, mean, deviation };
  const timed: Timed[] = [];
  try {
    const { version } = await own.start(setup);
    timed.push({ worker: own, label: `mae-compiler (${version})`, rates: [], costs: [], peaks: [] });
    try {
      const { version: other } = await peer.start(setup);
      timed.push({ worker: peer, label: String(other), rates: [], costs: [], peaks: [] });
    } catch (error) {
      console.log(`  no torchvision in ${python}: ${error instanceof Error ? error.message : error}`);
    }
    await alternate(timed);
  } finally {
    own.stop();
    peer.stop();
  }
  report(`${preset}, ${threads} ${threads === 1 ? 'thread' : 'threads'} against as many workers`, timed);
}

async function alternate(timed: readonly Timed[]): Promise<void> {
  for (const { worker } of timed) await worker.work(1);
  for (let round = 0; round < rounds; round++) {
    for (const { worker, rates, costs, peaks } of timed) {
      const { seconds, cpuSeconds, peakBytes } = await worker.work(1);
      rates.push(paths.length / (seconds[0] ?? Number.NaN));
      costs.push((1000 * cpuSeconds) / paths.length);
      peaks.push(peakBytes);
    }
    progress(`round ${round + 1} of ${rounds}`);
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  ${text}`);
}

function report(title: string, timed: readonly Timed[]): void {
  progress('');
  console.log(`\n${title}: pictures/s, median of ${rounds} alternating rounds (least to most)`);
  for (const { label, rates, costs, peaks } of timed) {
    const first = formatBytes(peaks[0] ?? Number.NaN);
    console.log(`  ${spread(rates, 0).padEnd(22)} ${label}`);
    console.log(`  ${' '.repeat(22)} ${spread(costs, 2)} ms of a processor for a picture`);
    console.log(
      `  ${' '.repeat(22)} at most ${first} after a round, ${formatBytes(peaks.at(-1) ?? Number.NaN)} at last`,
    );
  }
  const [own, peer] = timed;
  if (own === undefined || peer === undefined) return;
  const faster = own.rates.map((rate, round) => rate / (peer.rates[round] ?? Number.NaN));
  const cheaper = own.costs.map((cost, round) => (peer.costs[round] ?? Number.NaN) / cost);
  console.log(`  ${spread(faster, 2)} times the pictures/s, of the rounds' ratios`);
  console.log(`  ${spread(cheaper, 2)} times the pictures per second of processor time`);
}

/** The median, and the least and the most. */
function spread(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
