import type { Diagnostic, Fix } from './diagnostic.ts';
import { overrideFile } from './overrides.ts';
import type { SourceText } from './source-text.ts';
import type { Span } from './span.ts';

export interface AppliedFixes {
  /** The new texts of the files that change, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The diagnostics whose fixes made them so. */
  readonly applied: readonly Diagnostic[];
}

type Edit = Fix['edits'][number];

/**
 * Applies the fixes that diagnostics carry, each whole or not at all. Of two that touch the same text only the first is applied:
 * what is left to do shows when the result is checked again.
 */
export function applyFixes(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceText>,
): AppliedFixes {
  const applied: Diagnostic[] = [];
  const edits = new Map<string, Edit[]>();
  for (const diagnostic of diagnostics) {
    const { fix } = diagnostic;
    if (fix === undefined || !fix.edits.every(({ span }) => isEditable(span, sources))) continue;
    const isTaken = ({ span }: Edit) => edits.get(span.file)?.some((other) => touch(span, other.span));
    if (fix.edits.some(isTaken)) continue;
    for (const edit of fix.edits) {
      const list = edits.get(edit.span.file) ?? [];
      list.push(edit);
      edits.set(edit.span.file, list);
    }
    applied.push(diagnostic);
  }
  const texts = new Map(
    [...edits].map(([file, list]) => [file, edited(sources.get(file)?.text ?? '', list)]),
  );
  return { texts, applied };
}

function isEditable({ file }: Span, sources: ReadonlyMap<string, SourceText>): boolean {
  return file !== overrideFile && sources.has(file);
}

/** Whether two stretches have a character or an end in common. */
function touch(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let end = 0;
  for (const { span, text: replacement } of [...edits].sort((a, b) => a.span.start - b.span.start)) {
    result += text.slice(end, span.start) + replacement;
    end = span.end;
  }
  return result + text.slice(end);
}
