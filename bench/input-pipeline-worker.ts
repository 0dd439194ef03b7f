import { createInterface } from 'node:readline';
import { type TrainingAugment, trainingBatches } from '../runtime/data/loader.ts';
import { Pictures } from '../runtime/data/pictures.ts';
import { fileSource } from '../runtime/data/sources/folder-source.ts';
import { openReadingThreads } from '../runtime/data/workers/reading-threads.ts';
import type { PipelineSetup } from './input-pipeline.ts';

/** Reads epochs of pictures when told; see `StepWorker`. */
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup: PipelineSetup = JSON.parse((await lines.next()).value);
const { paths, batch, threads, mean, deviation, size } = setup;

const AUGMENTS: Record<PipelineSetup['preset'], TrainingAugment> = {
  pretraining: { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true },
  'fine-tuning': {
    crop: [0.08, 1],
    aspect: [3 / 4, 4 / 3],
    flip: true,
    randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
    erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
  },
};

const augment = AUGMENTS[setup.preset];
const image = { channels: 3, height: size, width: size, mean: [...mean], deviation: [...deviation] };
const pictures = new Pictures({
  source: fileSource(paths),
  image,
  augment,
  threads: openReadingThreads(image, threads),
});
console.log(JSON.stringify({ version: `Node ${process.version}` }));
let epoch = 0;
for await (const line of lines) {
  const seconds: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < Number(line); i++, epoch++) {
    const start = performance.now();
    let read = 0;
    const batches = trainingBatches({ pictures, augment, batch, seed: 0, epoch });
    for await (const { indices } of batches) read += indices.length;
    if (read !== paths.length) throw new Error(`${read} pictures were read, not ${paths.length}`);
    seconds.push((performance.now() - start) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakBytes }));
}
process.exit(0);
