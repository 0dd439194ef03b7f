import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { alignColumns } from '../../compiler/emit/report/align-columns.ts';
import { formatBytes } from '../../runtime/train/format.ts';
import { exponents } from './exponents.ts';

/** What the built command takes to compile a folder. */
export interface FolderCost {
  readonly models: number;
  /** Of the processor, in all threads. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Resident memory at its highest. */
  readonly peakBytes: number;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiles a folder of so many small models that differ, with the built command in a process of its own. */
export async function compileFolder(models: number, folder: string): Promise<FolderCost> {
  const specs = join(folder, `${models}-specs`);
  const out = join(folder, `${models}-models`);
  const usage = join(folder, `${models}-usage.json`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(specs, { recursive: true });
  for (let number = 0; number < models; number++) {
    writeFileSync(join(specs, `model-${number}.mae`), smallModel(number));
  }
  const reporter = new URL('report-usage.js', import.meta.url).href;
  const command = join(root, 'dist/compiler/cli/mae-compile.js');
  const args = ['--import', reporter, command, specs, '--out', out, '--quiet'];
  const start = performance.now();
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, REPORT_USAGE: usage } });
  const seconds = (performance.now() - start) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage = JSON.parse(
    readFileSync(usage, 'utf8'),
  );
  rmSync(out, { recursive: true });
  return { models, seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: 1024 * maxRSS };
}

/** No two of them share their graphs, and neighbours differ in every size. */
function smallModel(number: number): string {
  const width = 48 * (1 + (number % 8));
  const depth = 1 + (Math.floor(number / 8) % 4);
  const removed = 24 + 2 * (Math.floor(number / 32) % 32);
  return `model model-${number} {
  image   64x64x3
  patch   8
  encoder { width ${width}, depth ${depth}, heads 3 }
  decoder { width 48, depth 1, heads 3 }
  mask    random ${removed}%
  loss    mse { on masked, target pixels }

  pretrain {
    epochs    10
    warmup    1
    batch     64
    optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95, weight-decay 0.05 }
    schedule  cosine
    augment   { crop 20%..100%, flip }
  }
}
`;
}

/** A table of several folders, in ascending order of their models, and how seconds and memory grow. */
export function folderTable(costs: readonly FolderCost[]): string {
  const header = ['models', 'seconds', 'processor seconds', 'of each model', 'peak memory'];
  const rows = costs.map(({ models, seconds, cpuSeconds, peakBytes }) => [
    String(models),
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    `${((1000 * cpuSeconds) / models).toFixed(0)} ms`,
    formatBytes(peakBytes),
  ]);
  const table = alignColumns(
    [header, ...rows],
    header.map(() => 'right' as const),
  );
  const [first, last] = [costs[0], costs.at(-1)];
  if (first === undefined || last === undefined || first === last) return table;
  const time = exponents(costs.map(({ models, cpuSeconds }) => [models, cpuSeconds]));
  const each = (last.peakBytes - first.peakBytes) / (last.models - first.models);
  return `${table}\nexponent of the processor seconds: ${time.overall.toFixed(2)}, at the end ${time.atTheEnd.toFixed(2)} (should be 1)
memory: ${formatBytes(Math.max(0, each))} more for each model (should be none)`;
}
