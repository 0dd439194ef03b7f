import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { embedWeights } from '../runtime/cli/embed-weights.ts';
import { PRECISION_NAMES } from '../runtime/export/precision.ts';
import type { CompiledSpec } from '../runtime/model/compiled-spec.ts';
import { graphPath, loadSpec } from '../runtime/model/load-spec.ts';
import { initialParameters } from '../runtime/weights/initialize.ts';
import { writeSafetensors } from '../runtime/weights/safetensors.ts';
import { median } from './median.ts';
import { StepWorker } from './worker-protocol.ts';

/** Time of the exported encoder and of the same network exported by PyTorch, in turns by the same ONNX Runtime. */
const { model, batches, rounds, threads, python, nodes } = new Command('inference')
  .description('Times the exported encoder against those that PyTorch exports, in alternating rounds.')
  .option('--model <name>', 'the compiled model', 'vit-base')
  .option('--batches <n...>', 'batch sizes', ['1', '8'])
  .option('--rounds <n>', 'rounds of each', Number, 9)
  .option('--threads <n>', 'threads of each', Number, cpus().length)
  .option('--python <command...>', 'Python interpreters that have PyTorch', ['python3'])
  .option('--nodes', 'list the nodes that ONNX Runtime makes of each file')
  .parse()
  .opts();

interface Exported {
  readonly label: string;
  readonly path: string;
  readonly peer: boolean;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = `${root}/generated/${model}`;
if (!existsSync(`${directory}/onnx`)) throw new Error(`${directory} is not compiled: npm run compile`);
const spec = await loadSpec(directory);
const folder = await mkdtemp(join(tmpdir(), 'mae-inference-'));
try {
  const exports = [...(await exportOwn(spec)), ...(await exportPeers(spec))];
  console.log(`${cpus()[0]?.model.trim()}, ${threads} threads, Node ${process.version}, ${model}`);
  for (const batch of batches) await compare(exports, Number(batch));
} finally {
  await rm(folder, { recursive: true });
}

async function exportOwn({ parameters, graphs }: CompiledSpec): Promise<Exported[]> {
  const weights = [...initialParameters(spec, 0)];
  await writeSafetensors(join(folder, 'weights.safetensors'), weights);
  const graph = await graphPath(directory, spec, { name: 'encoder', graph: graphs.encoder });
  const files: Exported[] = [];
  for (const precision of PRECISION_NAMES) {
    const path = join(folder, `${precision}.onnx`);
    await embedWeights({ graph, parameters, weights, metadata: {}, out: path, precision });
    files.push({ label: `mae export, ${precision}`, path, peer: false });
  }
  return files;
}

async function exportPeers({ model: described }: CompiledSpec): Promise<Exported[]> {
  const script = `${root}/bench/peers/export_encoder.py`;
  const files: Exported[] = [];
  for (const command of python) {
    const worker = new StepWorker(command, command, [script]);
    try {
      const setup = {
        model: described,
        batch: 1,
        threads,
        weights: join(folder, 'weights.safetensors'),
        folder,
      };
      const { torch, files: written, failed } = await worker.start(setup);
      for (const [name, path] of Object.entries(written ?? {})) {
        files.push({ label: `PyTorch ${torch}, ${name}`, path: String(path), peer: true });
      }
      for (const [name, why] of Object.entries(failed ?? {})) {
        console.log(`  PyTorch ${torch} exports nothing by ${name}: ${why}`);
      }
    } catch (error) {
      console.log(`  no PyTorch in ${command}: ${error instanceof Error ? error.message : error}`);
    } finally {
      worker.stop();
    }
  }
  return files;
}

async function compare(exports: readonly Exported[], batch: number): Promise<void> {
  const script = fileURLToPath(new URL('inference-worker.js', import.meta.url));
  const runs = exports.map((each) => {
    const features = `${each.path}.features`;
    const worker = new StepWorker(each.label, process.execPath, [script, each.path, features]);
    return { ...each, features, worker, milliseconds: [] as number[], processor: [] as number[] };
  });
  const made: unknown[] = [];
  for (const { worker } of runs) made.push((await worker.start({ model: spec.model, batch, threads })).nodes);
  for (let round = 0; round < rounds; round++) {
    for (const { worker, milliseconds, processor } of runs) {
      const { seconds, cpuSeconds } = await worker.work(2);
      milliseconds.push((1000 * Math.min(...seconds)) / batch);
      processor.push((1000 * cpuSeconds) / seconds.length / batch);
    }
  }
  for (const { worker } of runs) worker.stop();
  console.log(`\nbatch ${batch}: ms a picture, median of ${rounds} alternating rounds (fastest to slowest)`);
  const peers = runs.filter(({ peer }) => peer);
  const fastest = [...peers].sort((a, b) => median(a.milliseconds) - median(b.milliseconds))[0];
  const exact = await readFeatures(runs[0]?.features ?? '');
  for (const [i, { label, features, milliseconds, processor }] of runs.entries()) {
    const spread = `${Math.min(...milliseconds).toFixed(1)} to ${Math.max(...milliseconds).toFixed(1)}`;
    const ratios = milliseconds.map((each, round) => (fastest?.milliseconds[round] ?? Number.NaN) / each);
    const against = fastest ? `${median(ratios).toFixed(3)}x the faster PyTorch, ` : '';
    const error = farthest(await readFeatures(features), exact).toExponential(1);
    console.log(
      `  ${median(milliseconds).toFixed(1).padStart(7)} (${spread}), ${median(processor).toFixed(0)} of processor time  ${label}: ${against}${error} off at most`,
    );
    if (nodes) console.log(`          ${JSON.stringify(made[i])}`);
  }
}

async function readFeatures(path: string): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function farthest(values: Float32Array, exact: Float32Array): number {
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - (exact[i] ?? Number.NaN))), 0);
}
