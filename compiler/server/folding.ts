import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver/node.js';
import type { ParsedFile } from './parsed-file.ts';
import { statementsOf } from './statements.ts';

/** What can be folded: blocks, and comments of several lines. */
export function foldingRanges({ tree, source }: ParsedFile): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  for (const { statement } of statementsOf(tree)) {
    const { block } = statement;
    if (block === undefined) continue;
    // The line of the closing brace stays.
    const startLine = block.span.line - 1;
    const endLine = source.lineAt(block.span.end) - 2;
    if (endLine > startLine) ranges.push({ startLine, endLine });
  }
  const lines = tree.comments.filter(({ ownLine }) => ownLine).map(({ span }) => span.line - 1);
  let startLine = lines[0] ?? 0;
  lines.forEach((line, index) => {
    if (lines[index + 1] === line + 1) return;
    if (line > startLine) ranges.push({ startLine, endLine: line, kind: FoldingRangeKind.Comment });
    startLine = lines[index + 1] ?? 0;
  });
  return ranges.sort((a, b) => a.startLine - b.startLine);
}
