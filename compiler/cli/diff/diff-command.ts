import { Option } from '@commander-js/extra-typings';
import type { DiffReport } from '../../diff/report.ts';
import { type ChangeClass, changeClasses, rankOf } from '../../language/schema/change-class.ts';
import type { CommandIo } from '../command-io.ts';
import { newCommand } from '../new-command.ts';
import { compareSides } from '../sides/compare-sides.ts';
import { type DiffFormat, diffFormatNames, diffFormats } from './diff-formats.ts';
import { DIFF_EXIT } from './exit-codes.ts';
import { reportUnreadable } from './report-unreadable.ts';
import { textOfSpec } from './text-of-spec.ts';

const HELP = `
Each side is a .mae file, a folder of them, a generated folder or its spec.json, a checkpoint
(.safetensors), or any of these but checkpoints in git as REVISION:PATH. file.mae#NAME is one model.
Of an .onnx file and a spec it tells whether the file was compiled from the spec; of one and a checkpoint,
whether it was exported from that, number by number; of two, what differs.

Examples:
  mae diff spec/vit-base.mae spec/vit-large.mae
  mae diff --against main                       what the working tree changes in spec/
  mae diff --against v1.0 models/vit.mae        … in one file
  mae diff generated/vit-huge spec/vit-huge.mae what compiling again would change
  mae diff runs/a/checkpoint.safetensors spec/vit-base.mae
  mae diff --against main --format markdown --fail-on io
  mae diff spec/vit-base.mae spec/vit-large.mae --format html > diff.html
  mae diff encoder.onnx spec/vit-base.mae       was this file compiled from this spec?
  mae diff encoder.onnx runs/a/checkpoint.safetensors

Classes of changes, the gravest first: weights (old weights do not load), io (exported files take or
yield something else), numerics (same shapes, another function), recipe (training only), cosmetic.

Exit codes: 0 the same, or nothing as grave as --fail-on; 1 something is; 2 the command line is wrong
or a side cannot be read. docs/diff.md says more.`;

interface DiffOptions {
  readonly against?: string | undefined;
  readonly format: DiffFormat;
  readonly failOn?: ChangeClass | undefined;
  readonly as?: string | undefined;
  readonly textconv?: true | undefined;
}

/** `mae diff`: what changed between two architectures, and what it costs. */
export function diffCommand(io: CommandIo, end: (exitCode: number) => void) {
  const command = newCommand('diff', io)
    .summary('tell what changed between two architectures, and what it costs')
    .description('Tells what changed between two architectures, and what it costs.')
    .usage('OLD NEW [options]')
    .argument('[sides...]', 'the old and the new side; with --against the new one only (default: spec/)')
    .option('--against <revision>', 'compare with the same path in a revision of git')
    .addOption(
      new Option('--format <format>', 'how the report is printed')
        .choices(diffFormatNames)
        .default('text' as const),
    )
    .addOption(
      new Option('--fail-on <class>', 'exit with 1 if a change is of this class or a graver one').choices(
        changeClasses,
      ),
    )
    .option('--as <path>', 'look for imports beside this file, too: for git difftool')
    .addOption(
      new Option('--textconv', 'print one file in the canonical layout: for git diff').conflicts('against'),
    )
    .addHelpText('after', HELP);
  return command.action(async (sides, options: DiffOptions) => {
    const wrong = wrongUsage(sides, options);
    if (wrong !== undefined) command.error(`error: ${wrong}`);
    try {
      end(options.textconv === true ? printTextOf(sides[0] ?? '', io) : await printDiff(sides, options, io));
    } catch (error) {
      reportUnreadable(error, io);
      end(DIFF_EXIT.unreadable);
    }
  });
}

/** What is wrong with the number of sides. */
function wrongUsage(sides: readonly string[], { against, textconv }: DiffOptions): string | undefined {
  if (textconv === true) return sides.length === 1 ? undefined : '--textconv takes one file';
  if (against !== undefined) {
    return sides.length <= 1 ? undefined : '--against takes one path, and compares it with the revision’s';
  }
  if (sides.length === 2) return undefined;
  return `two sides can be compared, not ${sides.length}; or name a revision: mae diff --against main`;
}

function printTextOf(file: string, io: CommandIo): number {
  io.stdout.write(textOfSpec(file));
  return DIFF_EXIT.fine;
}

async function printDiff(sides: readonly string[], options: DiffOptions, io: CommandIo): Promise<number> {
  const { against, format, failOn, as: importsBeside } = options;
  const [first = 'spec', second = ''] = sides;
  const [old, now] = against === undefined ? [first, second] : [`${against}:${relative(first)}`, first];
  const report = await compareSides(old, now, { importsBeside });
  await diffFormats[format](report, io, failOn);
  return isOver(report, failOn) ? DIFF_EXIT.over : DIFF_EXIT.fine;
}

/** A path as git takes it for one relative to the working folder. */
function relative(path: string): string {
  return /^\.{1,2}(\/|$)/.test(path) ? path : `./${path}`;
}

function isOver({ gravest }: DiffReport, failOn: ChangeClass | undefined): boolean {
  return gravest !== null && failOn !== undefined && rankOf(gravest) <= rankOf(failOn);
}
