import { type Markup, markup } from '../../../markup.ts';
import { type ModelDiff, tensorFates } from '../../report.ts';
import { sameBits } from '../../weights/compare-numbers.ts';
import { fateCounts, weightRows } from '../weight-rows.ts';

/** More rows than this are folded away. */
const SHORT = 12;

/** What becomes of old weights: all of them in a bar, and those that are not kept in a table. */
export function weightsSection({ old, new: now, weights }: ModelDiff, id: string): Markup | undefined {
  if (old === null || now === null || weights.length === 0) return undefined;
  const rows = weightRows(weights);
  const summary = fateCounts(weights);
  const same = sameBits(weights);
  const bits = same === undefined ? '' : `; ${same}`;
  const parts = tensorFates.flatMap((fate) => {
    const count = weights.filter((row) => row.fate === fate).length;
    return count === 0 ? [] : [{ fate, count }];
  });
  const table = markup`<div class="scroll" tabindex="0" role="group" aria-label="Table of weights"><table class="tensors">
<thead><tr><th scope="col">fate</th><th scope="col">tensors</th><th scope="col">shape</th><th scope="col">note</th></tr></thead>
<tbody>${rows.map(
    ({ fate, names, shapes, note }) =>
      markup`<tr><td><span class="fate ${fate}">${fate}</span></td><th scope="row"><code>${names}</code></th><td>${shapes}</td><td>${note}</td></tr>\n`,
  )}</tbody>
</table></div>`;
  return markup`<section aria-labelledby="${id}-weights"><h2 id="${id}-weights">Weights</h2>
<p class="summary">${rows.length === 0 ? `All ${weights.length} tensors are kept${bits}.` : `Of ${weights.length} tensors: ${summary}.`}</p>
<div class="fates" role="img" aria-label="${summary}">${parts.map(
    ({ fate, count }) => markup`<i class="${fate}" style="flex-grow: ${count}" title="${count} ${fate}"></i>`,
  )}</div>
${rows.length === 0 ? undefined : rows.length <= SHORT ? table : markup`<details><summary>All that are not ${same === undefined ? 'kept' : 'the same'}, in ${rows.length} rows</summary>${table}</details>`}
</section>
`;
}
