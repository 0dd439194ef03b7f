import { type CommandIo, processIo } from './command-io.ts';
import { EXIT } from './exit-codes.ts';
import { exportCommand } from './export-command.ts';
import { pretrainCommand } from './pretrain-command.ts';
import { reconstructCommand } from './reconstruct-command.ts';
import { newCommand, runCommandLine } from './run-command-line.ts';

const HELP = `
Examples:
  mae pretrain generated/vit-pico --data pictures
  mae reconstruct generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --out encoder.onnx

mae COMMAND --help tells more. Models are made by mae-compile spec/ --out generated.`;

/** Runs `mae` with the arguments that follow its name; resolves to the exit code. */
export function main(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  let exitCode: number = EXIT.fine;
  const end = (code: number): void => {
    exitCode = code;
  };
  const program = newCommand('mae', io)
    .description('Trains compiled masked autoencoders and uses what they learned.')
    .addCommand(pretrainCommand(io, argv, end))
    .addCommand(reconstructCommand(io))
    .addCommand(exportCommand(io))
    .addHelpText('after', HELP);
  return runCommandLine(program, argv, io, () => exitCode);
}
