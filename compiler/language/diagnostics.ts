import type { DiagnosticRule } from './diagnostic.ts';
import { checkDiagnostics } from './diagnostics/checks.ts';
import { nameDiagnostics } from './diagnostics/names.ts';
import { syntaxDiagnostics } from './diagnostics/syntax.ts';

/** Every diagnostic of the language, by what it says. Codes are stable: they are never reused for something else. */
export const diagnostics = { ...syntaxDiagnostics, ...checkDiagnostics, ...nameDiagnostics };

/** The registry as a list, in the order of the codes. */
export const diagnosticRules: readonly Pick<DiagnosticRule<never>, 'code' | 'severity' | 'title'>[] =
  Object.values(diagnostics);
