import { type CodeAction, CodeActionKind, type Range, type TextEdit } from 'vscode-languageserver/node.js';
import { applyFixes } from '../language/apply-fixes.ts';
import type { Diagnostic as Finding, Fix } from '../language/diagnostic.ts';
import { diagnostics } from '../language/diagnostics.ts';
import { toDiagnostic } from './diagnostics.ts';
import { importEdit } from './import-edit.ts';
import { namesIn, specifierOf } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import type { Workspace } from './workspace.ts';

/** The fixes of the diagnostics in a range, and one for all of the file that do not get in each other's way. */
export function codeActions(workspace: Workspace, parsed: ParsedFile, range: Range): CodeAction[] {
  const { document, file } = parsed;
  const start = document.offsetAt(range.start);
  const end = document.offsetAt(range.end);
  const findings = workspace.compile(file).diagnostics.filter(({ span }) => span.file === file);
  const here = findings.filter(({ span }) => span.start <= end && span.end >= start);
  return [
    ...here.flatMap((finding) => quickFixes(workspace, parsed, finding)),
    ...fixAll(workspace, parsed, findings),
  ];
}

function quickFixes(workspace: Workspace, parsed: ParsedFile, finding: Finding): CodeAction[] {
  const fixes: CodeAction[] = [];
  if (finding.fix !== undefined) {
    const changes = changesOf(workspace, [finding.fix]);
    fixes.push({ title: finding.fix.title, edit: { changes }, isPreferred: true });
  }
  for (const specifier of missingImports(workspace, parsed, finding)) {
    const edit = { changes: { [parsed.uri]: [importEdit(parsed, specifier)] } };
    fixes.push({ title: `import "${specifier}"`, edit });
  }
  const diagnostic = toDiagnostic(workspace, parsed, finding);
  return fixes.map((fix) => ({ ...fix, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] }));
}

/** What is said of a name that is not known: one that is declared, or one of a constant in the place of a value. */
const unknownNames: ReadonlySet<string> = new Set([
  diagnostics.unknownDeclaration.code,
  diagnostics.wrongValue.code,
  diagnostics.unknownOption.code,
]);

/** The files of the workspace that declare a name that this one does not know. */
function missingImports(workspace: Workspace, parsed: ParsedFile, { code, span }: Finding): string[] {
  if (!unknownNames.has(code)) return [];
  const { references } = namesIn(parsed);
  const reference = references.find((each) => each.span.start === span.start);
  if (reference === undefined) return [];
  return workspace.specFiles().flatMap((file) => {
    const other = file === parsed.file ? undefined : workspace.parse(file);
    const { definitions } = other === undefined ? { definitions: [] } : namesIn(other);
    const declares = definitions.some(({ kind, name }) => kind === reference.kind && name === reference.name);
    return declares ? [specifierOf(parsed.file, file)] : [];
  });
}

/** More are not tried at once: what is left is fixed by the next time. */
const mostFixes = 1000;

function fixAll(workspace: Workspace, parsed: ParsedFile, findings: readonly Finding[]): CodeAction[] {
  const isOwn = ({ fix }: Finding) => fix?.edits.every(({ span }) => span.file === parsed.file) === true;
  const sources = new Map([[parsed.file, parsed.source]]);
  const { applied } = applyFixes(findings.filter(isOwn).slice(0, mostFixes), sources);
  if (applied.length === 0) return [];
  const title = 'Fix everything in this file that can be fixed';
  const edit = {
    changes: changesOf(
      workspace,
      applied.flatMap(({ fix }) => fix ?? []),
    ),
  };
  return [{ title, kind: CodeActionKind.SourceFixAll, edit }];
}

function changesOf(workspace: Workspace, fixes: readonly Fix[]): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const { span, text } of fixes.flatMap(({ edits }) => edits)) {
    const parsed = workspace.parse(span.file);
    if (parsed === undefined) continue;
    const edits = changes[parsed.uri] ?? [];
    edits.push({ range: rangeOf(parsed, span), newText: text });
    changes[parsed.uri] = edits;
  }
  return changes;
}
