import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Diagnostic } from '../language/diagnostic.ts';
import { diagnosticRules } from '../language/diagnostics.ts';
import { suggest } from '../language/suggest.ts';

/** Which warnings are errors: all, or those with these codes. */
export type WarnAsError = 'all' | ReadonlySet<string>;

const flag = '--warn-as-error';

/**
 * Writes a bare `--warn-as-error` as `--warn-as-error=all`, so that what follows it is taken for codes only if it looks like some,
 * and not if it is a spec.
 */
export function withExplicitWarnings(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    const next = argv[index + 1];
    const hasCodes = next !== undefined && /^mae\d+(?:,|$)/i.test(next);
    return argument === flag && !hasCodes ? `${flag}=all` : argument;
  });
}

/** The codes of `--warn-as-error`, which commas separate. */
export function parseWarnAsError(text: string): WarnAsError {
  if (text === 'all') return 'all';
  const known = diagnosticRules.map(({ code }) => code);
  const codes = text.split(',').map((code) => code.trim().toUpperCase());
  const unknown = codes.find((code) => !known.includes(code));
  if (unknown === undefined) return new Set(codes);
  const meant = suggest(unknown, known);
  const hint = meant === undefined ? 'Codes look like MAE308,MAE309.' : `Did you mean ${meant}?`;
  throw new InvalidArgumentError(`There is no diagnostic ‘${unknown}’. ${hint}`);
}

/** The diagnostics with the chosen warnings made errors. */
export function promoteWarnings(
  diagnostics: readonly Diagnostic[],
  chosen: WarnAsError | undefined,
): readonly Diagnostic[] {
  if (chosen === undefined) return diagnostics;
  return diagnostics.map((diagnostic) =>
    diagnostic.severity === 'warning' && (chosen === 'all' || chosen.has(diagnostic.code))
      ? { ...diagnostic, severity: 'error' }
      : diagnostic,
  );
}
