import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { formatBytes } from '../runtime/train/format.ts';
import { trainingBytes } from '../runtime/train/training-memory.ts';
import { median } from './median.ts';
import { StepWorker } from './worker-protocol.ts';

/**
 * Time and memory of the training steps of several compiled models, or of one compiled in several ways, taken in turns, each in
 * a process of its own. Processor time says more than time where the machine is busy with other things.
 */
const program = new Command('compare-steps')
  .description(
    'Times the training steps of compiled models in alternating rounds, and measures their memory.',
  )
  .argument('<folder...>', 'folders of compiled models, such as generated/vit-base')
  .option('--batch <n>', 'pictures of a step', Number, 8)
  .option('--rounds <n>', 'steps of each', Number, 5)
  .option('--threads <n>', 'threads of each', Number, cpus().length)
  .parse();
const { batch, rounds, threads } = program.opts();

const workers = await Promise.all(program.processedArgs[0].map(begin));
for (const { worker } of workers) await worker.steps(2);
for (let round = 0; round < rounds; round++) {
  for (const { worker, seconds, cpuSeconds, peaks } of workers) {
    const step = await worker.steps(1);
    seconds.push(...step.seconds);
    cpuSeconds.push(step.cpuSeconds ?? Number.NaN);
    peaks.push(step.peakBytes ?? Number.NaN);
  }
}
console.log(`${cpus()[0]?.model.trim()}, ${threads} threads, Node ${process.version}, batch ${batch}`);
for (const { folder, worker, seconds, cpuSeconds, peaks, estimate } of workers) {
  worker.stop();
  console.log(
    `${folder}: ${median(seconds).toFixed(2)} s a step (best ${Math.min(...seconds).toFixed(2)}), ${median(cpuSeconds).toFixed(2)} s of processor time (best ${Math.min(...cpuSeconds).toFixed(2)}), peak ${formatBytes(Math.max(...peaks))} (estimated ${formatBytes(estimate)})`,
  );
}

async function begin(folder: string) {
  const spec = await loadSpec(folder);
  const script = fileURLToPath(new URL('engine-step-worker.js', import.meta.url));
  const worker = new StepWorker(folder, process.execPath, [script, folder]);
  await worker.start({ model: spec.model, batch, threads });
  const recipe = { ...spec.recipes.pretrain, batch, accumulation: 1 };
  const measured = { seconds: [] as number[], cpuSeconds: [] as number[], peaks: [] as number[] };
  return { folder, worker, ...measured, estimate: trainingBytes(spec.cost, recipe) };
}
