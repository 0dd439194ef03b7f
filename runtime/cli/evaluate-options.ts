import { Option } from '@commander-js/extra-typings';
import { ENGINE_KINDS } from '../engine/open-engine.ts';
import { NEIGHBOURS } from '../evaluate/nearest-neighbours.ts';
import type { CommandIo } from './command-io.ts';
import { deviceOption } from './device-option.ts';
import { imageOption } from './image-option.ts';
import { parseCount, parsePositiveShare, parseShare, parseThreads } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';
import { valuesOption } from './values-option.ts';

const HELP = `
Examples:
  mae evaluate generated/vit-pico --checkpoint runs/vit-pico-finetune/best.safetensors --data pictures
  mae evaluate generated/vit-base --checkpoint mae_finetuned_vit_base.pth --data imagenet/val --split all
  mae evaluate generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures --knn

The pictures are those for validation: the data's own, or the share that training sets aside. With
--knn nothing is trained: each picture gets the class of those training pictures whose features are
nearest, which tells in a minute what a pretrained encoder is worth.

With --image the positions are interpolated for the other size; the spec must say accept multiples, or any.`;

const SPLITS = ['validation', 'train', 'all'] as const;

/** The command with its options, before it does anything. */
export function evaluateOptions(io: CommandIo) {
  return newCommand('evaluate', io)
    .summary('measure how well a model classifies pictures')
    .description('Classifies labelled pictures and says how many are right.')
    .usage('<model> --checkpoint <file> --data <path> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .requiredOption(
      '--checkpoint <file>',
      "a checkpoint, safetensors or .pth, with official, timm's or Hugging Face's names (required)",
    )
    .addOption(valuesOption())
    .requiredOption('--data <path>', 'labelled pictures; see docs/data.md (required)')
    .addOption(new Option('--split <name>', 'which pictures').choices(SPLITS).default('validation' as const))
    .option(
      '--validation <share>',
      'the share that was set aside for validation, where the data has no pictures for it',
      parseShare,
      0.1,
    )
    .addOption(
      new Option(
        '--training <kind>',
        'what the classifier was trained as (default: what the file says)',
      ).choices(['finetune', 'linear-probe'] as const),
    )
    .option('--knn', 'by the nearest training pictures instead of a classifier')
    .option('--neighbours <number>', 'with --knn: how many vote', parseCount, NEIGHBOURS)
    .addOption(
      new Option('--pooling <kind>', 'with --knn: what of the tokens is compared')
        .choices(['mean', 'class-token'] as const)
        .default('mean' as const),
    )
    .addOption(imageOption())
    .option('--test-crop <share>', "of a picture's shorter side that the model sees", parsePositiveShare)
    .option('--confusion <file>', 'draw which classes are taken for which, as a PNG')
    .option('--json', 'print the result as JSON')
    .option('--batch <number>', 'pictures at once', parseCount, 32)
    .addOption(
      new Option('--engine <name>', 'what computes it').choices(ENGINE_KINDS).default('onnx' as const),
    )
    .addOption(deviceOption())
    .option('--threads <number>', 'threads of the onnx engine (default: one per core)', parseThreads)
    .addHelpText('after', HELP);
}

export type EvaluateValues = ReturnType<ReturnType<typeof evaluateOptions>['opts']>;
