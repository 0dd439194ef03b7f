import { basename, resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { PRECISION_NAMES } from '../export/precision.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { graphPath, loadSpec } from '../model/load-spec.ts';
import { formatBytes } from '../train/format.ts';
import { field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import { exportWeights } from '../weights/naming/export-weights.ts';
import { NAMING_NAMES, type NamingName } from '../weights/naming/schemes.ts';
import type { CommandIo } from './command-io.ts';
import { embedWeights } from './embed-weights.ts';
import { comparedPictures, describePrecision } from './export-precision.ts';
import { EXPORTED_GRAPHS, exportedGraph, exportedWeights, type WeightsChoice } from './exported-graph.ts';
import { parseCount } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';
import { valuesLine, valuesOption } from './values-option.ts';

const HELP = `
Examples:
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --out encoder.onnx
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors \\
      --graph masked-autoencoder --out mae.onnx
  mae export generated/vit-pico --checkpoint runs/vit-pico-finetune/best.safetensors --graph classifier
  mae export generated/vit-base --checkpoint mae_pretrain_vit_base.pth --precision int8 --data pictures
  mae export generated/vit-base --checkpoint mae_pretrain_vit_base_full.pth \\
      --weights model.safetensors --naming huggingface

encoder             images [batch, channels, height, width] -> the features of every token
masked-autoencoder  images and noise [batch, patches]       -> prediction, mask and loss
classifier          images                                  -> logits and features of a fine-tuned or probed model

Images are normalised with the mean and deviation in the model's spec.json; they are in the file's
metadata, too. Weights over 1.5 GiB are written to a second file, <out>.data, to be kept beside it.

--precision float16 halves the file and computes in float32, as fast. int8 makes it a quarter and is two to
three times as fast on the CPU; how far off it is, is printed: look at it with --data and pictures of yours.

--weights writes no graph but the weights alone, as a safetensors file for PyTorch, with the names of
  official     the official masked autoencoder, and checkpoints of this program
  timm         VisionTransformer, so without the decoder
  huggingface  ViTMAEForPreTraining
PyTorch checkpoints are read as data: nothing in them is run.`;

/** `mae export`: a compiled graph with a checkpoint's weights, as one ONNX file; or its weights for PyTorch. */
export function exportCommand(io: CommandIo) {
  return newCommand('export', io)
    .summary('write a trained model as a standalone ONNX file, or its weights for PyTorch')
    .description(
      'Writes a compiled graph with the weights of a checkpoint as an ONNX file that needs nothing else; or the weights alone.',
    )
    .usage('<model> --checkpoint <file> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .requiredOption(
      '--checkpoint <file>',
      "a checkpoint, or a safetensors or PyTorch file with official, timm's or Hugging Face's names (required)",
    )
    .addOption(valuesOption())
    .addOption(
      new Option('--graph <name>', 'what to export').choices(EXPORTED_GRAPHS).default('encoder' as const),
    )
    .option('--out <file>', 'the file to write (default: <graph>.onnx)')
    .addOption(
      new Option('--precision <name>', 'how the graph stores its weights')
        .choices(PRECISION_NAMES)
        .default('float32' as const),
    )
    .option('--data <path>', 'pictures on which float16 or int8 is compared with float32 (default: noise)')
    .option('--count <number>', 'how many of them', parseCount, 8)
    .addOption(
      new Option('--weights <file>', 'write the weights alone, as this safetensors file').conflicts([
        'graph',
        'out',
        'precision',
        'data',
        'count',
      ]),
    )
    .addOption(
      new Option('--naming <name>', 'whose names they get (default: official)').choices(NAMING_NAMES),
    )
    .addOption(
      new Option(
        '--training <kind>',
        'what a classifier was trained as (default: what the file says)',
      ).choices(['finetune', 'linear-probe'] as const),
    )
    .addHelpText('after', HELP)
    .action(async (model, values, command) => {
      const { checkpoint, graph, out = `${graph}.onnx`, weights: weightsOut, naming, training } = values;
      const { values: wanted, precision, data, count } = values;
      if (naming !== undefined && weightsOut === undefined) {
        command.error('error: --naming needs --weights, the file to write', { exitCode: 2 });
      }
      if (precision === 'float32' && data !== undefined) {
        command.error('error: --data needs --precision float16 or int8: pictures to compare it on', {
          exitCode: 2,
        });
      }
      const spec = await loadSpec(model);
      if (weightsOut !== undefined) {
        const choice = { training, values: wanted };
        await writeWeights({ spec, checkpoint, choice, out: weightsOut, naming: naming ?? 'official', io });
        return;
      }
      const chosen = await exportedGraph(spec, checkpoint, graph, training);
      const path = await graphPath(model, spec, chosen.graph);
      if (resolve(out) === resolve(path)) {
        throw new UserError(`${out} is the compiled graph itself`, 'choose another file with --out');
      }
      const choice = { training: chosen.training, values: wanted };
      const exported = await exportedWeights(spec, checkpoint, choice);
      const { mean, deviation } = spec.model.image;
      const metadata = {
        ...exported.metadata,
        weights: basename(checkpoint),
        values: exported.values,
        mean: mean.join(' '),
        deviation: deviation.join(' '),
      };
      const embedding = {
        graph: path,
        parameters: exported.parameters,
        weights: exported.weights,
        metadata: { ...metadata, precision },
        out,
        precision,
      };
      const pictures =
        precision === 'float32' ? undefined : await comparedPictures(spec, { data, count, io });
      const { files, inputs, outputs, weightBytes } = await embedWeights(embedding);
      const wrote = `${files.join(' and ')} (${formatBytes(weightBytes)} of weights)`;
      io.stdout.write(`${valuesLine(checkpoint, exported.values)}\n${field('wrote', wrote)}\n`);
      io.stdout.write(`${field('inputs', inputs.join(', '))}\n${field('outputs', outputs.join(', '))}\n`);
      if (pictures === undefined) return;
      const { graph: compiled } = chosen.graph;
      const lines = await describePrecision({ spec, graph: compiled, embedding, files, pictures });
      for (const line of lines) io.stdout.write(`${line}\n`);
    });
}

async function writeWeights(options: {
  readonly spec: CompiledSpec;
  readonly checkpoint: string;
  readonly choice: WeightsChoice;
  readonly out: string;
  readonly naming: NamingName;
  readonly io: CommandIo;
}): Promise<void> {
  const { spec, checkpoint, choice, out, naming, io } = options;
  if (resolve(out) === resolve(checkpoint)) {
    throw new UserError(`${out} is the checkpoint itself`, 'choose another file with --weights');
  }
  const { weights, values } = await exportedWeights(spec, checkpoint, choice);
  const count = await exportWeights({ model: spec.model, weights, naming, out });
  const wrote = `${out} (${count} tensors, names: ${naming})`;
  io.stdout.write(`${valuesLine(checkpoint, values)}\n${field('wrote', wrote)}\n`);
}
