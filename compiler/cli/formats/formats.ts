import { printGithub } from './github.ts';
import { printJson } from './json.ts';
import type { Printer } from './report.ts';
import { printSarif } from './sarif.ts';
import { printText } from './text.ts';

interface Format {
  readonly print: Printer;
  /** Whether nothing else may be on stdout. */
  readonly ownsStdout: boolean;
}

/** The values of `--format`. */
export const formats = {
  text: { print: printText, ownsStdout: false },
  json: { print: printJson, ownsStdout: true },
  sarif: { print: printSarif, ownsStdout: true },
  github: { print: printGithub, ownsStdout: false },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof formats;

export const formatNames: readonly FormatName[] = ['text', 'json', 'sarif', 'github'];
