import { type CommandIo, processIo } from '../compiler/cli/command-io.ts';
import { COMPILER_VERSION } from '../compiler/version.ts';
import { EXIT } from '../runtime/cli/exit-codes.ts';
import { newCommand, runCommandLine } from '../runtime/cli/run-command-line.ts';
import { type CommandContext, commands } from './commands.ts';

const HELP = `
Examples:
  mae fmt
  mae diff --against main
  mae check-data pictures
  mae pretrain generated/vit-pico --data pictures
  mae finetune generated/vit-pico --data pictures --from runs/vit-pico/checkpoint.safetensors
  mae evaluate generated/vit-pico --data pictures --checkpoint runs/vit-pico-finetune/best.safetensors
  mae reconstruct generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures
  mae export generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --out encoder.onnx

mae COMMAND --help tells more. Models are made by mae-compile spec/ --out generated.`;

/** Runs `mae` with the arguments that follow its name; resolves to the exit code. */
export function main(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  let exitCode: number = EXIT.fine;
  const end = (code: number): void => {
    exitCode = code;
  };
  const program = maeProgram({ io, argv, end });
  return runCommandLine(
    { parseAsync: async (line, options) => (await program).parseAsync(line, options) },
    argv,
    io,
    () => exitCode,
  );
}

/** `mae` with all of its commands, of which only the one that is called is loaded; the others stand for their names. */
async function maeProgram(context: CommandContext) {
  const { io, argv } = context;
  const program = newCommand('mae', io)
    .description(
      'Writes specs of masked autoencoders, trains what was compiled of them, and uses what it learned.',
    )
    .version(COMPILER_VERSION)
    .addHelpText('after', HELP);
  const called = calledCommand(argv);
  for (const { name, summary, load } of commands) {
    program.addCommand(name === called ? await load(context) : newCommand(name, io).summary(summary));
  }
  return program;
}

/** The first word of a command line, or that after `help`. */
function calledCommand(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((argument) => !argument.startsWith('-'));
  return first === 'help' ? second : first;
}
