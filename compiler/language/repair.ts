import type { IToken, TokenType } from 'chevrotain';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import { replacement } from './fixes.ts';
import type { SourceText } from './source-text.ts';
import type { Span } from './span.ts';
import {
  Broken,
  Malformed,
  Name,
  SingleQuoted,
  standIn,
  Text,
  tokenEnd,
  tokenize,
  UnclosedText,
} from './tokens.ts';

/**
 * Reports the words that are no proper token and puts in their place what was probably meant, so that the rest of the
 * file can be checked; where that is not clear, a `Broken` token.
 */
export function repairTokens(source: SourceText, tokens: readonly IToken[], report: Report): IToken[] {
  return tokens.flatMap((token) => {
    const repair = repairs.get(token.tokenType);
    return repair === undefined
      ? [token]
      : repair(token, source.span(token.startOffset, tokenEnd(token)), report);
  });
}

type Repair = (token: IToken, span: Span, report: Report) => IToken[];

const repairs = new Map<TokenType, Repair>([
  [Malformed, repairWord],
  [UnclosedText, repairUnclosedText],
  [SingleQuoted, repairSingleQuoted],
]);

function repairUnclosedText(token: IToken, span: Span, report: Report): IToken[] {
  const text = token.image.trimEnd();
  report(diagnostics.unclosedString.at({ ...span, end: span.start + text.length }, {}));
  return [standIn(Broken, text, span.start, span.start + text.length)];
}

function repairSingleQuoted(token: IToken, span: Span, report: Report): IToken[] {
  const quoted = `"${token.image.slice(1, -1).replaceAll('"', '')}"`;
  report(
    diagnostics.malformedWord.at(
      span,
      { text: token.image },
      {
        help: 'strings stand between double quotation marks',
        fix: replacement(span, quoted),
      },
    ),
  );
  return [standIn(Text, quoted, span.start, span.end)];
}

function repairWord(token: IToken, span: Span, report: Report): IToken[] {
  const word = token.image;
  const punctuation = /[:=]+>?|->/.exec(word);
  if (punctuation !== null && !word.includes('://')) {
    return splitAtPunctuation(word, punctuation[0], punctuation.index, span, report);
  }
  const kebab = kebabCase(word);
  if (kebab !== undefined) {
    report(diagnostics.nameStyle.at(span, { text: word, kebab }, { fix: replacement(span, kebab) }));
    return [standIn(Name, kebab, span.start, span.end)];
  }
  const number = tidyNumber(word);
  if (number !== undefined) {
    const { image, tokenType } = number;
    report(
      diagnostics.malformedWord.at(
        span,
        { text: word },
        { help: `write ${image}`, fix: replacement(span, image) },
      ),
    );
    return [standIn(tokenType, image, span.start, span.end)];
  }
  report(diagnostics.malformedWord.at(span, { text: word }));
  return [standIn(Broken, word, span.start, span.end)];
}

/** `width: 4`, `width:4` and `width = 4` are read as `width 4`. */
function splitAtPunctuation(word: string, mark: string, at: number, span: Span, report: Report): IToken[] {
  const markSpan = {
    ...span,
    start: span.start + at,
    end: span.start + at + mark.length,
    column: span.column + at,
  };
  report(
    diagnostics.foreignPunctuation.at(
      markSpan,
      { text: mark },
      {
        fix: { title: `remove ${mark}`, edits: [{ span: markSpan, text: ' ' }] },
      },
    ),
  );
  return [
    ...repiece(word.slice(0, at), span.start),
    ...repiece(word.slice(at + mark.length), span.start + at + mark.length),
  ];
}

/** The token of a piece of a word that has been reported already. */
function repiece(piece: string, start: number): IToken[] {
  if (piece === '') return [];
  const token = soleToken(piece) ?? soleToken(kebabCase(piece) ?? '') ?? { tokenType: Broken, image: piece };
  return [standIn(token.tokenType, token.image, start, start + piece.length)];
}

function soleToken(text: string): Pick<IToken, 'tokenType' | 'image'> | undefined {
  const { tokens } = tokenize(text);
  const [token] = tokens;
  return token === undefined || tokens.length > 1 || repairs.has(token.tokenType) ? undefined : token;
}

/** `Vit_Base` and `vitBase` become `vit-base`; undefined for what does not look like a name. */
function kebabCase(word: string): string | undefined {
  if (!/^[A-Za-z_-][A-Za-z0-9_-]*$/.test(word)) return undefined;
  const kebab = word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[_-]+/)
    .filter((part) => part !== '')
    .join('-');
  return /^[a-z]/.test(kebab) ? kebab : undefined;
}

/** `.5`, `1.`, `4X`, `224×224` and `1__000` as they should have been written; undefined for anything else. */
function tidyNumber(word: string): Pick<IToken, 'tokenType' | 'image'> | undefined {
  const tidy = word
    .replace(/(?<![\d_.])\.(?=\d)/g, '0.')
    .replace(/(?<=\d)\.(?![\d.])/g, '')
    .replace(/[X×*]/g, 'x')
    .replace(/_+/g, '_')
    .replace(/_(?!\d)/g, '');
  return tidy === word ? undefined : soleToken(tidy);
}
