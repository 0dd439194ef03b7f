import type { Diagnostic } from '../../language/diagnostic.ts';
import { diagnosticRules } from '../../language/diagnostics.ts';
import type { Span } from '../../language/span.ts';
import { COMPILER_VERSION } from '../../version.ts';
import type { CommandIo } from '../command-io.ts';
import { countOf, type Range, type Report, rangeOf } from './report.ts';

/**
 * What `--format json` prints, as one document on stdout. Stable: a change that could break a reader raises `version`; new fields
 * may appear at any time.
 */
export interface JsonReport {
  readonly version: 1;
  readonly compiler: string;
  /** How many of the diagnostics are errors; with any, nothing was generated. */
  readonly errors: number;
  readonly warnings: number;
  /** The models that the specs declare, but for those of files with errors. */
  readonly models: readonly string[];
  /** By file and place. */
  readonly diagnostics: readonly JsonDiagnostic[];
  /** The mistakes that `--fix` put right, with their places as they were at that time. */
  readonly fixed: readonly JsonDiagnostic[];
}

/** Something at a place in a file; overrides stand in the file `--set`, one a line. */
interface JsonPlace {
  readonly file: string;
  readonly range: Range;
}

export interface JsonDiagnostic extends JsonPlace {
  /** Stable: `MAE204`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What the code stands for. */
  readonly title: string;
  readonly message: string;
  /** What would be right. */
  readonly help?: string;
  /** Other places that the message speaks of. */
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly fix?: {
    readonly title: string;
    /** Replacements of the ranges by the texts, to be made all or none. */
    readonly edits: readonly (JsonPlace & { readonly text: string })[];
  };
}

export function printJson(report: Report, io: CommandIo): void {
  io.stdout.write(`${JSON.stringify(jsonReport(report), undefined, 2)}\n`);
}

function jsonReport({ diagnostics, sources, models, fixed }: Report): JsonReport {
  return {
    version: 1,
    compiler: COMPILER_VERSION,
    errors: countOf(diagnostics, 'error'),
    warnings: countOf(diagnostics, 'warning'),
    models,
    diagnostics: diagnostics.map((diagnostic) => jsonDiagnostic(diagnostic, sources)),
    fixed: fixed.map((each) => jsonDiagnostic(each.diagnostic, each.sources)),
  };
}

const titles = new Map(diagnosticRules.map(({ code, title }) => [code, title]));

function jsonDiagnostic(diagnostic: Diagnostic, sources: Report['sources']): JsonDiagnostic {
  const { code, severity, message, span, related, help, fix } = diagnostic;
  const place = (at: Span): JsonPlace => ({ file: at.file, range: rangeOf(at, sources) });
  return {
    code,
    severity,
    title: titles.get(code) ?? code,
    ...place(span),
    message,
    ...(help === undefined ? {} : { help }),
    related: related.map((each) => ({ ...place(each.span), message: each.message })),
    ...(fix === undefined
      ? {}
      : {
          fix: {
            title: fix.title,
            edits: fix.edits.map((edit) => ({ ...place(edit.span), text: edit.text })),
          },
        }),
  };
}
