import { createInterface } from 'node:readline';
import { createOnnxEngine } from '../runtime/engine/onnx/onnx-engine.ts';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { Random } from '../runtime/random.ts';
import { maskingFromNoise } from '../runtime/train/masking.ts';
import { initialParameters } from '../runtime/weights/initialize.ts';

/** Takes steps of a compiled model when told; see `StepWorker`. The model's folder is the argument. */
const directory = process.argv[2] ?? '';
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup = JSON.parse((await lines.next()).value);
const spec = await loadSpec(directory);
const { model } = spec;
const engine = await createOnnxEngine({ spec, directory, threads: setup.threads });
await engine.loadParameters(initialParameters(spec, 0));
const random = Random.from('bench');
const size: number = setup.batch;
const { patches, visible } = spec.tokens;
const images = Float32Array.from(
  { length: size * model.image.channels * model.image.height * model.image.width },
  () => random.normal(),
);
console.log(JSON.stringify({ engine: engine.description }));
for await (const line of lines) {
  const seconds: number[] = [];
  let loss = 0;
  const before = process.cpuUsage();
  for (let step = 0; step < Number(line); step++) {
    const start = performance.now();
    const noise = random.fillUniform(new Float32Array(size * patches));
    const masking = maskingFromNoise(noise, { size, patches, visible });
    loss = await engine.accumulate({ size, images, masking }, 1);
    await engine.update({
      kind: 'adamw',
      learningRate: 1e-4,
      betas: [0.9, 0.95],
      epsilon: 1e-8,
      weightDecay: 0.05,
    });
    seconds.push((performance.now() - start) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ seconds, loss, cpuSeconds: (user + system) / 1e6, peakBytes }));
}
process.exit(0);
