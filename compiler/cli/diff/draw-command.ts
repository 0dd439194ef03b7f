import { Examiner } from '../../diff/diff-models.ts';
import { drawModel } from '../../draw/draw-model.ts';
import { listOf } from '../../language/words.ts';
import type { CommandIo } from '../command-io.ts';
import { newCommand } from '../new-command.ts';
import { replaceFile } from '../replace-file.ts';
import { readSide } from '../sides/read-side.ts';
import { SourceError } from '../system-errors.ts';
import { DIFF_EXIT } from './exit-codes.ts';
import { reportUnreadable } from './report-unreadable.ts';

const HELP = `
The model is named by a .mae file, a generated folder or its spec.json, a checkpoint (.safetensors), or
any of these but checkpoints in git as REVISION:PATH. file.mae#NAME is one of several.

Examples:
  mae draw spec/vit-base.mae --out vit-base.svg
  mae draw spec/#vit-huge > vit-huge.svg

Exit codes: 0 fine, 2 the command line is wrong, or a file cannot be read or written.`;

/** `mae draw`: the architecture of a model as a drawing for browsers. */
export function drawCommand(io: CommandIo, end: (exitCode: number) => void) {
  return newCommand('draw', io)
    .summary('draw the architecture of a model as an SVG file')
    .description(
      'Draws the architecture of a model: blocks, widths, tokens and masking, with what they cost.',
    )
    .usage('MODEL [options]')
    .argument('<model>', 'what to draw')
    .option('--out <file>', 'the SVG file to write (default: the output of the command)')
    .addHelpText('after', HELP)
    .action(async (model, { out }) => {
      try {
        const drawing = await drawingOf(model);
        if (out === undefined) io.stdout.write(drawing);
        else replaceFile(out, drawing, 'may the folder be written, and is there room on the disk?');
        end(DIFF_EXIT.fine);
      } catch (error) {
        reportUnreadable(error, io);
        end(DIFF_EXIT.unreadable);
      }
    });
}

async function drawingOf(label: string): Promise<string> {
  const side = await readSide(label);
  const [model, ...further] = side.models;
  if (model === undefined || further.length > 0) {
    const names = side.models.map(({ spec }) => spec.name);
    throw new SourceError(
      `${label} has ${names.length} models, and one is drawn at a time`,
      `name one of ${listOf(names)}: mae draw ${label}#${names[0] ?? 'NAME'}`,
    );
  }
  return drawModel(new Examiner().examine(side, model).facts);
}
