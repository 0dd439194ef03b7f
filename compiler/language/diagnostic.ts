import type { Span } from './span.ts';

export type Severity = 'error' | 'warning';

/** Another place that a diagnostic speaks of. */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

/** A change of the text that would put things right. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
}

/** Something to tell the user about a spec. Diagnostics are collected and returned, never thrown. */
export interface Diagnostic {
  /** Stable: `MAE1xx` text and syntax, `MAE2xx` meaning, `MAE3xx` names, imports and files. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence without a full stop. */
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  /** What would be right. */
  readonly help?: string;
  readonly fix?: Fix;
}

export type Report = (diagnostic: Diagnostic) => void;

/** What a diagnostic may carry beside its message. */
export interface DiagnosticDetails {
  readonly related?: readonly Related[];
  /** Replaces the rule's default help. */
  readonly help?: string | undefined;
  readonly fix?: Fix | undefined;
}

/** One entry of the registry: `Arguments` are what its message is made of. */
export interface DiagnosticRule<Arguments> {
  readonly code: string;
  readonly severity: Severity;
  /** What the code stands for, in one line, for the reference. */
  readonly title: string;
  /** The diagnostic at a place. */
  at(span: Span, values: Arguments, details?: DiagnosticDetails): Diagnostic;
}

/** Makes a registry entry from its message template and its default help. */
export function diagnosticRule<Arguments>(
  code: string,
  severity: Severity,
  title: string,
  message: (values: Arguments) => string,
  help: (values: Arguments) => string | undefined = () => undefined,
): DiagnosticRule<Arguments> {
  return {
    code,
    severity,
    title,
    at(span, values, details = {}) {
      const advice = details.help ?? help(values);
      return {
        code,
        severity,
        message: message(values),
        span,
        related: details.related ?? [],
        ...(advice === undefined ? {} : { help: advice }),
        ...(details.fix === undefined ? {} : { fix: details.fix }),
      };
    },
  };
}
