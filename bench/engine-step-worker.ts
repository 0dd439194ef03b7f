import { createInterface } from 'node:readline';
import type { Device } from '../runtime/engine/device.ts';
import type { PretrainingEngine } from '../runtime/engine/engine.ts';
import type { BackendName } from '../runtime/engine/tfjs/backends.ts';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { Random } from '../runtime/random.ts';
import { drawDrops } from '../runtime/train/draw-drops.ts';
import { maskingFromNoise } from '../runtime/train/masking.ts';
import { initialParameters } from '../runtime/weights/initialize.ts';

/** Which engine takes the steps; ONNX Runtime on the CPU if the set-up names none. */
export type EngineChoice =
  | { readonly kind: 'onnx'; readonly device: Device }
  | { readonly kind: 'tfjs'; readonly backend: BackendName };

/** Takes steps of a compiled model when told; see `StepWorker`. The model's folder is the argument. */
const directory = process.argv[2] ?? '';
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup: { batch: number; threads: number; engine?: EngineChoice } = JSON.parse((await lines.next()).value);
const spec = await loadSpec(directory);
const { model } = spec;
const engine = await openChosen(setup.engine ?? { kind: 'onnx', device: 'cpu' });
await engine.loadParameters(initialParameters(spec, 0));
const random = Random.from('bench');
const size = setup.batch;
const numbers = Array.from({ length: size }, (_, picture) => picture);
const { patches, visible } = spec.tokens;
const images = random.fillNormal(
  new Float32Array(size * model.image.channels * model.image.height * model.image.width),
);
// The recipe's own constants: where a step with the optimizer inside was compiled, it is for these.
const update = { ...spec.recipes.pretrain.optimizer, learningRate: 1e-4 };
console.log(JSON.stringify({ engine: engine.description }));
for await (const line of lines) {
  const seconds: number[] = [];
  let loss = 0;
  const before = process.cpuUsage();
  for (let step = 0; step < Number(line); step++) {
    const start = performance.now();
    loss = await takeStep();
    seconds.push((performance.now() - start) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ seconds, loss, cpuSeconds: (user + system) / 1e6, peakBytes }));
}
process.exit(0);

async function takeStep(): Promise<number> {
  const noise = random.fillUniform(new Float32Array(size * patches));
  const masking = maskingFromNoise(noise, { size, patches, visible });
  const drops = drawDrops(spec.graphs['pretrain-gradients'], numbers, 'bench');
  const batch = { size, images, masking, drops };
  if (engine.step) return engine.step(batch, update);
  const loss = await engine.accumulate(batch, 1);
  await engine.update(update);
  return loss;
}

async function openChosen(choice: EngineChoice): Promise<PretrainingEngine> {
  if (choice.kind === 'tfjs') {
    const { createTfjsEngine } = await import('../runtime/engine/tfjs/tfjs-engine.ts');
    return createTfjsEngine({ spec, directory, backend: choice.backend });
  }
  const { createOnnxEngine } = await import('../runtime/engine/onnx/onnx-engine.ts');
  return createOnnxEngine({ spec, directory, threads: setup.threads, device: choice.device });
}
