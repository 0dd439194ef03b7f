import { basename } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { openSource } from '../data/open-source.ts';
import { Pictures, type SkippedPicture } from '../data/pictures.ts';
import { fileSource } from '../data/sources/folder-source.ts';
import { ENGINE_KINDS, openEngine } from '../engine/open-engine.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { loadSpec } from '../model/load-spec.ts';
import { type DrawingSample, drawSample, sampleOf } from '../train/drawing.ts';
import { describeEngine, field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import { readWeights } from '../weights/checkpoint.ts';
import { type OpenedWeights, withWeights } from '../weights/open-weights.ts';
import type { CommandIo } from './command-io.ts';
import { deviceOption } from './device-option.ts';
import { parseCount, parseNonNegativeInteger } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';
import { valuesLine, valuesOption } from './values-option.ts';

const HELP = `
Examples:
  mae reconstruct generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures
  mae reconstruct generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors cat.jpg dog.jpg \\
      --mask-seed 3 --out pets.png

Each row shows a picture, what is left of it, and what the model makes of that.`;

/** `mae reconstruct`: draws what a trained model makes of pictures with patches removed. */
export function reconstructCommand(io: CommandIo) {
  return newCommand('reconstruct', io)
    .summary('draw what a trained model makes of masked pictures')
    .description('Removes patches of pictures and draws what a trained model puts in their place.')
    .usage('<model> --checkpoint <file> (<pictures...> | --data <dir>) [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .argument('[pictures...]', 'the pictures to draw')
    .requiredOption(
      '--checkpoint <file>',
      "a checkpoint, or a safetensors or PyTorch file with official, timm's or Hugging Face's names (required)",
    )
    .addOption(valuesOption())
    .option('--data <dir>', 'draw pictures from all over this folder')
    .option('--count <number>', 'how many of them', parseCount, 8)
    .option('--out <file>', 'the picture to write', 'reconstruction.png')
    .option('--mask-seed <number>', 'another seed removes other patches', parseNonNegativeInteger, 0)
    .addOption(
      new Option('--engine <name>', 'what computes it').choices(ENGINE_KINDS).default('onnx' as const),
    )
    .addOption(deviceOption())
    .addHelpText('after', HELP)
    .action(async (directory, files, values, command) => {
      const { checkpoint, data, count, out, maskSeed, engine: kind, device, values: wanted } = values;
      if ((data === undefined) === (files.length === 0)) {
        command.error('error: name pictures to draw, or a folder with --data, not both', { exitCode: 2 });
      }
      const spec = await loadSpec(directory);
      const sample =
        data === undefined ? await readFiles(spec, files) : await readFolder(spec, data, count, io);
      const read = async (opened: OpenedWeights) => ({
        parameters: await readWeights(opened, spec),
        values: opened.values,
        caption: describeWeights(opened),
      });
      const weights = await withWeights(checkpoint, read, wanted);
      const engine = await openEngine(kind, { spec, directory, device });
      try {
        for (const line of describeEngine(engine)) io.stdout.write(`${line}\n`);
        await engine.loadParameters(weights.parameters);
        await drawSample({ engine, spec, sample, seed: maskSeed, caption: weights.caption, path: out });
      } finally {
        await engine.dispose();
      }
      io.stdout.write(`${valuesLine(checkpoint, weights.values)}\n${field('look at', out)}\n`);
    });
}

async function readFolder(
  spec: CompiledSpec,
  data: string,
  count: number,
  io: CommandIo,
): Promise<DrawingSample> {
  const onSkipped = ({ path, reason }: SkippedPicture) => io.stderr.write(`skipped ${path}: ${reason}\n`);
  const pictures = new Pictures({
    source: await openSource(data, { channels: spec.model.image.channels }),
    image: spec.model.image,
    onSkipped,
  });
  return sampleOf(pictures, count);
}

/** Pictures that were asked for by name: one that cannot be read is an error. */
async function readFiles(spec: CompiledSpec, paths: readonly string[]): Promise<DrawingSample> {
  const skipped: SkippedPicture[] = [];
  const onSkipped = (picture: SkippedPicture) => skipped.push(picture);
  const pictures = new Pictures({ source: fileSource(paths), image: spec.model.image, onSkipped });
  const reading = sampleOf(pictures, paths.length);
  const sample = await reading.catch((error: unknown) => {
    if (skipped.length === 0) throw error;
    return undefined;
  });
  if (sample !== undefined && skipped.length === 0) return sample;
  const reasons = skipped.map(({ path, reason }) => `${path}: ${reason}`);
  throw new UserError(
    `cannot draw ${reasons.join('; ')}`,
    'check the paths, and that the files are whole pictures',
  );
}

function describeWeights({ path, metadata, values }: OpenedWeights): string {
  const step = metadata.get('step');
  return [
    basename(path),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(values === 'ema' ? ['EMA'] : []),
  ].join(' · ');
}
