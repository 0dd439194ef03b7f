import { describe, expect, it } from 'vitest';
import { diagnosticRules } from '../../compiler/language/diagnostics.ts';
import { formatSource } from '../../compiler/language/format/format-source.ts';
import { compileExample, filesOf } from '../../compiler/language/reference/compile-example.ts';
import { diagnosticExamples } from '../../compiler/language/reference/diagnostic-examples.ts';
import { diagnosticsPage, isFixed } from '../../compiler/language/reference/diagnostics-page.ts';
import { languagePage } from '../../compiler/language/reference/language-page.ts';
import { renderDiagnostic } from '../../compiler/language/render.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { blocksOf, expectLinksToResolve, expectTablesToBeWhole } from './reference-support.ts';

const codes = diagnosticRules.map(({ code }) => code);
const examples = Object.entries(diagnosticExamples);
const page = diagnosticsPage();

/** What the page says of one code. */
function sectionOf(code: string): string {
  const start = page.indexOf(`### ${code}\n`);
  const next = page.slice(start + 4).search(/^##/m);
  return next < 0 ? page.slice(start) : page.slice(start, start + 4 + next);
}

describe('the examples of diagnostics', () => {
  it('are those of all codes of the registry, and of no others', () => {
    expect(examples.map(([code]) => code).sort()).toEqual([...codes].sort());
  });

  it.each(examples)('%s: the wrong spec gets this code and no other', (code, example) => {
    const found = compileExample(example, 'wrong').diagnostics.map((diagnostic) => diagnostic.code);
    expect(found).toEqual([...(example.before ?? []), code]);
  });

  it.each(examples)('%s: the right spec gets none, and is laid out as it should be', (_, example) => {
    const { diagnostics } = compileExample(example, 'right');
    expect(diagnostics).toEqual([]);
    for (const [file, content] of Object.entries(filesOf(example, 'right'))) {
      if (typeof content !== 'string') throw new Error(`${file} cannot be read`);
      expect(formatSource(new SourceText(file, content))).toEqual({ text: content });
    }
  });

  it.each(examples)('%s: the two differ, and what can be fixed is fixed to the right one', (_, example) => {
    expect([example.wrong, example.overrides?.wrong]).not.toEqual([example.right, example.overrides?.right]);
    const { diagnostics } = compileExample(example, 'wrong');
    expect(isFixed(example)).toBe(diagnostics.some(({ fix }) => fix !== undefined));
  });

  it.each(examples)('%s: the explanation is prose', (_, { explanation }) => {
    expect(explanation).toMatch(/^[A-Z`][\s\S]{30,400}\.$/);
  });
});

describe('the page of diagnostics', () => {
  it.each(diagnosticRules.map((rule) => [rule.code, rule] as const))(
    '%s: has its severity, its title and what is printed',
    (code, { severity, title }) => {
      const section = sectionOf(code);
      expect(section.toLowerCase()).toContain(title.toLowerCase());
      expect(section).toContain(`(${severity})`);
      const example = diagnosticExamples[code];
      if (example === undefined) throw new Error('no example');
      const { diagnostics, sources } = compileExample(example, 'wrong');
      const printed = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources));
      expect(blocksOf(section, 'text')).toEqual([`${printed.join('\n\n')}\n`]);
      expect(printed.at(-1)).toContain(`${severity} ${code}  `);
    },
  );

  it('prints a diagnostic as a terminal shows it', () => {
    expect(blocksOf(sectionOf('MAE204'), 'text')).toEqual([
      `vit-mine.mae:4:13  error MAE204  width 800 is not a multiple of heads 12
  4 |   encoder { width 800, heads 12 }
    |             ^^^^^^^^^  -------- 12 heads
  help: the nearest widths are 792 and 804
`,
    ]);
  });

  it('has links that lead somewhere, and whole tables', () => {
    expectLinksToResolve(page, { 'language.md': languagePage() });
    expectTablesToBeWhole(page);
  });
});
