/**
 * Arithmetic on the numbers in shapes, at compile time: what the type checker needs to know that 1 class token and 49 patches make
 * 50 tokens. Decimal digits as TypeScript strings, so that there is no limit on size. `number` (a side that is not known)
 * gives `number`.
 */

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/** A list as long as a digit says. */
interface Counters {
  '0': [];
  '1': [0];
  '2': [0, 0];
  '3': [0, 0, 0];
  '4': [0, 0, 0, 0];
  '5': [0, 0, 0, 0, 0];
  '6': [0, 0, 0, 0, 0, 0];
  '7': [0, 0, 0, 0, 0, 0, 0];
  '8': [0, 0, 0, 0, 0, 0, 0, 0];
  '9': [0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** Three digits added: "0" to "27", from the length of three lists in a row. */
type DigitSum<A extends Digit, B extends Digit, Carry extends Digit> = [
  ...Counters[A],
  ...Counters[B],
  ...Counters[Carry],
]['length'] extends infer Total extends number
  ? `${Total}`
  : never;

/** Numbers as lists of digits, the last one first, so that carries run along. */
type Digits<
  Text extends string,
  Done extends Digit[] = [],
> = Text extends `${infer First extends Digit}${infer Rest}` ? Digits<Rest, [First, ...Done]> : Done;

/** The number again; no digits at all are 0. */
type FromDigits<List, Done extends string = ''> = List extends [infer First extends Digit, ...infer Rest]
  ? FromDigits<Rest, `${First}${Done}`>
  : Done extends `${infer Value extends number}`
    ? Value
    : 0;

type AddDigits<A, B, Carry extends Digit = '0', Done extends Digit[] = []> = [A, B] extends [[], []]
  ? Carry extends '0'
    ? Done
    : [...Done, Carry]
  : DigitSum<FirstOf<A>, FirstOf<B>, Carry> extends infer Total
    ? Total extends Digit
      ? AddDigits<RestOf<A>, RestOf<B>, '0', [...Done, Total]>
      : Total extends `${infer Tens extends Digit}${infer Ones extends Digit}`
        ? AddDigits<RestOf<A>, RestOf<B>, Tens, [...Done, Ones]>
        : never
    : never;

type FirstOf<List> = List extends [infer First extends Digit, ...unknown[]] ? First : '0';
type RestOf<List> = List extends [Digit, ...infer Rest] ? Rest : [];

/** A digit list times one digit, by repeated addition. */
type TimesDigit<List, Times extends unknown[], Done = []> = Times extends [unknown, ...infer Rest]
  ? TimesDigit<List, Rest, AddDigits<Done, List>>
  : Done;

/** Long multiplication: a row for each digit of B, each shifted one place further. */
type MultiplyDigits<A, B, Done = []> = B extends [infer First extends Digit, ...infer Rest]
  ? MultiplyDigits<
      ['0', ...(A extends Digit[] ? A : never)],
      Rest,
      AddDigits<Done, TimesDigit<A, Counters[First]>>
    >
  : Done;

/** A third of every number under 30 without its fraction, by tens and ones; and what is left of it. */
type Thirds = [
  ['0', '0', '0', '1', '1', '1', '2', '2', '2', '3'],
  ['3', '3', '4', '4', '4', '5', '5', '5', '6', '6'],
  ['6', '7', '7', '7', '8', '8', '8', '9', '9', '9'],
];
type Remainders = [
  [0, 1, 2, 0, 1, 2, 0, 1, 2, 0],
  [1, 2, 0, 1, 2, 0, 1, 2, 0, 1],
  [2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
];

/** Long division by three, from the first digit on. */
type DivideByThree<
  Text,
  Left extends 0 | 1 | 2 = 0,
  Done extends Digit[] = [],
> = Text extends `${infer First extends Digit}${infer Rest}`
  ? DivideByThree<Rest, Remainders[Left][First], [Thirds[Left][First], ...Done]>
  : Left extends 0
    ? Done
    : never;

/** Without the zeros that a longer number would begin with; the list's last digits are the first. */
type WithoutLeadingZeros<List> = List extends [infer First extends Digit, ...infer Rest, '0']
  ? WithoutLeadingZeros<[First, ...Rest]>
  : List;

/** A + B. */
export type Sum<A extends number, B extends number> = number extends A | B
  ? number
  : FromDigits<AddDigits<Digits<`${A}`>, Digits<`${B}`>>>;

/** A * B. */
export type Product<A extends number, B extends number> = number extends A | B
  ? number
  : FromDigits<WithoutLeadingZeros<MultiplyDigits<Digits<`${A}`>, Digits<`${B}`>>>>;

/** A / 3, or never where that is no whole number. */
export type Third<A extends number> = number extends A
  ? number
  : FromDigits<WithoutLeadingZeros<DivideByThree<`${A}`>>>;
