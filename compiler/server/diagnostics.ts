import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
} from 'vscode-languageserver/node.js';
import type { Diagnostic as Finding, Severity } from '../language/diagnostic.ts';
import { diagnostics } from '../language/diagnostics.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import type { Workspace } from './workspace.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
};

/** Codes of what is there and could as well not be: editors fade it. */
const unnecessary: ReadonlySet<string> = new Set([
  diagnostics.unusedImport.code,
  diagnostics.repeatedImport.code,
]);

/** A diagnostic of the compiler as the editor wants it. */
export function toDiagnostic(workspace: Workspace, parsed: ParsedFile, finding: Finding): Diagnostic {
  const { code, severity, message, help, span } = finding;
  return {
    range: rangeOf(parsed, span),
    severity: severities[severity],
    code,
    source: 'mae',
    message: help === undefined ? message : `${message}\nhelp: ${help}`,
    ...(unnecessary.has(code) ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    relatedInformation: finding.related.flatMap((related): DiagnosticRelatedInformation[] => {
      const other = workspace.parse(related.span.file);
      if (other === undefined) return [];
      return [
        { message: related.message, location: { uri: other.uri, range: rangeOf(other, related.span) } },
      ];
    }),
  };
}
