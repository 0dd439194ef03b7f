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
    name: 'check-data',
    summary: 'decode every picture of a data set and report what there is',
    async load({ io, end }) {
      const { checkDataCommand } = await import('../runtime/cli/check-data-command.ts');
      return checkDataCommand(io, end);
    },
  },
  {
    name: 'diff',
    summary: 'tell what changed between two architectures, and what it costs',
    async load({ io, end }) {
      const { diffCommand } = await import('../compiler/cli/diff/diff-command.ts');
      return diffCommand(io, end);
    },
  },
  {
    name: 'inspect',
    summary: 'show a model as a tree of modules with shapes, parameters and FLOPs',
    async load({ io, end }) {
      const { inspectCommand } = await import('../compiler/cli/diff/inspect-command.ts');
      return inspectCommand(io, end);
    },
  },
  {
    name: 'compare',
    summary: 'show what several models cost, side by side',
    async load({ io, end }) {
      const { compareCommand } = await import('../compiler/cli/diff/inspect-command.ts');
      return compareCommand(io, end);
    },
  },
  {
    name: 'draw',
    summary: 'draw the architecture of a model as an SVG file',
    async load({ io, end }) {
      const { drawCommand } = await import('../compiler/cli/diff/draw-command.ts');
      return drawCommand(io, end);
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
    name: 'finetune',
    summary: 'train a classifier together with a pretrained encoder',
    async load({ io, argv, end }) {
      const { classifyCommand } = await import('../runtime/cli/classify-command.ts');
      return classifyCommand('finetune', io, argv, end);
    },
  },
  {
    name: 'linear-probe',
    summary: 'train a linear classifier on a frozen encoder',
    async load({ io, argv, end }) {
      const { classifyCommand } = await import('../runtime/cli/classify-command.ts');
      return classifyCommand('linear-probe', io, argv, end);
    },
  },
  {
    name: 'evaluate',
    summary: 'measure how well a model classifies pictures',
    async load({ io }) {
      const { evaluateCommand } = await import('../runtime/cli/evaluate-command.ts');
      return evaluateCommand(io);
    },
  },
  {
    name: 'features',
    summary: 'write what an encoder makes of pictures',
    async load({ io }) {
      const { featuresCommand } = await import('../runtime/cli/features-command.ts');
      return featuresCommand(io);
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
    name: 'migrate',
    summary: 'carry a checkpoint over into a changed model',
    async load({ io }) {
      const { migrateCommand } = await import('../runtime/cli/migrate-command.ts');
      return migrateCommand(io);
    },
  },
  {
    name: 'export',
    summary: 'write a trained model as a standalone ONNX file, or its weights for PyTorch',
    async load({ io }) {
      const { exportCommand } = await import('../runtime/cli/export-command.ts');
      return exportCommand(io);
    },
  },
];
