import sharp from 'sharp';
import type { Classification } from './contents.ts';
import { type Html, html } from './html.ts';
import { pngSource } from './picture.ts';

/** Up to so many classes a matrix is a table of numbers; a larger one is a picture. */
const MOST_NUMBERS = 25;
/** How many mistakes are listed. */
const LISTED = 15;

/** The confusion matrix as a heat map, and the mistakes that were made most often. Nothing if there is no matrix. */
export async function confusionFigure({ classes, confusion }: Classification): Promise<Html> {
  if (confusion === undefined || classes.length === 0) return html``;
  const names = classes.map(({ name }) => name);
  const shares = confusion.map((row) => {
    const pictures = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (pictures > 0 ? count / pictures : 0));
  });
  const matrix =
    names.length <= MOST_NUMBERS
      ? numbers(names, confusion, shares)
      : html`<img src="${pngSource(await heatMap(shares))}" alt="Heat map of ${names.length} by ${names.length} classes; the diagonal is right">`;
  return html`<figure class="confusion">
<figcaption>Confusion matrix<span>Rows are the actual classes, columns the predicted ones; the stronger the colour, the larger the share of the row.</span></figcaption>
<div class="scroll">${matrix}</div>
</figure>
${mistakes(names, confusion)}`;
}

type Matrix = readonly (readonly number[])[];

function numbers(names: readonly string[], counts: Matrix, shares: Matrix): Html {
  const cell = (actual: string, row: number, column: number) => {
    const share = shares[row]?.[column] ?? 0;
    const count = counts[row]?.[column] ?? 0;
    const title = `${actual} taken for ${names[column]}: ${count} (${percent(share)})`;
    return html`<td${share > 0.75 ? html` class="strong"` : ''} style="--share:${share.toFixed(3)}" title="${title}">${count > 0 ? count : ''}</td>`;
  };
  return html`<table>
<thead><tr><th scope="col">actual</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${names.map((name, row) => html`<tr><th scope="row">${name}</th>${names.map((_, column) => cell(name, row, column))}</tr>\n`)}</tbody>
</table>`;
}

/** A pixel for each pair of classes: blue as opaque as the share is large, so that it suits any paper. */
function heatMap(shares: Matrix): Promise<Uint8Array> {
  const side = shares.length;
  const pixels = Buffer.from(
    // The root makes rare mistakes visible.
    shares.flatMap((row) => row.flatMap((share) => [0x4a, 0x7d, 0xe8, Math.round(255 * Math.sqrt(share))])),
  );
  return sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function mistakes(names: readonly string[], counts: Matrix): Html {
  const wrong = counts.flatMap((row, actual) =>
    row.flatMap((count, predicted) =>
      actual !== predicted && count > 0 ? [{ actual, predicted, count }] : [],
    ),
  );
  if (wrong.length === 0) return html``;
  const listed = wrong.sort((a, b) => b.count - a.count).slice(0, LISTED);
  return html`<table class="classes"><caption>Most frequent mistakes</caption>
<thead><tr><th scope="col">actual</th><th scope="col">predicted</th><th scope="col" class="number">pictures</th></tr></thead>
<tbody>${listed.map(({ actual, predicted, count }) => html`<tr><td>${names[actual]}</td><td>${names[predicted]}</td><td class="number">${count}</td></tr>\n`)}</tbody>
</table>`;
}

/** A share 0..1 as people say it: "76.5 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
