import type { IToken, TokenType } from 'chevrotain';
import type { Value } from './ast.ts';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import type { Span } from './span.ts';
import { Broken, Multiple, Name, Numeral, Percentage, Range, Size, Text } from './tokens.ts';
import { quote } from './words.ts';

/** A value token as a value; numbers too large to hold are reported and become broken values. */
export function toValue(token: IToken, span: Span, report: Report): Value {
  const text = token.image;
  const value = makers.get(token.tokenType)?.(text, span);
  if (value !== undefined) return value;
  if (token.tokenType !== Broken) report(diagnostics.numberTooLarge.at(span, { text }));
  return { kind: 'broken', text, span };
}

/** Undefined for numbers that are too large. */
type Maker = (text: string, span: Span) => Value | undefined;

const makers = new Map<TokenType, Maker>([
  [Name, (text, span) => ({ kind: 'name', text, span })],
  [Text, (text, span) => ({ kind: 'string', text, span, content: text.slice(1, -1) })],
  [Numeral, numeral],
  [
    Percentage,
    (text, span) => {
      const value = shareOf(text);
      return Number.isFinite(value) ? { kind: 'percentage', text, span, value } : undefined;
    },
  ],
  [
    Multiple,
    (text, span) => {
      const factor = numberOf(text.slice(0, -1));
      return Number.isFinite(factor) ? { kind: 'multiple', text, span, factor } : undefined;
    },
  ],
  [
    Size,
    (text, span) => {
      const extents = text.split('x').map(numberOf);
      return extents.every(Number.isSafeInteger) ? { kind: 'size', text, span, extents } : undefined;
    },
  ],
  [
    Range,
    (text, span) => {
      const [low = Number.NaN, high = Number.NaN] = text.split('..').map(shareOf);
      return Number.isFinite(low) && Number.isFinite(high)
        ? { kind: 'range', text, span, low, high }
        : undefined;
    },
  ],
]);

function numeral(text: string, span: Span): Value | undefined {
  const value = numberOf(text);
  if (/^[+-]?[\d_]+$/.test(text)) {
    return Number.isSafeInteger(value) ? { kind: 'count', text, span, value } : undefined;
  }
  return Number.isFinite(value) ? { kind: 'number', text, span, value } : undefined;
}

function numberOf(text: string): number {
  return Number(text.replaceAll('_', ''));
}

/**
 * `75%` is 0.75 and `0.75` is itself. The decimal exponent is shifted, so that 33.3% is the double nearest to 0.333.
 */
function shareOf(text: string): number {
  if (!text.endsWith('%')) return numberOf(text);
  const [mantissa = '', exponent = '0'] = text.slice(0, -1).replaceAll('_', '').toLowerCase().split('e');
  return Number(`${mantissa}e${Number(exponent) - 2}`);
}

/** What a value is and how it was written, for messages: `the percentage ‘75%’`. */
export function describeValue(value: Value): string {
  return `the ${value.kind === 'broken' ? 'word' : value.kind} ${quote(value.text)}`;
}
