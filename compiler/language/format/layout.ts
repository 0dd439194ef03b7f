import type { Block, Comment, Statement, SyntaxTree } from '../ast.ts';
import type { Place } from '../schema/key-entry.ts';
import { keysOf } from '../schema.ts';
import type { SourceText } from '../source-text.ts';

/** What takes lines of its own in a file or a block, in order. */
export type Item = CommentItem | StatementItem;

export interface CommentItem {
  readonly kind: 'comment';
  readonly text: string;
  /** Whether an empty line goes before it. */
  readonly blankBefore: boolean;
}

export interface StatementItem {
  readonly kind: 'statement';
  readonly key: string;
  /** The values, with single blanks between them. */
  readonly values: string;
  readonly block: BlockLayout | undefined;
  /** The comment behind it. */
  readonly comment: string | undefined;
  readonly blankBefore: boolean;
}

export interface BlockLayout {
  readonly items: readonly Item[];
  /** The comment behind the opening brace. */
  readonly comment: string | undefined;
  /** Whether its braces were written on one line. */
  readonly onOneLine: boolean;
}

/** Takes a tree without mistakes apart into what is to be laid out: comments are put where they belong, keys in order. */
export function layoutOf(tree: SyntaxTree, source: SourceText): readonly Item[] {
  return new LayoutBuilder(tree.comments, source).file(tree.statements);
}

class LayoutBuilder {
  private readonly comments: readonly Comment[];
  private readonly source: SourceText;
  /** How many of the comments have been placed: the walk meets them in their order. */
  private placed = 0;

  constructor(comments: readonly Comment[], source: SourceText) {
    this.comments = comments;
    this.source = source;
  }

  file(statements: readonly Statement[]): Item[] {
    const items: Item[] = [];
    this.addItems(items, statements, this.source.text.length, undefined, 'file');
    return items;
  }

  private block({ statements, span }: Block, place: Place | undefined): BlockLayout {
    const items: Item[] = [];
    const next = this.comments[this.placed];
    const isOpening = next !== undefined && !next.ownLine && next.span.line === span.line;
    const startsBefore = next !== undefined && next.span.start < (statements[0]?.key.span.start ?? span.end);
    const comment = isOpening && startsBefore ? this.takeComment() : undefined;
    this.addItems(items, statements, span.end, span.line, place);
    const onOneLine = this.source.lineAt(span.end - 1) === span.line;
    return { items: place === undefined ? items : inOrder(items, place), comment, onOneLine };
  }

  /** Adds the statements and the comments around them, up to the offset `end`. */
  private addItems(
    items: Item[],
    statements: readonly Statement[],
    end: number,
    startLine: number | undefined,
    place: Place | undefined,
  ): void {
    let line = startLine;
    const isBlankBefore = (next: number) => items.length > 0 && line !== undefined && next - line > 1;
    const addComments = (until: number) => {
      for (let next = this.commentBefore(until); next !== undefined; next = this.commentBefore(until)) {
        const text = this.takeComment();
        const last = items.at(-1);
        if (!next.ownLine && last?.kind === 'statement') items[items.length - 1] = { ...last, comment: text };
        else items.push({ kind: 'comment', text, blankBefore: isBlankBefore(next.span.line) });
        line = next.span.line;
      }
    };
    for (const statement of statements) {
      addComments(statement.key.span.start);
      const blankBefore = isBlankBefore(statement.key.span.line);
      items.push({ ...this.statement(statement, place), blankBefore });
      line = this.source.lineAt((statement.block?.span ?? statement.head).end - 1);
    }
    addComments(end);
  }

  private statement({ key, values, block }: Statement, place: Place | undefined) {
    const inner = place === undefined ? undefined : keysOf(place).get(key.text)?.block;
    return {
      kind: 'statement' as const,
      key: key.text,
      values: values.map(({ text }) => text).join(' '),
      block: block === undefined ? undefined : this.block(block, inner),
      comment: undefined,
    };
  }

  private commentBefore(offset: number): Comment | undefined {
    const next = this.comments[this.placed];
    return next !== undefined && next.span.start < offset ? next : undefined;
  }

  private takeComment(): string {
    return this.comments[this.placed++]?.text.trimEnd() ?? '';
  }
}

/**
 * Puts the statements of a block in the order of the schema, but none past an empty line or a comment line. What has a key that
 * the schema does not know stays as it is.
 */
function inOrder(items: readonly Item[], place: Place): Item[] {
  const ranks = new Map([...keysOf(place).keys()].map((key, index) => [key, index]));
  const result: Item[] = [];
  let group: StatementItem[] = [];
  const closeGroup = () => {
    const [first] = group;
    const isKnown = group.every(({ key }) => ranks.has(key));
    const sorted = isKnown
      ? [...group].sort((a, b) => (ranks.get(a.key) ?? 0) - (ranks.get(b.key) ?? 0))
      : group;
    for (const [index, item] of sorted.entries()) {
      result.push({ ...item, blankBefore: index === 0 && first?.blankBefore === true });
    }
    group = [];
  };
  for (const item of items) {
    if (item.kind === 'comment' || item.blankBefore) closeGroup();
    if (item.kind === 'comment') result.push(item);
    else group.push(item);
  }
  closeGroup();
  return result;
}
