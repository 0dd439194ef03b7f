import { checkExamples } from './examples/check-examples.ts';
import type { DiagnosticExample } from './examples/example.ts';
import { nameExamples } from './examples/name-examples.ts';
import { syntaxExamples } from './examples/syntax-examples.ts';

/** A wrong and a right spec for every code of the registry, by code. */
export const diagnosticExamples: Readonly<Record<string, DiagnosticExample>> = {
  ...syntaxExamples,
  ...checkExamples,
  ...nameExamples,
};
