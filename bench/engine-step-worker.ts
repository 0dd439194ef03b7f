import { createInterface } from 'node:readline';
import type { PretrainingEngine } from '../runtime/engine/engine.ts';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { initialParameters } from '../runtime/weights/initialize.ts';
import type { EngineChoice } from './steps/engine-choice.ts';
import { stepTaker } from './steps/step-taker.ts';

/** Takes steps of a compiled model when told; see `StepWorker`. The model's folder is the argument. */
const directory = process.argv[2] ?? '';
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup: { batch: number; threads: number; engine?: EngineChoice } = JSON.parse(
  (await lines.next()).value,
);
const spec = await loadSpec(directory);
const engine = await openChosen(setup.engine ?? { kind: 'onnx', device: 'cpu' });
await engine.loadParameters(initialParameters(spec, 0));
const takeStep = stepTaker(engine, spec, setup.batch);
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

async function openChosen(choice: EngineChoice): Promise<PretrainingEngine> {
  if (choice.kind === 'tfjs') {
    const { createTfjsEngine } = await import('../runtime/engine/tfjs/tfjs-engine.ts');
    return createTfjsEngine({ spec, directory, backend: choice.backend });
  }
  const { createOnnxEngine } = await import('../runtime/engine/onnx/onnx-engine.ts');
  return createOnnxEngine({ spec, directory, threads: setup.threads, device: choice.device });
}
