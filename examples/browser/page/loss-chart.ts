import { type LossPoint, lossRange, type Point, thinned } from '../../../runtime/view/loss-series.ts';
import { roundTicks, shortNumber } from '../../../runtime/view/ticks.ts';
import { element } from './element.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Parts of the width that are told apart. */
const COLUMNS = 400;
/** Steps of which the mean is shown. */
const WINDOW = 10;

/** The loss of every step, and the mean of the last few, drawn as the training goes. */
export class LossChart {
  readonly #place = element('chart', HTMLDivElement);
  #points: LossPoint[] = [];
  /** By step, the mean of the loss over it and those before it. */
  #means: Point[] = [];
  #due = false;

  constructor() {
    this.clear();
  }

  clear(): void {
    this.#points = [];
    this.#means = [];
    const empty = label('empty', 'The loss of every step is drawn here while you train.');
    this.#place.replaceChildren(empty);
    this.#place.ariaLabel = 'No step was taken yet';
  }

  add(step: number, loss: number): void {
    this.#points.push({ step, loss, learningRate: 0, epoch: 0 });
    const last = this.#points.slice(-WINDOW);
    this.#means.push([step, last.reduce((sum, point) => sum + point.loss, 0) / last.length]);
    // Steps may come faster than the screen shows.
    if (!this.#due) requestAnimationFrame(() => this.#draw());
    this.#due = true;
  }

  /** The mean of the loss over the last few steps. */
  get recent(): number {
    return this.#means.at(-1)?.[1] ?? Number.NaN;
  }

  #draw(): void {
    this.#due = false;
    const first = this.#points[0];
    const last = this.#points.at(-1);
    if (first === undefined || last === undefined) return;
    const mean = this.#means;
    const [low, high] = lossRange(this.#points, mean);
    const end = Math.max(last.step, first.step + 20);
    const across = (step: number) => (100 * (step - first.step)) / (end - first.step);
    const up = (loss: number) => (100 * (loss - low)) / (high - low);
    const line = (className: string, points: readonly Point[]) => {
      const places = thinned(points, COLUMNS).map(
        ([x, y]) => `${across(x).toFixed(2)},${(100 - up(y)).toFixed(2)}`,
      );
      return shape('polyline', { class: className, points: places.join(' ') });
    };
    const drawing = shape('svg', {
      viewBox: '0 0 100 100',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    });
    const values = roundTicks(low, high, 5);
    for (const value of values) {
      const y = String(100 - up(value));
      drawing.append(shape('line', { x1: '0', x2: '100', y1: y, y2: y }));
    }
    const each = this.#points.map(({ step, loss }): Point => [step, loss]);
    drawing.append(line('each', each), line('mean', mean));
    this.#place.replaceChildren(
      drawing,
      ...values.map((value) => placed(label('value', shortNumber(value)), 'bottom', up(value))),
      ...roundTicks(first.step, end, 5)
        .filter((step) => across(step) < 78)
        .map((step) => placed(label('step', shortNumber(step)), 'left', across(step))),
      placed(label('step', `step ${end}`), 'left', 100),
    );
    this.#place.ariaLabel = `Loss by step: ${shortNumber(Number(first.loss.toPrecision(3)))} at step ${first.step}, ${shortNumber(Number(this.recent.toPrecision(3)))} at step ${last.step}`;
  }
}

function shape(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function label(className: string, text: string): HTMLSpanElement {
  const made = document.createElement('span');
  made.className = className;
  made.textContent = text;
  return made;
}

function placed(made: HTMLSpanElement, side: 'bottom' | 'left', percent: number): HTMLSpanElement {
  made.style[side] = `${percent}%`;
  return made;
}
