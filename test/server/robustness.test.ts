import fc from 'fast-check';
import { expect, it } from 'vitest';
import { schema } from '../../compiler/language/schema.ts';
import { codeActions } from '../../compiler/server/code-actions.ts';
import { completionsAt } from '../../compiler/server/completion.ts';
import { definitionLocation, referenceLocations } from '../../compiler/server/definition.ts';
import { toDiagnostic } from '../../compiler/server/diagnostics.ts';
import { documentSymbols } from '../../compiler/server/document-symbols.ts';
import { foldingRanges } from '../../compiler/server/folding.ts';
import { formattingEdits } from '../../compiler/server/formatting.ts';
import { hoverAt } from '../../compiler/server/hover.ts';
import type { ParsedFile } from '../../compiler/server/parsed-file.ts';
import { prepareRename, RenameError, renameAt } from '../../compiler/server/rename.ts';
import { semanticTokens } from '../../compiler/server/semantic-tokens.ts';
import type { Workspace } from '../../compiler/server/workspace.ts';
import { specOf } from '../language/support.ts';
import { open, workspaceOf } from './support.ts';

/** More runs, and other ones each time, when asked for: MAE_FUZZ_RUNS=100000. */
const asked = Number(process.env.MAE_FUZZ_RUNS ?? 0);
const settings = asked > 0 ? { numRuns: asked } : { numRuns: 150, seed: 20_211_111 };

const keys = [...new Set(schema.map(({ key }) => key))];
const piece = fc.oneof(
  fc.constantFrom(...keys),
  fc.constantFrom('{', '}', '\n', '\r', ',', ';', ' ', '#', '"', "'", '\t', ':', '\uFEFF', '\uD800', '\0'),
  fc.constantFrom('4', '1e999', '75%', '4x', '8x8', '0..1', 'using', 'extends', 'a', 'import "./other.mae"'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const soup = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(' '));
const damaged = fc
  .array(fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 20 }), piece), { minLength: 1, maxLength: 4 })
  .map((edits) =>
    edits.reduce(
      (text, [at, length, with_]) => text.slice(0, at) + with_ + text.slice(at + length),
      specOf(),
    ),
  );

/** Asks for everything at an offset; a mistake in a spec must never make an answer fail. */
function askEverything(workspace: Workspace, parsed: ParsedFile, offset: number): void {
  const { document, text } = parsed;
  const isRange = ({ start, end }: { start: { line: number; character: number }; end: typeof start }) => {
    const [from, to] = [document.offsetAt(start), document.offsetAt(end)];
    expect(from).toBeLessThanOrEqual(to);
    expect(to).toBeLessThanOrEqual(text.length);
  };
  for (const { textEdit } of completionsAt(workspace, parsed, offset, { snippets: true })) {
    if (textEdit !== undefined && 'range' in textEdit) isRange(textEdit.range);
  }
  const hover = hoverAt(workspace, parsed, offset);
  if (hover?.range !== undefined) isRange(hover.range);
  definitionLocation(workspace, parsed, offset);
  referenceLocations(workspace, parsed, offset, true);
  const prepared = prepareRename(workspace, parsed, offset);
  if (prepared !== undefined) isRange(prepared.range);
  try {
    renameAt(workspace, parsed, offset, 'another');
  } catch (error) {
    expect(error).toBeInstanceOf(RenameError);
  }
  for (const { range, selectionRange } of documentSymbols(parsed)) {
    isRange(range);
    isRange(selectionRange);
  }
  for (const { startLine, endLine } of foldingRanges(parsed)) expect(startLine).toBeLessThan(endLine);
  expect(semanticTokens(parsed).length % 5).toBe(0);
  for (const { range } of formattingEdits(parsed)) isRange(range);
  const position = document.positionAt(offset);
  codeActions(workspace, parsed, { start: position, end: position });
  for (const finding of workspace.compile(parsed.file).diagnostics) {
    if (finding.span.file === parsed.file) isRange(toDiagnostic(workspace, parsed, finding).range);
  }
}

it('every question about any text is answered', { timeout: asked > 0 ? 3_600_000 : 60_000 }, () => {
  const other = { '/w/other.mae': 'recipe a { epochs 1 }\nmodel a { }\n' };
  fc.assert(
    fc.property(fc.oneof(soup, damaged), fc.nat(), (text, at) => {
      const workspace = workspaceOf(other);
      askEverything(workspace, open(workspace, '/w/main.mae', text), at % (text.length + 1));
    }),
    settings,
  );
});

it('files that import and extend each other in circles, or themselves, are answered for', () => {
  const workspace = workspaceOf({
    '/w/a.mae': 'import "./b.mae"\nimport "./a.mae"\nmodel a extends b { }\n',
    '/w/b.mae': 'import "./a.mae"\nmodel b extends a { }\nmodel b extends b { }\n',
  });
  const a = workspace.parse('/w/a.mae');
  if (a === undefined) throw new Error('no file');
  for (let offset = 0; offset <= a.text.length; offset++) askEverything(workspace, a, offset);
});

it.each([
  ['blocks', `model a { ${'encoder { width 4 }, '.repeat(10_000)}`],
  ['values', `model a { image 8x8x3 { mean ${'0.5 '.repeat(100_000)}`],
  ['one word', `model ${'a'.repeat(1_000_000)} { }`],
  ['one broken string', `import "${'./'.repeat(500_000)}`],
])('a file of one very long line, of %s, is answered for in time', { timeout: 60_000 }, (_, line) => {
  const workspace = workspaceOf({});
  const start = performance.now();
  askEverything(workspace, open(workspace, '/w/main.mae', line), line.length);
  expect(performance.now() - start).toBeLessThan(10_000);
});

it('questions about a spec of 500 lines are answered without a stall after a change', () => {
  const models = Array.from({ length: 26 }, (_, index) => specOf().replaceAll('test', `test-${index}`));
  const text = models.join('\n');
  expect(text.split('\n').length).toBeGreaterThan(500);
  const workspace = workspaceOf({});
  const times = Array.from({ length: 9 }, (_, version) => {
    const start = performance.now();
    // A blank at the end: the text is another one each time, as when someone types.
    const parsed = open(workspace, '/w/main.mae', text + ' '.repeat(version), version);
    const share = text.indexOf('75%', text.length / 2);
    const completions = completionsAt(workspace, parsed, share, { snippets: true });
    const hover = hoverAt(workspace, parsed, share + 1);
    const definition = definitionLocation(workspace, parsed, text.lastIndexOf('using test-') + 8);
    const time = performance.now() - start;
    expect(completions).not.toEqual([]);
    expect(JSON.stringify(hover)).toContain('leaves 16 of 64 patches');
    expect(definition).toBeDefined();
    return time;
  });
  // 30 ms on an idle machine; the bound only tells a stall from a busy one.
  expect(times.sort((a, b) => a - b)[4]).toBeLessThan(2000);
});
