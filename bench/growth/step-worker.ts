import { createOnnxEngine } from '../../runtime/engine/onnx/onnx-engine.ts';
import { OnnxRuntime } from '../../runtime/engine/onnx/onnx-runtime.ts';
import { graphPath, loadSpec } from '../../runtime/model/load-spec.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { stepTaker } from '../steps/step-taker.ts';

/** What a process of its own found out of a compiled model; see `measureSteps`. */
export interface StepMeasures {
  /** Processor seconds in which ONNX Runtime makes the step's graph a session. */
  readonly session: number;
  /** Processor seconds of the fastest step, AdamW included. */
  readonly step: number;
  /** Resident memory at its highest, above that of the process before it opened the model. */
  readonly bytes: number;
}

const ROUNDS = 5;
const [directory = '', batch = '1', steps = '1', threads = '1'] = process.argv.slice(2);
console.log(JSON.stringify(await measure(directory, Number(batch), Number(steps), Number(threads))));
process.exit(0);

/** Opens the step's graph, then takes steps with an engine as training does. */
async function measure(
  folder: string,
  size: number,
  count: number,
  threadCount: number,
): Promise<StepMeasures> {
  const spec = await loadSpec(folder);
  const runtime = await OnnxRuntime.load('cpu', threadCount);
  const before = process.memoryUsage.rss();
  const graph = spec.graphs['pretrain-gradients'];
  const path = await graphPath(folder, spec, { name: 'pretrain-gradients', graph });
  const session = await fastest(ROUNDS, async () => {
    const opened = await runtime.open(path, { name: 'pretrain-gradients' });
    return () => opened.release();
  });
  const engine = await createOnnxEngine({ spec, directory: folder, threads: threadCount });
  await engine.loadParameters(initialParameters(spec, 0));
  const takeStep = stepTaker(engine, spec, size);
  const step = await fastest(count, async () => {
    await takeStep();
  });
  return { session, step, bytes: 1024 * process.resourceUsage().maxRSS - before };
}

/** Processor seconds of the fastest of so many rounds; what a round returns is called after it. */
async function fastest(
  rounds: number,
  round: () => Promise<(() => Promise<void>) | undefined | void>,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const before = process.cpuUsage();
    const after = await round();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
    await after?.();
  }
  return best;
}
