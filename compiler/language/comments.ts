import type { Comment, Statement, SyntaxTree } from './ast.ts';
import type { SourceText } from './source-text.ts';

/**
 * Finds what the comments of a file say of its declarations: the block of comment lines that ends on the line above;
 * or, for the first declaration, the block that starts the file. Without comment markers; empty when there is none.
 */
export function descriptions(tree: SyntaxTree, source: SourceText) {
  const ownLines = tree.comments.filter(({ ownLine }) => ownLine);
  const byLine = new Map(ownLines.map((comment) => [comment.span.line, comment]));
  const [first] = tree.comments;
  const startsFile = first !== undefined && source.text.slice(0, first.span.start).trim() === '';
  return (declaration: Statement, isFirst: boolean): string => {
    const above = blockFrom(byLine, declaration.key.span.line - 1, -1).reverse();
    if (above.length > 0 || !isFirst || !startsFile) return tidy(above);
    return tidy(blockFrom(byLine, first.span.line, 1));
  };
}

function blockFrom(byLine: ReadonlyMap<number, Comment>, start: number, step: 1 | -1): Comment[] {
  const block: Comment[] = [];
  let line = start;
  for (let comment = byLine.get(line); comment !== undefined; comment = byLine.get(line)) {
    block.push(comment);
    line += step;
  }
  return block;
}

function tidy(comments: readonly Comment[]): string {
  return comments
    .map(({ text }) => text.replace(/^(?:#+|\/{2,}) ?/, '').trimEnd())
    .join('\n')
    .trim();
}
