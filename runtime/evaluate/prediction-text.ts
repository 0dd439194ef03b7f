import { COLOURS, fitText, shorten, svgText, svgTextWidth } from '../view/svg.ts';
import type { PredictedExample, Verdict } from './verdict.ts';

const SIZE = { name: 9.5, small: 8 };
const BAR_HEIGHT = 4;
const GAP = 8;
/** From the lower edge of the picture to the base line of the answer, the bar, the base line of what follows. */
const ANSWER = 24;
const BAR = 31;
const BELOW = 51;
const LINE = 16;
const TO_NEXT = 28;

/** Height of what stands below a picture, with the gap to the next one. */
export function textHeight({ namesTruth }: Verdict): number {
  return BELOW + (namesTruth ? LINE : 0) + TO_NEXT;
}

/** Where the text stands: `top` is the lower edge of the picture. */
export interface TextPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

/** What was predicted, its probability as a number and as a bar; if that is wrong, the true class; the picture's name. */
export function cellText(
  example: PredictedExample,
  verdict: Verdict,
  classNames: readonly string[],
  place: TextPlace,
): string[] {
  const { predicted, probability, truth, truthProbability = Number.NaN, name = '' } = example;
  const nameOf = (index: number) => classNames[index] ?? `class ${index}`;
  const answer = predicted < 0 ? 'no answer: not a number' : nameOf(predicted);
  const faint = { size: SIZE.small, colour: COLOURS.faint };
  const below = place.top + BELOW;
  const second =
    verdict.namesTruth && truth !== undefined
      ? line(`is ${nameOf(truth)}`, truthProbability, below, place, { ...faint, colour: COLOURS.ink })
      : [];
  const third = verdict.namesTruth ? below + LINE : below;
  return [
    ...line(answer, probability, place.top + ANSWER, place, {
      size: SIZE.name,
      colour: verdict.colour,
      bold: true,
    }),
    ...bar(probability, place.top + BAR, verdict.colour, place),
    ...second,
    svgText(fitText(name, SIZE.small, place.width), place.left, third, faint),
  ];
}

/** A text, cut where it must be, and a probability at the right. */
function line(
  text: string,
  probability: number,
  baseline: number,
  { left, width }: TextPlace,
  style: Parameters<typeof svgText>[3],
): string[] {
  const share = formatProbability(probability);
  const room = width - (share === '' ? 0 : svgTextWidth(share, SIZE.small) + GAP);
  return [
    svgText(fitText(text, style.size, room), left, baseline, style),
    svgText(share, left + width, baseline, { size: SIZE.small, anchor: 'end', colour: COLOURS.ink }),
  ];
}

/** Whole per cents, but never 0 or 100 of what is neither; nothing for what is no number. */
function formatProbability(probability: number): string {
  if (Number.isNaN(probability)) return '';
  if (probability > 0 && probability < 0.01) return '<1 %';
  if (probability < 1 && probability > 0.99) return '>99 %';
  return `${Math.round(probability * 100)} %`;
}

function bar(probability: number, top: number, colour: string, { left, width }: TextPlace): string[] {
  const rect = (length: number, fill: string) =>
    `<rect x="${shorten(left)}" y="${shorten(top)}" width="${shorten(length)}" height="${BAR_HEIGHT}" fill="${fill}"/>`;
  return [rect(width, COLOURS.line), rect(Number.isNaN(probability) ? 0 : width * probability, colour)];
}
