/**
 * The only script of a report: reads values off the curves, with the pointer or, on a chart that has the focus, the arrow keys.
 * All charts show the same step, in their legends. It runs in browsers, so it is text here.
 */
export const SCRIPT = `
'use strict';
const nearest = (points, step) => {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < step) low = middle + 1;
    else high = middle;
  }
  return low > 0 && step - points[low - 1][0] <= points[low][0] - step ? low - 1 : low;
};
const charts = Array.from(document.querySelectorAll('.chart'), (figure) => {
  const data = JSON.parse(figure.querySelector('script').textContent);
  const plot = figure.querySelector('.plot');
  const values = [...figure.querySelectorAll('figcaption output')].reverse();
  const dots = [...figure.querySelectorAll('.dot')];
  const cursor = figure.querySelector('.cursor');
  const densest = data.series.reduce((most, each) => (each.points.length > most.points.length ? each : most));
  return { ...data, plot, values, dots, cursor, points: densest.points };
});
const share = (value, [low, high]) => Math.min(1, Math.max(0, (value - low) / (high - low)));
const stepText = (chart, step) =>
  'step ' + step + (chart.stepsPerEpoch > 0 ? ' \\u00b7 epoch ' + +(step / chart.stepsPerEpoch).toFixed(2) : '');

function showIn(chart, step) {
  const { steps, range, unit, series, values, dots, cursor, plot } = chart;
  const read = series.map(({ points }) => points[nearest(points, step ?? Infinity)]);
  read.forEach(([at, value], i) => {
    values[i].textContent = value + unit;
    dots[i].hidden = step === undefined;
    dots[i].style.left = 100 * share(at, steps) + '%';
    dots[i].style.bottom = 100 * share(value, range) + '%';
  });
  cursor.hidden = step === undefined;
  const at = step ?? steps[1];
  cursor.style.left = 100 * share(at, steps) + '%';
  cursor.classList.toggle('late', share(at, steps) > 0.5);
  cursor.firstChild.textContent = stepText(chart, at);
  plot.setAttribute('aria-valuenow', at);
  plot.setAttribute(
    'aria-valuetext',
    [stepText(chart, at), ...series.map(({ name }, i) => name + ' ' + read[i][1] + unit)].join(', '),
  );
}

let shown;
const show = (step) => {
  shown = step;
  for (const chart of charts) showIn(chart, step);
};

const moves = { ArrowLeft: -1, ArrowRight: 1, PageDown: -0.1, PageUp: 0.1, Home: -Infinity, End: Infinity };
for (const chart of charts) {
  const { plot, points, steps } = chart;
  const last = points.length - 1;
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    show(points[nearest(points, steps[0] + part * (steps[1] - steps[0]))][0]);
  });
  plot.addEventListener('pointerleave', () => show(undefined));
  plot.addEventListener('blur', () => show(undefined));
  plot.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(undefined);
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const by = Math.abs(move) < 1 ? Math.sign(move) * Math.ceil(last * Math.abs(move)) : move;
    const from = shown === undefined ? last : nearest(points, shown);
    show(points[Math.min(last, Math.max(0, from + by))][0]);
  });
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-valuemin', steps[0]);
  plot.setAttribute('aria-valuemax', steps[1]);
}
show(undefined);
`;
