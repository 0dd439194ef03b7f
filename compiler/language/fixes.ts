import type { DiagnosticDetails, Fix } from './diagnostic.ts';
import type { Span } from './span.ts';

/** Other text in the place of what a span holds. */
export function replacement(span: Span, text: string): Fix {
  return { title: `write ${text}`, edits: [{ span, text }] };
}

/** `did you mean …?` and the fix that goes with it. */
export function suggestion(span: Span, word: string): DiagnosticDetails {
  return { help: `did you mean ${word}?`, fix: replacement(span, word) };
}
