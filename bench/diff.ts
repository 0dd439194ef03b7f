import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareSides } from '../compiler/cli/sides/compare-sides.ts';
import { renderText } from '../compiler/diff/render/text.ts';
import { median } from './median.ts';

/**
 * How long `mae diff` takes for two specs of ViT-Huge that differ in a few settings: the whole command, with the start of its process,
 * beside a process that does nothing; and the comparison alone in one process.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const ROUNDS = 41;

/** Reports a process's own processor time when it ends. */
const REPORT = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error('cpu ' + (user + system) / 1000); });`,
)}`;

const folder = mkdtempSync(join(tmpdir(), 'mae-diff-bench-'));
try {
  const sides = writeSides();
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}, ${cpus().length} cores, load ${load}\n`);
  timeProcesses({
    'a process that does nothing': ['--eval', '0'],
    'mae diff, the whole command': [`${root}dist/cli/mae.js`, 'diff', ...sides],
  });
  await timeComparison(sides);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The shipped spec, and a copy in which settings of every class are others. */
function writeSides(): [string, string] {
  const [old, now] = [join(folder, 'vit-huge.mae'), join(folder, 'vit-huge-changed.mae')];
  const text = readFileSync(`${root}spec/vit-huge.mae`, 'utf8');
  const changed = text
    .replace('depth 32', 'depth 24')
    .replace('random 75%', 'random 60%')
    .replace('width 512, depth 8', 'width 384, depth 6')
    .replace('target normalized-pixels', 'target pixels');
  writeFileSync(join(folder, 'recipes.mae'), readFileSync(`${root}spec/recipes.mae`));
  writeFileSync(old, text);
  writeFileSync(now, changed);
  return [old, now];
}

/** Commands take turns, so that what else runs on the machine hits them alike. */
function timeProcesses(commands: Readonly<Record<string, readonly string[]>>): void {
  const times = Object.entries(commands).map(([name, args]) => ({
    name,
    args,
    wall: [] as number[],
    cpu: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { args, wall, cpu } of times) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, ['--import', REPORT, ...args], {
        encoding: 'utf8',
      });
      wall.push(performance.now() - start);
      if (status !== 0) throw new Error(stderr);
      cpu.push(Number(/^cpu (.*)$/m.exec(stderr)?.[1]));
    }
  }
  for (const { name, wall, cpu } of times) {
    console.log(`${name}: ${spread(wall)}; processor time ${spread(cpu)}`);
  }
}

/** The first round is that of a process that has compared nothing yet. */
async function timeComparison([old, now]: readonly [string, string]): Promise<void> {
  const wall: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    renderText(await compareSides(old, now));
    wall.push(performance.now() - start);
  }
  const [first = 0, ...others] = wall;
  console.log(
    `reading, comparing and printing in one process: first ${first.toFixed(0)} ms, then ${spread(others)}`,
  );
}

/** "183 ms median, 171–240". */
function spread(milliseconds: readonly number[]): string {
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${median(milliseconds).toFixed(0)} ms median, ${least.toFixed(0)}–${most.toFixed(0)}`;
}
