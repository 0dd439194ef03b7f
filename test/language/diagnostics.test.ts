import { describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import type { Fix } from '../../compiler/language/diagnostic.ts';
import { diagnosticRules, diagnostics } from '../../compiler/language/diagnostics.ts';
import { diagnosticCases } from './diagnostic-cases.ts';
import { compile, compileMarked, expectDiagnostics, type Files, readerOf } from './support.ts';

describe('the registry of diagnostics', () => {
  it('has one code for each rule, in order and of the right shape', () => {
    const codes = diagnosticRules.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort());
    for (const code of codes) expect(code).toMatch(/^MAE[123]\d\d$/);
  });

  it('names every rule in one line', () => {
    for (const { title } of diagnosticRules) expect(title).toMatch(/^[^\n]{10,80}[^.\n]$/);
  });
});

const cases = Object.entries(diagnosticCases).flatMap(([name, list]) =>
  list.map((each, index) => ({ ...each, title: `${each.code} ${name} ${index + 1}` })),
);

describe('each rule', () => {
  it('has a case with its code', () => {
    for (const [name, rule] of Object.entries(diagnostics)) {
      // A missing entry file has no text to mark (see below), and an override is in no file (overrides.test.ts).
      if (rule === diagnostics.unreadableFile || rule === diagnostics.malformedOverride) continue;
      const codes = Object.entries(diagnosticCases)
        .find(([each]) => each === name)?.[1]
        .map(({ code }) => code);
      expect(new Set(codes), name).toEqual(new Set([rule.code]));
    }
  });

  it.each(cases)(
    '$title: at the mistake and nothing else',
    ({ spec, before, code, message, help, related, fixed }) => {
      const diagnostic = expectDiagnostics(spec, before === undefined ? [code] : [before, code]).at(-1);
      expect(diagnostic?.message).toContain(message);
      if (help !== undefined) expect(diagnostic?.help).toBe(help);
      if (related !== undefined) {
        const places = diagnostic?.related.map(
          ({ span, message: label }) => `${span.line}:${span.column} ${label}`,
        );
        expect(places).toEqual(related);
      }
      if (fixed === true) {
        const { files } = compileMarked(spec);
        expect(compile(applyFix(files, diagnostic?.fix)).diagnostics).toEqual([]);
      }
    },
  );

  it('MAE301 unreadableFile: an entry that the reader does not have', () => {
    const { diagnostics: found, models } = compileSources(['spec/none.mae'], readerOf({}));
    expect(models).toEqual([]);
    expect(found).toEqual([
      {
        code: 'MAE301',
        severity: 'error',
        message: 'cannot read ‘spec/none.mae’',
        span: { file: 'spec/none.mae', start: 0, end: 0, line: 1, column: 1 },
        related: [],
        help: 'is the path right, and may the file be read?',
      },
    ]);
  });
});

function applyFix(files: Files, fix: Fix | undefined): Files {
  if (fix === undefined) throw new Error('there is no fix');
  const fixed: Record<string, string> = { ...files };
  for (const { span, text } of [...fix.edits].sort((a, b) => b.span.start - a.span.start)) {
    const before = fixed[span.file] ?? '';
    fixed[span.file] = before.slice(0, span.start) + text + before.slice(span.end);
  }
  return fixed;
}
