import { type Markup, markup } from '../../../markup.ts';
import type { OnnxDiff } from '../../report.ts';
import { onnxFateCounts } from '../weight-rows.ts';
import { changesSection } from './changes.ts';

/** Whether an ONNX file was compiled from a spec, what differs between two, and what is in them. */
export function onnxSections(diff: OnnxDiff): Markup {
  const { compiledFrom, changes, operators, weights } = diff;
  return markup`${
    compiledFrom === null
      ? undefined
      : markup`<section aria-labelledby="answer"><h2 id="answer">Was it compiled from this spec?</h2><p>${compiledFrom.answer}</p></section>\n`
  }${changes.length === 0 ? undefined : changesSection({ changes }, 'files')}
<section aria-labelledby="operators"><h2 id="operators">Operators</h2>
<table><thead><tr><th scope="col">operator</th><th scope="col" class="number">old</th><th scope="col" class="number">new</th></tr></thead>
<tbody>${operators.map(
    ({ type, old, new: now }) =>
      markup`<tr class="${old === now ? 'equal' : ''}"><th scope="row"><code>${type}</code></th><td class="number">${old}</td><td class="number">${now}</td></tr>\n`,
  )}</tbody></table></section>
${weights.length === 0 ? undefined : weightsTable(diff)}`;
}

/** Characters of a hash that are enough to tell two apart. */
const SHOWN = 12;

function weightsTable({ weights }: OnnxDiff): Markup {
  const hash = (side: (typeof weights)[number]['old']) =>
    side === null ? 'none' : (side.sha256?.slice(0, SHOWN) ?? 'an input');
  return markup`<section aria-labelledby="held"><h2 id="held">Weights</h2><p class="summary">${onnxFateCounts(weights)}</p>
<details><summary>All, with the SHA-256 of their numbers</summary><div class="scroll" tabindex="0" role="group" aria-label="Table of weights"><table class="tensors">
<thead><tr><th scope="col">fate</th><th scope="col">weight</th><th scope="col">shape</th><th scope="col">old</th><th scope="col">new</th></tr></thead>
<tbody>${weights.map(
    ({ name, fate, old, new: now }) =>
      markup`<tr><td>${fate}</td><th scope="row"><code>${name}</code></th><td>[${(now ?? old)?.shape.join(', ')}]</td><td><code>${hash(old)}</code></td><td><code>${hash(now)}</code></td></tr>\n`,
  )}</tbody></table></div></details></section>
`;
}
