import { COLOURS, shorten, svgPolyline } from '../view/svg.ts';

/** A picture and what a classifier said of it. */
export interface PredictedExample {
  /** [channels, height, width], normalised. */
  readonly picture: Float32Array;
  /** The class with the highest probability; -1 where the model's output is no number. */
  readonly predicted: number;
  readonly probability: number;
  /** The true class, if it is known, and the probability that the model gave it. */
  readonly truth?: number;
  readonly truthProbability?: number;
  /** What the picture is called. */
  readonly name?: string;
}

/** Whether a prediction is right, and how that is shown: by colour, by shape and by word. */
export interface Verdict {
  readonly title: string;
  readonly colour: string;
  /** Whether the true class has to be said, too. */
  readonly namesTruth: boolean;
  /** The plate of its sign, of radius 1 around 0. */
  readonly plate?: string;
  /** The sign's strokes on the plate. */
  readonly strokes: readonly (readonly (readonly [number, number])[])[];
}

const RIGHT: Verdict = {
  title: 'right',
  colour: '#1f8a4c',
  namesTruth: false,
  plate: '<circle r="1"/>',
  strokes: [
    [
      [-0.45, 0.05],
      [-0.12, 0.38],
      [0.48, -0.32],
    ],
  ],
};

const WRONG: Verdict = {
  title: 'wrong',
  colour: '#cc2f2f',
  namesTruth: true,
  plate: '<rect x="-.9" y="-.9" width="1.8" height="1.8" rx=".2"/>',
  strokes: [
    [
      [-0.38, -0.38],
      [0.38, 0.38],
    ],
    [
      [0.38, -0.38],
      [-0.38, 0.38],
    ],
  ],
};

const UNKNOWN: Verdict = {
  title: 'true class not known',
  colour: COLOURS.faint,
  namesTruth: false,
  strokes: [],
};

/** In the order in which they are shown. */
export const VERDICTS: readonly Verdict[] = [RIGHT, WRONG, UNKNOWN];

export function verdictOf({ predicted, truth }: Pick<PredictedExample, 'predicted' | 'truth'>): Verdict {
  if (truth === undefined) return UNKNOWN;
  return predicted === truth ? RIGHT : WRONG;
}

/** The sign of a verdict around a point: a tick on a disc, a cross on a square; nothing where nothing is known. */
export function verdictMark(
  { plate, strokes, colour }: Verdict,
  x: number,
  y: number,
  radius: number,
): string {
  if (plate === undefined) return '';
  const edge = `fill="${colour}" stroke="${COLOURS.paper}" stroke-width=".16"`;
  const sign = strokes.map((points) => svgPolyline(points, { colour: COLOURS.paper, width: 0.24 })).join('');
  const place = `translate(${shorten(x)} ${shorten(y)}) scale(${shorten(radius)})`;
  return `<g transform="${place}"><g ${edge}>${plate}</g>${sign}</g>`;
}
