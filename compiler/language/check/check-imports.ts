import type { Diagnostic, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { LoadedFile, ResolvedImport } from '../load.ts';

/** Reports files that import each other in a circle, and files imported twice. */
export function checkImports(files: Iterable<LoadedFile>, report: Report): void {
  const finished = new Set<LoadedFile>();
  for (const file of files) {
    reportRepeated(file, report);
    if (!finished.has(file)) walkFrom(file, finished, report);
  }
}

function reportRepeated({ imports }: LoadedFile, report: Report): void {
  const first = new Map<LoadedFile, ResolvedImport>();
  for (const each of imports) {
    if (each.target === undefined) continue;
    const earlier = first.get(each.target);
    if (earlier === undefined) {
      first.set(each.target, each);
    } else {
      const related = [{ span: earlier.span, message: 'first imported here' }];
      report(diagnostics.repeatedImport.at(each.span, { specifier: each.specifier }, { related }));
    }
  }
}

interface Step {
  readonly unit: LoadedFile;
  /** How many of its imports have been followed. */
  followed: number;
}

/** Depth-first without recursion: a chain of imports may be as long as it likes. */
function walkFrom(start: LoadedFile, finished: Set<LoadedFile>, report: Report): void {
  const path: Step[] = [{ unit: start, followed: 0 }];
  const onPath = new Set([start]);
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const next = step.unit.imports[step.followed++];
    if (next === undefined) {
      path.pop();
      onPath.delete(step.unit);
      finished.add(step.unit);
    } else if (next.target !== undefined && onPath.has(next.target)) {
      reportCycle(path, next, next.target, report);
    } else if (next.target !== undefined && !finished.has(next.target)) {
      path.push({ unit: next.target, followed: 0 });
      onPath.add(next.target);
    }
  }
}

function reportCycle(
  path: readonly Step[],
  closing: ResolvedImport,
  target: LoadedFile,
  report: Report,
): void {
  const cycle = path.slice(path.findIndex((step) => step.unit === target));
  const files = [...cycle.map((step) => step.unit.source.file), target.source.file];
  const others = cycle.slice(0, -1).flatMap(({ unit, followed }) => unit.imports[followed - 1] ?? []);
  const related = others.map(({ span }) => ({ span, message: 'on the way round' }));
  report(diagnostics.importCycle.at(closing.span, { files }, { related }));
}

/** Warns of imports that no reference needed, but for files with mistakes: a wrong name may be what would need it. */
export function reportUnusedImports(
  files: Iterable<LoadedFile>,
  used: ReadonlySet<ResolvedImport>,
  found: readonly Diagnostic[],
  report: Report,
): void {
  const wrong = new Set(found.filter(({ severity }) => severity === 'error').map(({ span }) => span.file));
  for (const { source, imports } of files) {
    const seen = new Set<LoadedFile>();
    for (const each of imports) {
      const { target } = each;
      // A repeated import has been reported as such.
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      if (used.has(each) || wrong.has(source.file) || wrong.has(target.source.file)) continue;
      report(diagnostics.unusedImport.at(each.span, { specifier: each.specifier }));
    }
  }
}
