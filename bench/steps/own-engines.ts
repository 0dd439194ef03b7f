import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PROBES } from '../../runtime/engine/choose-engine.ts';
import { DEVICES, type Device } from '../../runtime/engine/device.ts';
import { BACKEND_NAMES, BACKENDS, type BackendName } from '../../runtime/engine/tfjs/backends.ts';
import { loadSpec } from '../../runtime/model/load-spec.ts';
import { StepWorker } from '../worker-protocol.ts';
import { type Absent, type Contestant, CPU, type Field, started, type Task } from './contestant.ts';
import type { EngineChoice } from './engine-choice.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const script = fileURLToPath(new URL('../engine-step-worker.js', import.meta.url));

/** Whether to let those take part that are there and slow: software adapters and plain JavaScript. */
export interface OwnOptions {
  readonly slow: boolean;
  /** For models that are compiled for this bench alone. */
  readonly temporary: string;
}

/** The engines of this project that are here, on every device; that of ONNX Runtime on the CPU is the first. */
export async function findOwnEngines({ slow, temporary }: OwnOptions): Promise<Field> {
  const present: Contestant[] = [];
  const absent: Absent[] = [];
  for (const device of [...DEVICES].reverse()) {
    const name = `mae-compiler, onnx on ${device}`;
    const found = await PROBES.onnx[device]();
    if (found.kind === 'unavailable') absent.push({ name, reason: found.reason });
    else if (found.slow && !slow) absent.push({ name, reason: `${found.on} is slow; --slow asks for it` });
    else present.push(...onnxContestants(device, device === 'cpu' ? CPU : found.on, temporary));
  }
  for (const backend of BACKEND_NAMES) {
    const name = `mae-compiler, tfjs on ${backend}`;
    const found = await BACKENDS[backend].prepare();
    if (found.kind !== 'ready') absent.push({ name, reason: found.reason });
    else if (isSlow(backend, found.processor) && !slow) {
      absent.push({ name, reason: `${found.device} is slow; --slow asks for it` });
    } else {
      const on = found.processor === 'cpu' ? CPU : found.device;
      present.push(contestant(name, 'float32', on, { kind: 'tfjs', backend }));
    }
  }
  return { present, absent };
}

const isSlow = (backend: BackendName, processor: string): boolean =>
  processor === 'software' || backend === 'cpu';

function onnxContestants(device: Device, on: string, temporary: string): Contestant[] {
  const name = `mae-compiler, onnx on ${device}`;
  const choice: EngineChoice = { kind: 'onnx', device };
  const float32 = contestant(name, 'float32', on, choice);
  if (device !== 'webgpu') return [float32];
  return [float32, contestant(name, 'float16', on, choice, (task) => compileFloat16(task, temporary))];
}

function contestant(
  name: string,
  precision: Contestant['precision'],
  on: string,
  engine: EngineChoice,
  prepare: (task: Task) => Promise<string> = async ({ directory }) => directory,
): Contestant {
  return {
    name,
    precision,
    on,
    async start(task) {
      const worker = new StepWorker(name, process.execPath, [script, await prepare(task)]);
      return started(worker, { ...task, engine });
    },
  };
}

/** Compiles a model of `spec/` with steps in float16; resolves to its folder. */
async function compileFloat16({ directory }: Task, temporary: string): Promise<string> {
  const { model, recipes } = await loadSpec(directory);
  const out = join(temporary, 'float16');
  const command = join(root, 'dist/compiler/cli/mae-compile.js');
  const setting = `${recipes.pretrain.name}.precision=float16`;
  await promisify(execFile)(process.execPath, [
    command,
    join(root, `spec/${model.name}.mae`),
    '--set',
    setting,
    '--out',
    out,
  ]);
  return join(out, model.name);
}
