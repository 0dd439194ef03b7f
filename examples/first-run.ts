#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import pc from 'picocolors';

/** The main job from an empty machine: draw pictures, compile the specs, pretrain vit-pico, show the reconstructions. */

const { short } = new Command('first-run')
  .description('Draws a picture set, compiles spec/, pretrains vit-pico on it, and says where to look.')
  .option('--short', 'a few pictures and one epoch: whether everything works, not how well')
  .parse()
  .opts();

const root = fileURLToPath(new URL('../../', import.meta.url));
const pictures = short ? 'runs/short/pictures' : 'examples/pictures';
const run = short ? 'runs/short/vit-pico' : 'runs/first-run';

const drawing = [
  'dist/examples/draw-pictures.js',
  '--out',
  pictures,
  ...(short ? ['--per-class', '20'] : []),
];
const training = ['generated/vit-pico/pretrain.js', '--data', pictures, '--out', run, '--overwrite'];

await step('Drawing pictures', drawing);
await step('Compiling spec/', ['dist/compiler/cli/mae-compile.js', 'spec/', '--out', 'generated']);
await step('Pretraining vit-pico', [...training, ...(short ? ['--epochs', '2', '--warmup', '1'] : [])]);

const show = (file: string) => pc.bold(relative(process.cwd(), `${root}${run}/${file}`));
console.log(`\nLook at ${show('reconstruction.png')} and ${show('report.html')}.`);

/** Runs one of the project's own commands from the project's folder; ends with its exit code if it fails. */
async function step(title: string, args: readonly string[]): Promise<void> {
  console.log(`\n${pc.bold(title)}  ${pc.dim(`node ${args.join(' ')}`)}`);
  // Ctrl-C reaches the child too, which saves and says how to go on.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
  process.off('SIGINT', ignore);
  if (code !== 0) process.exit(code);
}
