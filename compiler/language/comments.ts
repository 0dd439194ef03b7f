import type { Comment, Statement, SyntaxTree } from './ast.ts';
import type { SourceText } from './source-text.ts';
import { isEmpty } from './syntax-tree.ts';

/**
 * Finds what the comments of a file say of its declarations: the block of comment lines that ends on the line above one
 * that starts its line; or, for the first declaration, the block that starts the file. Without comment markers; empty when
 * there is none.
 */
export function descriptions(tree: SyntaxTree, source: SourceText) {
  const ownLines = tree.comments.filter(({ ownLine }) => ownLine);
  const byLine = new Map(ownLines.map((comment) => [comment.span.line, comment]));
  const [first] = tree.comments;
  const startsFile = first !== undefined && isEmpty(source.text.slice(0, first.span.start));
  const behindOthers = statementsBehindOthers(tree, source);
  return (declaration: Statement, isFirst: boolean): string => {
    const start = behindOthers.has(declaration) ? 0 : declaration.key.span.line - 1;
    const above = blockFrom(byLine, start, -1).reverse();
    if (above.length > 0 || !isFirst || !startsFile) return tidy(above);
    return tidy(blockFrom(byLine, first.span.line, 1));
  };
}

/** The statements on whose line another one ends. */
function statementsBehindOthers({ statements }: SyntaxTree, source: SourceText): Set<Statement> {
  return new Set(
    statements.filter((statement, index) => {
      const previous = statements[index - 1];
      const end = previous?.block?.span.end ?? previous?.head.end;
      return end !== undefined && source.lineAt(end) === statement.key.span.line;
    }),
  );
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
