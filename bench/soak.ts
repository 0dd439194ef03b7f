import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from '@commander-js/extra-typings';
import { drawPictureSet } from '../examples/pictures-generator/draw-picture-set.ts';
import { SUBJECTS } from '../examples/pictures-generator/subjects.ts';
import { deviceOption } from '../runtime/cli/device-option.ts';
import { parseCount, parseThreads } from '../runtime/cli/parse-values.ts';
import { ENGINE_KINDS, openEngine } from '../runtime/engine/open-engine.ts';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { formatBytes, formatDuration } from '../runtime/train/format.ts';
import { pretrain } from '../runtime/train/pretrain.ts';
import { readLog } from '../runtime/train/run-log.ts';
import type { RunView } from '../runtime/train/run-view.ts';
import { median } from './median.ts';
import { drawSoak } from './soak/draw-soak.ts';
import { judgeSoak, percent, type SoakStep } from './soak/verdict.ts';

/**
 * A long pretraining run as users have it: pictures read, augmented and fed, checkpoints and drawings now and then, logs. Fails where
 * its memory grows or its steps become slower.
 */
const { model, steps, batch, engine, device, threads, out, report } = new Command('soak')
  .description('Pretrains a model for many steps; fails where memory grows or steps become slower.')
  .option('--model <name>', 'a compiled model of generated/', 'vit-tiny')
  .option('--steps <number>', 'optimizer steps', parseCount, 2000)
  .option('--batch <number>', 'pictures of a step', parseCount, 64)
  .addOption(
    new Option('--engine <name>', 'what computes the steps').choices(ENGINE_KINDS).default('onnx' as const),
  )
  .addOption(deviceOption())
  .option('--threads <number>', 'threads of the onnx engine', parseThreads, cpus().length)
  .option('--report <seconds>', 'how often to say how it goes', parseCount, 30)
  .option('--out <folder>', 'where pictures, run and drawing go', 'runs/soak')
  .parse()
  .opts();

const LIMITS = { memory: 0.05, time: 0.1 };
const PER_CLASS = 200;
/** Checkpoints and drawings in a run. */
const SAVES = 20;

const directory = fileURLToPath(new URL(`../../generated/${model}`, import.meta.url));
if (!existsSync(`${directory}/onnx`)) throw new Error(`${directory} is not compiled: npm run compile`);
const spec = await loadSpec(directory);
const pictures = `${out}/pictures`;
console.log(`${cpus()[0]?.model.trim()}, ${threads} threads, Node ${process.version}`);
await mkdir(out, { recursive: true });
await drawPictureSet({ directory: pictures, perClass: PER_CLASS, size: 96, seed: 1 });

const stepsPerEpoch = Math.floor((PER_CLASS * Object.keys(SUBJECTS).length) / batch);
if (stepsPerEpoch === 0) throw new Error(`a batch of ${batch} is more than all pictures`);
const epochs = Math.ceil(steps / stepsPerEpoch);
const interval = { epochs: Math.max(1, Math.round(steps / SAVES / stepsPerEpoch)) };

/** What the process was like when the run told of a step. */
const states: { readonly time: number; readonly cpu: number; readonly bytes: number }[] = [];
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
const { files, status } = await pretrain({
  spec,
  data: pictures,
  out: `${out}/run`,
  existing: 'overwrite',
  openEngine: () => openEngine(engine, { spec, directory, device, threads }),
  overrides: { batch, accumulation: 1, epochs, warmup: epochs / 20 },
  maxSteps: steps,
  saveEvery: interval,
  drawEvery: interval,
  view: observingView(),
});

const measured = joined(await readLog(files.log));
const verdict = judgeSoak(measured, LIMITS);
const usual = median(measured.map((step) => step.seconds));
const notes = [
  `${measured.length} steps of ${batch} pictures, the median ${usual.toFixed(3)} s, ${(batch / usual).toFixed(1)} images/s`,
  `memory ${signed(verdict.memoryGrowth)} after the warm-up; a step ${signed(verdict.timeDrift)}, its processor time ${signed(verdict.cpuDrift)}, from the first quarter to the last`,
];
const picture = `${out}/soak.svg`;
await writeFile(picture, drawSoak(measured, `${model}, ${engine} engine`, notes));
console.log(`\n${status} after ${formatDuration(seconds())}`);
for (const note of notes) console.log(note);
const most = formatBytes(Math.max(...measured.map(({ bytes }) => bytes)));
console.log(`most memory after a step ${most}; drawn in ${relative(process.cwd(), picture)}`);
for (const complaint of verdict.complaints) console.error(`failed: ${complaint}`);
process.exit(verdict.complaints.length > 0 ? 1 : 0);

/** Takes the process's measures at each step, and says now and then how it goes. */
function observingView(): RunView {
  let reported = 0;
  return {
    line: (text) => console.log(text),
    warn: (text) => console.log(`warning  ${text}`),
    progress(text) {
      const { user, system } = process.cpuUsage();
      states.push({ time: seconds(), cpu: (user + system) / 1e6, bytes: process.memoryUsage.rss() });
      if (seconds() - reported < report) return;
      reported = seconds();
      const recent = states.slice(-20);
      const pace = ((recent.at(-1)?.time ?? 0) - (recent[0]?.time ?? 0)) / Math.max(1, recent.length - 1);
      console.log(
        `${formatDuration(reported).padStart(7)}  ${formatBytes(recent.at(-1)?.bytes ?? 0)}  ${pace.toFixed(3)} s a step  ${text}`,
      );
    },
    close: () => undefined,
  };
}

/** The log's time of each step, beside what the process was like after it. */
function joined(log: Awaited<ReturnType<typeof readLog>>): SoakStep[] {
  const logged = log.filter((line) => line.event === 'step');
  if (logged.length !== states.length) {
    throw new Error(`the log has ${logged.length} steps, and the run told of ${states.length}`);
  }
  return logged.slice(1).flatMap(({ step, images_per_second }, i) => {
    const [before, after] = [states[i], states[i + 1]];
    if (before === undefined || after === undefined) return [];
    const { time, bytes, cpu } = after;
    return [{ step, time, seconds: batch / images_per_second, cpuSeconds: cpu - before.cpu, bytes }];
  });
}

function signed(share: number): string {
  return `${share < 0 ? '' : '+'}${percent(share)}`;
}
