import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Command } from '@commander-js/extra-typings';
import { parseCount, parseThreads } from '../runtime/cli/parse-values.ts';
import { AXES, AXIS_NAMES, type Axis, allPoints, BASE, nameOf, specText } from './growth/axes.ts';
import { compilePoint, modelOf } from './growth/compile-point.ts';
import { baseNote, drawGrowth } from './growth/draw-growth.ts';
import { reportHuge } from './growth/huge.ts';
import { compileFolder, type FolderCost, folderTable } from './growth/many-models.ts';
import { type Measured, measurePoint } from './growth/measure-point.ts';
import { countWorse, growthTables } from './growth/report.ts';

/**
 * How time and memory grow with a model: each size varied alone around a small base; ViT-H; and folders of many models. Processor
 * time of one thread, the least of several rounds, says the same whatever else the machine does.
 */
const { quick, steps, compilations, threads, draw, out, only } = new Command('growth')
  .description('Measures how steps, memory, session start and compilation grow with the sizes of a model.')
  .option('--quick', 'small sizes and few rounds: about a minute')
  .option('--steps <number>', 'steps of which the fastest counts', parseCount, 7)
  .option('--compilations <number>', 'compilations of which the fastest counts', parseCount, 5)
  .option('--threads <number>', 'threads of a step', parseThreads, 1)
  .option('--only <parts...>', 'some of: sizes, huge, folders', ['sizes', 'huge', 'folders'])
  .option('--draw <file>', 'where the plots go (default: runs/growth.svg)', 'runs/growth.svg')
  .option('--out <folder>', 'where models are compiled to', 'runs/growth')
  .parse()
  .opts();

const machine = `${cpus()[0]?.model.trim()}, ${threads} thread${threads === 1 ? '' : 's'}, Node ${process.version}`;
console.log(machine);
mkdirSync(out, { recursive: true });

if (only.includes('sizes')) await measureSizes();
if (only.includes('huge') && !quick) console.log(`\n${await reportHuge(out, cpus().length)}`);
if (only.includes('folders')) await measureFolders(quick ? [8, 16, 32] : [125, 250, 500, 1000]);
rmSync(out, { recursive: true });

async function measureSizes(): Promise<void> {
  const effort = quick ? { compilations: 2, steps: 3, threads } : { compilations, steps, threads };
  // The first compilations are slow: code is not yet optimized.
  compilePoint(modelOf(specText(BASE)), `${out}/warm-up`, quick ? 6 : 50);
  const points: Measured[] = [];
  const wanted = allPoints(quick ? smallAxes() : AXES);
  for (const sizes of wanted) {
    points.push(await measurePoint(sizes, out, effort));
    console.error(`${points.length} of ${wanted.length}: ${nameOf(sizes)}`);
  }
  console.log(`\n${growthTables(points)}\n`);
  const worse = countWorse(points);
  console.log(worse === 0 ? 'nothing grows faster than it should' : `${worse} grow faster than they should`);
  writeFileSync(draw, drawGrowth(points, `${machine}. The base: ${baseNote}.`));
  console.log(`drawn in ${draw}`);
}

/** All but the largest. */
function smallAxes(): Readonly<Record<Axis, readonly number[]>> {
  const small = (axis: Axis) => AXES[axis].slice(0, -1);
  const [depth, width, tokens, batch] = AXIS_NAMES.map(small);
  return { depth: depth ?? [], width: width ?? [], tokens: tokens ?? [], batch: batch ?? [] };
}

async function measureFolders(counts: readonly number[]): Promise<void> {
  const costs: FolderCost[] = [];
  for (const count of counts) {
    costs.push(await compileFolder(count, out));
    console.error(`${count} models compiled`);
  }
  console.log(`\n${folderTable(costs)}`);
}
