import type { IToken, TokenType } from 'chevrotain';
import type { Block, Comment, Statement, SyntaxTree, Value } from './ast.ts';
import { balanceBraces } from './braces.ts';
import type { DiagnosticDetails, Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import { replacement } from './fixes.ts';
import { type BlockItems, type Item, parseItems } from './parser.ts';
import { repairTokens } from './repair.ts';
import { joinSpans, type SourceText } from './source-text.ts';
import type { Span } from './span.ts';
import { Comma, Newline, tokenEnd, tokenize } from './tokens.ts';
import { describeValue, toValue } from './values.ts';

/**
 * The syntax tree of a file. Every mistake is reported and stepped over: the tree holds all that could be understood.
 */
export function parseSource(source: SourceText, report: Report): SyntaxTree {
  const { tokens, comments } = tokenize(source.text);
  const repaired = repairTokens(source, tokens, report);
  const paired = balanceBraces(source, repaired, report);
  const items = parseItems(paired);
  const { statements } = new TreeBuilder(source, report).body(items, false);
  return {
    file: source.file,
    statements,
    comments: comments.map((token) => commentOf(source, token)),
  };
}

function commentOf(source: SourceText, token: IToken): Comment {
  const span = source.span(token.startOffset, tokenEnd(token));
  const before = source.text.slice(source.lineStart(span.line), span.start);
  return { span, text: token.image, ownLine: isEmpty(before) };
}

/** Whether a stretch of text holds nothing but blanks and separators. */
export function isEmpty(text: string): boolean {
  return /^[\s,;]*$/.test(text);
}

interface Body {
  readonly statements: readonly Statement[];
  readonly damaged: boolean;
}

type Stray = Extract<Item, { kind: 'stray' }>;

class TreeBuilder {
  private readonly source: SourceText;
  private readonly report: Report;

  constructor(source: SourceText, report: Report) {
    this.source = source;
    this.report = report;
  }

  /** `misplaced`: a brace around the items is missing, so that they may belong somewhere else. */
  body(items: readonly Item[], misplaced: boolean): Body {
    const statements: Statement[] = [];
    let separators: TokenType[] = [];
    let damaged = false;
    for (const item of items) {
      if (item.kind === 'separator') {
        separators.push(item.token.tokenType);
        continue;
      }
      if (item.kind === 'statement') {
        statements.push(this.statement(item, misplaced));
      } else {
        damaged = true;
        const amended = this.stray(item, statements.pop(), separators, misplaced);
        if (amended !== undefined) statements.push(amended);
      }
      separators = [];
    }
    return { statements, damaged };
  }

  private statement(item: Extract<Item, { kind: 'statement' }>, misplaced: boolean): Statement {
    const key = { text: item.key.image, span: this.span(item.key) };
    const values = item.values.map((token) => this.value(token));
    const head = joinSpans(key.span, values.at(-1)?.span ?? key.span);
    const block = item.block === undefined ? undefined : this.block(item.block, misplaced);
    return { key, values, block, head, damaged: false };
  }

  private block({ open, items, close }: BlockItems, misplaced: boolean): Block {
    const guessed = misplaced || close.image === '';
    const { statements, damaged } = this.body(items, guessed);
    return {
      statements,
      span: this.source.span(open.startOffset, tokenEnd(close)),
      damaged: damaged || guessed,
    };
  }

  /** Reports values or a block without a key; returns what becomes of the statement before them. */
  private stray(
    stray: Stray,
    previous: Statement | undefined,
    separators: readonly TokenType[],
    misplaced: boolean,
  ): Statement | undefined {
    const values = stray.values.map((token) => this.value(token));
    const block = stray.block === undefined ? undefined : this.block(stray.block, misplaced);
    const [first] = values;
    if (first === undefined) return this.strayBlock(stray, block, previous, separators);

    const followsBlock = previous?.block !== undefined && separators.length === 0;
    const followsComma = separators.length === 1 && separators[0] === Comma;
    // Broken values have been reported as such.
    if (values.every((value) => value.kind !== 'broken')) {
      const rule = followsBlock ? diagnostics.valueAfterBlock : diagnostics.missingKey;
      const details = followsComma ? splitNumber(previous, first) : {};
      const span = joinSpans(first.span, values.at(-1)?.span ?? first.span);
      this.report(rule.at(span, { found: describeValue(first) }, details));
    }
    const belongs = followsBlock || followsComma;
    return previous !== undefined && belongs ? { ...previous, damaged: true } : previous;
  }

  private strayBlock(
    stray: Stray,
    block: Block | undefined,
    previous: Statement | undefined,
    separators: readonly TokenType[],
  ): Statement | undefined {
    if (stray.block !== undefined) this.report(diagnostics.detachedBlock.at(this.span(stray.block.open), {}));
    const belongs = previous?.block === undefined && separators.every((separator) => separator === Newline);
    return previous !== undefined && belongs ? { ...previous, block } : previous;
  }

  private value(token: IToken): Value {
    return toValue(token, this.span(token), this.report);
  }

  private span(token: IToken): Span {
    return this.source.span(token.startOffset, tokenEnd(token));
  }
}

/** What to write where a comma was meant to group the digits of a number. */
function splitNumber(previous: Statement | undefined, second: Value): DiagnosticDetails {
  const first = previous?.values.at(-1);
  const adjoins = first?.kind === 'count' && second.span.start === first.span.end + 1;
  if (!adjoins || !/^\d{3}$/.test(second.text)) return {};
  const text = `${first.text}_${second.text}`;
  return { help: `write ${text}`, fix: replacement(joinSpans(first.span, second.span), text) };
}
