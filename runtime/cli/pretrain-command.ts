import type { CommandIo } from './command-io.ts';
import { pretrainHelp } from './pretrain-help.ts';
import { newCommand } from './run-command-line.ts';
import { runPretrain } from './run-pretrain.ts';
import { withTrainingOptions } from './training-options.ts';

/** `mae pretrain`: what a generated trainer does, for any compiled model. `argv` is what follows `mae`. */
export function pretrainCommand(io: CommandIo, argv: readonly string[], end: (exitCode: number) => void) {
  return withTrainingOptions(newCommand('pretrain', io))
    .summary('pretrain a compiled model on a folder of pictures')
    .description('Pretrains a masked autoencoder on pictures.')
    .usage('<model> --data <path> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .addHelpText('after', pretrainHelp('mae pretrain generated/vit-pico'))
    .action(async (directory, values) => {
      end(await runPretrain({ directory, values, start: 'mae', argv, io }));
    });
}
