import { Option } from '@commander-js/extra-typings';
import { openSource } from '../data/open-source.ts';
import { Pictures } from '../data/pictures.ts';
import { labelsOf } from '../data/source.ts';
import { openReadingThreads } from '../data/workers/reading-threads.ts';
import { ENGINE_KINDS } from '../engine/open-engine.ts';
import { encoderFeatures, featureWidth, POOLINGS } from '../evaluate/encoder-features.ts';
import { checkFeaturePath, writeFeatures } from '../evaluate/feature-file.ts';
import { loadSpec } from '../model/load-spec.ts';
import { textOf } from '../model/picture-size.ts';
import { runView } from '../train/run-view.ts';
import { describeEngine, field } from '../train/summary.ts';
import type { CommandIo } from './command-io.ts';
import { deviceOption } from './device-option.ts';
import { openEncoder } from './encoder-engine.ts';
import { describeImage, imageOption, specForImage } from './image-option.ts';
import { parseCount, parsePositiveShare, parseThreads } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';
import { valuesLine, valuesOption } from './values-option.ts';

const HELP = `
Examples:
  mae features generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures --out features.npy
  mae features generated/vit-base --checkpoint mae_pretrain_vit_base.pth --data val --pooling class-token \\
      --out features.safetensors
  mae features generated/mine --checkpoint mine.safetensors --data pictures --image 448x448 --out features.npy

With --image the positions are interpolated for the other size; the spec must say accept multiples, or any.

A .npy file holds the features [pictures, width]; labels, names and classes are in files beside it.
A .safetensors file holds all of these. With --pooling tokens a row is all tokens of a picture, one
after the other: class tokens and registers first, then the patches row by row.`;

const SPLITS = ['all', 'train', 'validation'] as const;

function featuresOptions(io: CommandIo) {
  return newCommand('features', io)
    .summary('write what an encoder makes of pictures')
    .description('Runs the encoder on pictures and writes its features.')
    .usage('<model> --checkpoint <file> --data <path> --out <file> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .requiredOption(
      '--checkpoint <file>',
      "a checkpoint, safetensors or .pth, with official, timm's or Hugging Face's names (required)",
    )
    .addOption(valuesOption())
    .requiredOption('--data <path>', 'the pictures; see docs/data.md (required)')
    .requiredOption('--out <file>', 'the file to write: .npy or .safetensors (required)')
    .addOption(
      new Option('--pooling <kind>', 'what of the tokens').choices(POOLINGS).default('mean' as const),
    )
    .option(
      '--layer <number>',
      'take them after so many blocks (default: all, and the last norm)',
      parseCount,
    )
    .addOption(new Option('--split <name>', 'which pictures').choices(SPLITS).default('all' as const))
    .addOption(imageOption())
    .option(
      '--test-crop <share>',
      "of a picture's shorter side that the model sees",
      parsePositiveShare,
      0.875,
    )
    .option('--batch <number>', 'pictures at once', parseCount, 32)
    .addOption(
      new Option('--engine <name>', 'what computes it').choices(ENGINE_KINDS).default('onnx' as const),
    )
    .addOption(deviceOption())
    .option('--threads <number>', 'threads of the onnx engine (default: one per core)', parseThreads)
    .addHelpText('after', HELP);
}

/** `mae features`: what an encoder makes of pictures, as numbers for other programs. */
export function featuresCommand(io: CommandIo) {
  return featuresOptions(io).action(async (directory, values) => {
    const { checkpoint, data, out, pooling, layer, split, testCrop, batch } = values;
    checkFeaturePath(out);
    const spec = await loadSpec(directory);
    const sized = specForImage(spec, values);
    const width = featureWidth(sized, pooling);
    const { image } = sized.model;
    const source = await openSource(data, { split, channels: image.channels });
    const view = runView(io.stdout);
    const readingThreads = openReadingThreads(image);
    const pictures = new Pictures({
      source,
      image,
      threads: readingThreads,
      onSkipped: ({ path, reason }) =>
        view.warn(`${path}: ${reason}; the next picture that can be read stands in for it`),
    });
    const { engine, values: weights } = await openEncoder({ ...values, spec, sized, directory });
    try {
      for (const line of [...describeEngine(engine), ...describeImage(spec, sized)]) view.line(line);
      const all = Array.from({ length: source.count }, (_, index) => index);
      const onBatch = (done: number, count: number) => view.progress(`encoding  ${done}/${count} pictures`);
      const options = { engine, spec: sized, pictures, pooling, testCrop, batch, onBatch };
      const files = await writeFeatures(out, {
        rows: source.count,
        width,
        blocks: rowsOf(encoderFeatures(options)),
        names: all.map((index) => source.name(index)),
        ...(source.classes ? { labels: labelsOf(source, all), classNames: source.classes } : {}),
        metadata: {
          model: spec.model.name,
          checkpoint,
          values: weights,
          image: textOf(image),
          pooling,
          layer: layer === undefined ? 'last, normed' : String(layer),
        },
      });
      view.close();
      io.stdout.write(`${valuesLine(checkpoint, weights)}\n`);
      for (const file of files) io.stdout.write(`${field('wrote', file)}\n`);
    } finally {
      view.close();
      await readingThreads?.close();
      await engine.dispose();
    }
  });
}

async function* rowsOf(batches: ReturnType<typeof encoderFeatures>): AsyncGenerator<Float32Array> {
  for await (const { features } of batches) yield features;
}
