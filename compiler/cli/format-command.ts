import { existsSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Diagnostic } from '../language/diagnostic.ts';
import { formatSource } from '../language/format/format-source.ts';
import { SourceText } from '../language/source-text.ts';
import { colorsFor } from './colors.ts';
import type { CommandIo } from './command-io.ts';
import { count } from './formats/report.ts';
import { printText } from './formats/text.ts';
import { newCommand } from './new-command.ts';
import { replaceText } from './replace-file.ts';
import { reportError } from './report-error.ts';
import { decode, findSources, readText } from './source-files.ts';
import { SourceError } from './system-errors.ts';

const HELP = `
Examples:
  mae fmt                      every .mae file below spec/, or below this folder if there is no spec/
  mae fmt spec/vit-huge.mae    one file
  mae fmt --check              whether all are formatted; writes nothing
  mae fmt - < draft.mae        from stdin to stdout

The layout is the one canonical layout: two blanks for each block, values in columns, keys in the order of the reference,
short blocks on one line if they were written so and fit in 100 columns. Comments and empty lines stay where they are, and
what a spec means does not change. Files with mistakes in their syntax are left alone.

Exit codes: 0 fine, 1 a file cannot be formatted (with --check: is not), 2 the command line is wrong.`;

/** `mae fmt`: lays .mae files out in the one canonical way. */
export function formatCommand(io: CommandIo, end: (exitCode: number) => void) {
  const command = newCommand('fmt', io)
    .summary('lay .mae files out in the one canonical way')
    .description('Lays .mae files out in the one canonical way.')
    .usage('[files or folders] [options]')
    .argument('[paths...]', '.mae files, or folders of them; - for stdin (default: spec/, or this folder)')
    .option('--check', 'write nothing; name the files that are not formatted and exit with 1')
    .addHelpText('after', HELP);
  return command.action(async (paths, { check = false }) => {
    if (paths.includes('-') && paths.length > 1) command.error('error: - stands alone');
    try {
      end(paths[0] === '-' ? await formatStdin(check, io) : formatFiles(paths, check, io));
    } catch (error) {
      reportError(error, io);
      end(1);
    }
  });
}

/** What became of a file, or would. */
type Outcome = 'as it was' | 'formatted' | 'wrong';

function formatFiles(paths: readonly string[], check: boolean, io: CommandIo): number {
  const files = findSources(paths.length > 0 ? paths : [existsSync('spec') ? 'spec' : '.']);
  const outcomes = files.map((file) => formatFile(file, check, io));
  const number = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  const formatted = number('formatted');
  const wrong = number('wrong');
  const rest = wrong > 0 ? `, ${count(wrong, 'file')} left alone` : '';
  if (check && formatted > 0) {
    io.stderr.write(`${count(formatted, 'file')} not formatted${rest}; run mae fmt without --check\n`);
  } else {
    io.stdout.write(`${formatted} of ${count(files.length, 'file')} changed${rest}\n`);
  }
  return wrong > 0 || (check && formatted > 0) ? 1 : 0;
}

function formatFile(file: string, check: boolean, io: CommandIo): Outcome {
  try {
    const text = readText(file);
    if (typeof text !== 'string') {
      const because = text?.because ?? 'there is no such file';
      throw new SourceError(`cannot read ${file}: ${because}`, text?.help ?? 'is the path right?');
    }
    const formatted = formatText(file, text, io);
    if (formatted === undefined) return 'wrong';
    if (formatted === text) return 'as it was';
    if (check) io.stderr.write(`${colorsFor(io.stderr).yellow('not formatted')}  ${file}\n`);
    else {
      replaceText(file, text, formatted);
      io.stdout.write(`${colorsFor(io.stdout).green('formatted')}  ${file}\n`);
    }
    return 'formatted';
  } catch (error) {
    // The other files are formatted nevertheless.
    reportError(error, io);
    return 'wrong';
  }
}

async function formatStdin(check: boolean, io: CommandIo): Promise<number> {
  const text = decode(io.stdin === undefined ? new Uint8Array() : await buffer(io.stdin));
  if (typeof text !== 'string') {
    throw new SourceError(`cannot read stdin: ${text.because}`, text.help ?? 'give it a spec');
  }
  const formatted = formatText('stdin', text, io);
  if (formatted === undefined) return 1;
  if (!check) io.stdout.write(formatted);
  else if (formatted !== text) io.stderr.write('stdin is not formatted\n');
  return check && formatted !== text ? 1 : 0;
}

/** Undefined, and reported, where the text has mistakes. */
function formatText(file: string, text: string, io: CommandIo): string | undefined {
  const source = new SourceText(file, text);
  const formatted = formatSource(source);
  if ('text' in formatted) return formatted.text;
  reportMistakes(formatted.diagnostics, source, io);
  return undefined;
}

function reportMistakes(diagnostics: readonly Diagnostic[], source: SourceText, io: CommandIo): void {
  const sources = new Map([[source.file, source]]);
  printText({ diagnostics, sources, models: [], fixed: [], consequence: 'the file was left alone' }, io);
}
