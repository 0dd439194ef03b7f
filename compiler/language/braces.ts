import type { IToken, TokenType } from 'chevrotain';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import type { SourceText } from './source-text.ts';
import type { Span } from './span.ts';
import { BlockClose, BlockOpen, Newline, standIn, tokenEnd } from './tokens.ts';

/** No key needs more than four; deeper blocks would only use up the parser's stack. */
export const deepestNesting = 32;

/**
 * Reports braces that do not pair and blocks nested too deep, and returns tokens whose braces do pair: a missing `}` is
 * added (with an empty image), one too many is left out, and so is what stands in a block that is too deep.
 */
export function balanceBraces(source: SourceText, tokens: readonly IToken[], report: Report): IToken[] {
  const pair = isBalanced(tokens) ? tokens : pairByLayout(source, tokens, report);
  return cutDeepBlocks(source, pair, report);
}

function isBalanced(tokens: readonly IToken[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token.tokenType === BlockOpen) depth++;
    if (token.tokenType === BlockClose && --depth < 0) return false;
  }
  return depth === 0;
}

/** An open block: its brace, the line on which it opens, and how far that line is indented. */
interface Open {
  readonly brace: IToken;
  readonly line: number;
  readonly indent: number;
}

/**
 * Where the braces of a file do not add up, its indentation tells which of them is missing or too many: what stands no
 * further in than the line that opened a block is not in that block.
 */
function pairByLayout(source: SourceText, tokens: readonly IToken[], report: Report): IToken[] {
  const result: IToken[] = [];
  const open: Open[] = [];
  let surplus = count(tokens, BlockClose) - count(tokens, BlockOpen);
  let here = { line: 1, indent: 1 };
  let previous = Newline;

  const closeUnclosed = () => {
    const unclosed = open.pop();
    if (unclosed === undefined) return;
    const end = lastOffset(result);
    result.push(standIn(BlockClose, '', end, end));
    // Of a long run of opening braces the outer ones say enough.
    if (open.length < deepestNesting)
      report(diagnostics.unclosedBlock.at(braceSpan(source, unclosed.brace), {}));
  };
  const isStray = (startsLine: boolean) => {
    const top = open.at(-1);
    if (top === undefined) return true;
    if (surplus <= 0 || top.line === here.line) return false;
    return startsLine ? here.indent > top.indent : previous === BlockClose;
  };

  for (const token of tokens) {
    const { tokenType } = token;
    const startsLine = previous === Newline && tokenType !== Newline;
    const closes = tokenType === BlockClose;
    if (startsLine) {
      const { line, column } = source.span(token.startOffset, token.startOffset);
      here = { line, indent: column };
      const isOutside = (block: Open) => (closes ? block.indent > column : block.indent >= column);
      for (let top = open.at(-1); top !== undefined && isOutside(top); top = open.at(-1)) closeUnclosed();
    }
    if (closes && isStray(startsLine)) {
      report(diagnostics.strayBrace.at(braceSpan(source, token), {}));
      surplus--;
    } else {
      if (closes) open.pop();
      if (tokenType === BlockOpen) open.push({ brace: token, ...here });
      result.push(token);
    }
    previous = tokenType;
  }
  while (open.length > 0) closeUnclosed();
  return result;
}

function cutDeepBlocks(source: SourceText, tokens: readonly IToken[], report: Report): IToken[] {
  let depth = 0;
  return tokens.filter((token) => {
    if (token.tokenType === BlockOpen && ++depth === deepestNesting + 1) {
      report(diagnostics.tooDeep.at(braceSpan(source, token), { limit: deepestNesting }));
    }
    const keep = depth <= deepestNesting;
    if (token.tokenType === BlockClose) depth--;
    return keep;
  });
}

function braceSpan(source: SourceText, brace: IToken): Span {
  return source.span(brace.startOffset, brace.startOffset + 1);
}

function count(tokens: readonly IToken[], tokenType: TokenType): number {
  return tokens.reduce((sum, token) => sum + (token.tokenType === tokenType ? 1 : 0), 0);
}

/** Where the last token that is no line break ends. */
function lastOffset(tokens: readonly IToken[]): number {
  const last = tokens.findLast((token) => token.tokenType !== Newline);
  return last === undefined ? 0 : tokenEnd(last);
}
