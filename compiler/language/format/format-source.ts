import type { Diagnostic } from '../diagnostic.ts';
import type { SourceText } from '../source-text.ts';
import { parseSource } from '../syntax-tree.ts';
import { layoutOf } from './layout.ts';
import { printFile } from './print.ts';

/** The text in its canonical layout; or, where it cannot be read without mistakes, what they are. */
export type Formatted = { readonly text: string } | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Lays a spec out in the one canonical way: two blanks for each block, the values of neighbouring lines in a column, one statement
 * a line but for short blocks that were written on one, keys in the order of the schema, at most one empty line, `\n` at the end of
 * every line. Comments and empty lines stay where they are; what the spec means does not change, and formatting the result again
 * changes nothing. A pure function.
 */
export function formatSource(source: SourceText): Formatted {
  const diagnostics: Diagnostic[] = [];
  const tree = parseSource(source, (diagnostic) => diagnostics.push(diagnostic));
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  return { text: printFile(layoutOf(tree, source)) };
}
