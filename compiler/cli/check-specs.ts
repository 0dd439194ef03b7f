import { applyFixes } from '../language/apply-fixes.ts';
import { type CompiledSources, compileSources } from '../language/compile-sources.ts';
import type { Fixed } from './formats/report.ts';
import { replaceText } from './replace-file.ts';
import { SourceFiles } from './source-files.ts';
import { promoteWarnings, type WarnAsError } from './warn-as-error.ts';

export interface CheckOptions {
  readonly set: readonly string[];
  readonly warnAsError?: WarnAsError | undefined;
}

/** Reads and checks specs and all that they import. */
export function checkSpecs(
  entries: readonly string[],
  { set, warnAsError }: CheckOptions,
  files: SourceFiles = new SourceFiles(entries),
): CompiledSources {
  const compiled = compileSources(entries, files, { overrides: set });
  return { ...compiled, diagnostics: promoteWarnings(compiled.diagnostics, warnAsError) };
}

export interface FixedSpecs extends CompiledSources {
  readonly fixed: readonly Fixed[];
}

/** One fix may bring the next to light; more rounds than this would mean that they undo each other. */
const mostRounds = 10;

/**
 * Checks specs, applies the fixes that the diagnostics carry, and checks again until there is nothing left to apply. Files are
 * written once, at the end, each whole or not at all; what has changed on disk in the meantime is not touched.
 */
export function fixSpecs(entries: readonly string[], options: CheckOptions): FixedSpecs {
  const files = new FixedFiles(entries);
  const fixed: Fixed[] = [];
  let compiled = checkSpecs(entries, options, files);
  for (let round = 0; round < mostRounds; round++) {
    const { sources } = compiled;
    const { texts, applied } = applyFixes(compiled.diagnostics, sources);
    if (applied.length === 0) break;
    for (const [file, text] of texts) files.texts.set(file, text);
    for (const diagnostic of applied) fixed.push({ diagnostic, sources });
    compiled = checkSpecs(entries, options, files);
  }
  files.write();
  return { ...compiled, fixed };
}

/** The files as they are on disk, but for those that have been fixed. */
class FixedFiles extends SourceFiles {
  readonly texts = new Map<string, string>();
  private readonly originals = new Map<string, string>();

  override read(file: string) {
    const fixed = this.texts.get(file);
    if (fixed !== undefined) return fixed;
    const text = super.read(file);
    if (typeof text === 'string') this.originals.set(file, text);
    return text;
  }

  write(): void {
    for (const [file, text] of this.texts) {
      if (text === this.originals.get(file)) continue;
      replaceText(file, this.originals.get(file), text);
    }
  }
}
