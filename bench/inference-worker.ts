import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Random } from '../runtime/random.ts';

/**
 * Runs an exported encoder when told; see `StepWorker`. The file is the first argument; the features of the first run go to the
 * second. Tells at first which nodes ONNX Runtime made of the file.
 */
const [file = '', features = ''] = process.argv.slice(2);
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup = JSON.parse((await lines.next()).value);
const { channels, height, width } = setup.model.image;
const dims = [setup.batch, channels, height, width];
const images = Random.from('inference').fillNormal(new Float32Array(setup.batch * channels * height * width));

const folder = await mkdtemp(join(tmpdir(), 'mae-inference-'));
const optimized = join(folder, 'optimized.onnx');
const settings = { intraOpNumThreads: setup.threads, interOpNumThreads: 1, logSeverityLevel: 3 as const };
// A session apart: one that writes its graph leaves out what depends on the processor.
await (await InferenceSession.create(file, { ...settings, optimizedModelFilePath: optimized })).release();
const nodes = countNodes(await readFile(optimized));
await rm(folder, { recursive: true });

const session = await InferenceSession.create(file, settings);
const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]];
const feeds = { [input]: new Tensor('float32', images, dims) };
const first = (await session.run(feeds))[output]?.data;
if (!(first instanceof Float32Array)) throw new Error(`${file} yields no features`);
await writeFile(features, new Uint8Array(first.buffer, first.byteOffset, first.byteLength));
console.log(JSON.stringify({ nodes }));

for await (const line of lines) {
  // Until the threads of the one before it, which wait in a loop, have gone to sleep.
  await setTimeout(100);
  const before = process.cpuUsage();
  const seconds: number[] = [];
  for (let run = 0; run < Number(line); run++) {
    const start = performance.now();
    await session.run(feeds);
    seconds.push((performance.now() - start) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
}
process.exit(0);

/** How many nodes of each kind there are. */
function countNodes(bytes: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of onnxProto.onnx.ModelProto.decode(bytes).graph?.node ?? []) {
    counts[opType ?? ''] = (counts[opType ?? ''] ?? 0) + 1;
  }
  return counts;
}
