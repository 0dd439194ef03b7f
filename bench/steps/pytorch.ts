import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StepWorker } from '../worker-protocol.ts';
import { type Absent, type Contestant, CPU, type Field, started } from './contestant.ts';

const script = fileURLToPath(new URL('../../../bench/peers/mae_step.py', import.meta.url));

/** What a Python interpreter says of its PyTorch. */
interface Installed {
  readonly version: string;
  /** Name of the GPU that CUDA finds. */
  readonly gpu: string | null;
}

const QUESTION = `
import json, torch
gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
print(json.dumps({"version": torch.__version__, "gpu": gpu}))`;

/** Eager and by torch.compile, in float32 and with autocast to bfloat16, on the CPU and on a GPU that CUDA finds. */
export async function findPyTorch(commands: readonly string[]): Promise<Field> {
  const present: Contestant[] = [];
  const absent: Absent[] = [];
  const versions = new Set<string>();
  for (const command of commands) {
    try {
      const { stdout } = await promisify(execFile)(command, ['-c', QUESTION]);
      const installed: Installed = JSON.parse(stdout);
      if (versions.has(installed.version)) continue;
      versions.add(installed.version);
      present.push(...contestants(command, installed));
    } catch (error) {
      const lines = error instanceof Error ? error.message.trim().split('\n') : [String(error)];
      absent.push({ name: `PyTorch of ${command}`, reason: lines.at(-1) ?? '' });
    }
  }
  return { present, absent };
}

function contestants(command: string, { version, gpu }: Installed): Contestant[] {
  const major = Number.parseInt(version, 10);
  const devices =
    gpu === null
      ? [{ device: 'cpu', on: CPU }]
      : [
          { device: 'cpu', on: CPU },
          { device: 'cuda', on: gpu },
        ];
  return devices.flatMap(({ device, on }) =>
    (['float32', 'bfloat16'] as const).flatMap((precision) =>
      // Before 2 there was no torch.compile.
      (major < 2 ? [false] : [false, true]).map((compile) => {
        const name = `PyTorch ${version.replace(/\+.*/, '')}, ${compile ? 'compiled' : 'eager'}`;
        return {
          name,
          precision,
          on,
          start(task) {
            const worker = new StepWorker(name, command, [script], { OMP_NUM_THREADS: String(task.threads) });
            return started(worker, { ...task, device, precision, compile });
          },
        } satisfies Contestant;
      }),
    ),
  );
}
