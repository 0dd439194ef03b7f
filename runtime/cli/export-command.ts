import { basename, resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { graphPath, loadSpec } from '../model/load-spec.ts';
import { formatBytes } from '../train/format.ts';
import { field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import { loadWeights } from '../weights/checkpoint.ts';
import type { CommandIo } from './command-io.ts';
import { embedWeights } from './embed-weights.ts';
import { newCommand } from './run-command-line.ts';

/** The graphs that run without training. */
const GRAPHS = ['encoder', 'masked-autoencoder'] as const;

const HELP = `
Examples:
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --out encoder.onnx
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors \\
      --graph masked-autoencoder --out mae.onnx

encoder             images [batch, channels, height, width] -> the features of every token
masked-autoencoder  images and noise [batch, patches]       -> prediction, mask and loss

Images are normalised with the mean and deviation in the model's spec.json; they are in the file's
metadata, too. Weights over 1.5 GiB are written to a second file, <out>.data, to be kept beside it.`;

/** `mae export`: a compiled graph with a checkpoint's weights, as one ONNX file. */
export function exportCommand(io: CommandIo) {
  return newCommand('export', io)
    .summary('write a trained model as a standalone ONNX file')
    .description(
      'Writes a compiled graph with the weights of a checkpoint as an ONNX file that needs nothing else.',
    )
    .usage('<model> --checkpoint <file> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .requiredOption(
      '--checkpoint <file>',
      'a checkpoint, or any safetensors file with the official names (required)',
    )
    .addOption(new Option('--graph <name>', 'what to export').choices(GRAPHS).default('encoder' as const))
    .option('--out <file>', 'the file to write (default: <graph>.onnx)')
    .addHelpText('after', HELP)
    .action(async (model, { checkpoint, graph, out = `${graph}.onnx` }) => {
      const spec = await loadSpec(model);
      const path = await graphPath(model, spec, graph);
      if (resolve(out) === resolve(path)) {
        throw new UserError(`${out} is the compiled graph itself`, 'choose another file with --out');
      }
      const weights = await loadWeights(checkpoint, spec);
      const { mean, deviation } = spec.model.image;
      const metadata = {
        weights: basename(checkpoint),
        mean: mean.join(' '),
        deviation: deviation.join(' '),
      };
      const { files, inputs, outputs, weightBytes } = await embedWeights({
        graph: path,
        parameters: spec.parameters,
        weights,
        metadata,
        out,
      });
      io.stdout.write(
        `${field('wrote', `${files.join(' and ')} (${formatBytes(weightBytes)} of weights)`)}\n`,
      );
      io.stdout.write(`${field('inputs', inputs.join(', '))}\n${field('outputs', outputs.join(', '))}\n`);
    });
}
