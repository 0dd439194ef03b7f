import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CommandIo } from '../compiler/cli/command-io.ts';

/** What a command is made with. */
export interface CommandContext {
  readonly io: CommandIo;
  /** What follows `mae`. */
  readonly argv: readonly string[];
  /** Takes the exit code of an action that went well. */
  readonly end: (exitCode: number) => void;
}

/** A command that is loaded when it is called: formatting a spec needs no engine, and training no compiler. */
export interface LazyCommand {
  readonly name: string;
  /** The line of `mae --help`; the same that the command itself has. */
  readonly summary: string;
  load(context: CommandContext): Promise<CommandUnknownOpts>;
}

/** The commands of `mae`, in the order of its help. */
export const commands: readonly LazyCommand[] = [
  {
    name: 'fmt',
    summary: 'lay .mae files out in the one canonical way',
    async load({ io, end }) {
      const { formatCommand } = await import('../compiler/cli/format-command.ts');
      return formatCommand(io, end);
    },
  },
  {
    name: 'pretrain',
    summary: 'pretrain a compiled model on a folder of pictures',
    async load({ io, argv, end }) {
      const { pretrainCommand } = await import('../runtime/cli/pretrain-command.ts');
      return pretrainCommand(io, argv, end);
    },
  },
  {
    name: 'reconstruct',
    summary: 'draw what a trained model makes of masked pictures',
    async load({ io }) {
      const { reconstructCommand } = await import('../runtime/cli/reconstruct-command.ts');
      return reconstructCommand(io);
    },
  },
  {
    name: 'export',
    summary: 'write a trained model as a standalone ONNX file',
    async load({ io }) {
      const { exportCommand } = await import('../runtime/cli/export-command.ts');
      return exportCommand(io);
    },
  },
];
