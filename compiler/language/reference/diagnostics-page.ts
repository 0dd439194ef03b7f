import { applyFixes } from '../apply-fixes.ts';
import { diagnosticRules } from '../diagnostics.ts';
import { formatSource } from '../format/format-source.ts';
import { renderDiagnostic } from '../render.ts';
import { SourceText } from '../source-text.ts';
import { compileExample, filesOf } from './compile-example.ts';
import { diagnosticExamples } from './diagnostic-examples.ts';
import type { DiagnosticExample, ExampleFiles } from './examples/example.ts';
import { fenced, linkTo, paragraphs, prose, sentence, table } from './markdown.ts';

/** What the first digit of a code stands for. */
export const codeGroups = [
  { prefix: 'MAE1', heading: 'Text and syntax' },
  { prefix: 'MAE2', heading: 'Keys and values' },
  { prefix: 'MAE3', heading: 'Names, imports and files' },
] as const;

type Rule = (typeof diagnosticRules)[number];

/** All diagnostics, `docs/diagnostics.md`: each with a wrong spec, what is printed of it, and a right one. */
export function diagnosticsPage(): string {
  return `${paragraphs(
    '<!-- Made by `npm run build:docs` of the registry and compiler/language/reference. Do not edit. -->',
    '# Diagnostics',
    introduction,
    ...codeGroups.map(({ prefix, heading }) => {
      const rules = diagnosticRules.filter(({ code }) => code.startsWith(prefix));
      return paragraphs(`## ${heading}`, overview(rules), ...rules.map(entryOf));
    }),
  )}\n`;
}

const introduction = `What \`mae-compile\`, \`mae fmt\` and the editor say of a spec, by code. Codes are stable: none is ever used for
something else. An **error** keeps everything from being generated; a **warning** does not, unless \`--warn-as-error\` makes it one.
Where a fix is offered, \`mae-compile --fix\` applies it. One run shows all mistakes of all files.

Below, each code has a spec that gets it, what is printed then, and one that does not. The specs extend \`vit-base.mae\` of
[the language’s guide](language.md#the-mae-language) and lie beside it and its [\`recipes.mae\`](language.md#files-and-imports); those
without another name are \`vit-mine.mae\`.`;

function overview(rules: readonly Rule[]): string {
  return table(
    ['Code', 'Severity', 'What it is about'],
    rules.map(({ code, severity, title }) => [linkTo(code), severity, prose(title)]),
  );
}

function entryOf({ code, severity, title }: Rule): string {
  const example = diagnosticExamples[code];
  if (example === undefined) throw new Error(`${code} has no example`);
  const { diagnostics, sources } = compileExample(example, 'wrong');
  const printed = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources)).join('\n\n');
  return paragraphs(
    `### ${code}`,
    `**${sentence(prose(title)).slice(0, -1)}** (${severity})`,
    example.explanation,
    'Wrong:',
    spec(example, 'wrong'),
    fenced('text', printed),
    isFixed(example) ? 'Right, as `--fix` puts it:' : 'Right:',
    spec(example, 'right'),
  );
}

/** Whether the fixes of the wrong spec make it the right one, layout aside. */
export function isFixed(example: DiagnosticExample): boolean {
  const { diagnostics, sources } = compileExample(example, 'wrong');
  const { texts } = applyFixes(diagnostics, sources);
  const right = filesOf(example, 'right');
  return texts.size > 0 && [...texts].every(([file, text]) => laidOut(text) === laidOut(right[file]));
}

function laidOut(content: ExampleFiles[string] | undefined): string | undefined {
  if (typeof content !== 'string') return undefined;
  const formatted = formatSource(new SourceText('', content));
  return 'text' in formatted ? formatted.text : undefined;
}

/** The files of one side; the names of those in several are written above them. */
function spec(example: DiagnosticExample, side: 'wrong' | 'right'): string {
  const files = Object.entries(filesOf(example, side));
  const blocks = files.flatMap(([file, content]) => {
    const shown =
      typeof content === 'string' ? fenced('mae', content) : `The file \`${file}\`: ${content.because}.`;
    return files.length > 1 ? [`\`${file}\`:`, shown] : [shown];
  });
  const { overrides } = example;
  return paragraphs(
    ...blocks,
    overrides === undefined ? '' : fenced('sh', `mae-compile vit-mine.mae --set ${overrides[side]}`),
  );
}
