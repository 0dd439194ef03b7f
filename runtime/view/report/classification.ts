import { confusionFigure, percent } from './confusion.ts';
import type { Classification, ClassResult } from './contents.ts';
import { type Html, html } from './html.ts';

/** Tables of more rows are folded. */
const MOST_ROWS = 25;

/** The share of pictures that were classified right, by class, and what was taken for what. */
export async function classificationSection(results: Classification): Promise<Html> {
  const { classes, top5 } = results;
  const table = html`<table class="classes"><caption>Accuracy by class</caption>
<thead><tr><th scope="col">class</th><th scope="col" class="number">pictures</th><th scope="col" class="number">top-1</th>
${top5 === undefined ? '' : html`<th scope="col" class="number">top-5</th>`}<td class="bar"></td></tr></thead>
<tbody>${classes.map((each) => classRow(each, top5 !== undefined))}</tbody>
</table>`;
  return html`<section aria-labelledby="classification"><h2 id="classification">Classification</h2>
${overall(results)}
${classes.length === 0 ? '' : classes.length <= MOST_ROWS ? table : html`<details><summary>Accuracy by class, ${classes.length} classes</summary>${table}</details>`}
${await confusionFigure(results)}
</section>`;
}

function overall({ top1, top5, classes }: Classification): Html {
  const pictures = classes.reduce((sum, each) => sum + each.pictures, 0);
  return html`<dl class="results">
<div><dt>top-1 accuracy</dt><dd>${percent(top1)}</dd></div>
${top5 === undefined ? '' : html`<div><dt>top-5 accuracy</dt><dd>${percent(top5)}</dd></div>`}
${pictures === 0 ? '' : html`<div><dt>pictures of ${classes.length} classes</dt><dd>${pictures}</dd></div>`}
</dl>`;
}

function classRow({ name, pictures, top1, top5 }: ClassResult, withTop5: boolean): Html {
  return html`<tr><th scope="row">${name}</th><td class="number">${pictures}</td><td class="number">${percent(top1)}</td>
${withTop5 ? html`<td class="number">${top5 === undefined ? '' : percent(top5)}</td>` : ''}<td class="bar"><i style="--share:${(100 * top1).toFixed(1)}%"></i></td></tr>
`;
}
