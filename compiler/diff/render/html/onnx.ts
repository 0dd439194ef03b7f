import { type Markup, markup } from '../../../markup.ts';
import type { OnnxDiff, OnnxWeight } from '../../report.ts';
import { describeLargest } from '../../weights/numbers.ts';
import { answerOf } from '../text.ts';
import { onnxFateCounts } from '../weight-rows.ts';
import { changesSection } from './changes.ts';

/** Whether an ONNX file was compiled from a spec or exported from a checkpoint, what differs between two, and what is in them. */
export function onnxSections(diff: OnnxDiff): Markup {
  const { exportedFrom, changes, operators, weights } = diff;
  const question = exportedFrom === null ? 'compiled from this spec' : 'exported from this checkpoint';
  const answer = answerOf(diff);
  return markup`${
    answer === undefined
      ? undefined
      : markup`<section aria-labelledby="answer"><h2 id="answer">Was it ${question}?</h2><p>${answer}</p></section>\n`
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
  const hash = (side: OnnxWeight | null, isUnused: boolean) =>
    side === null ? 'none' : (side.sha256?.slice(0, SHOWN) ?? (isUnused ? 'not compared' : 'an input'));
  const rows = weights.map(({ name, renamed, fate, old, new: now, numbers }) => {
    const isUnused = fate === 'unused';
    const difference =
      numbers === undefined
        ? ''
        : `${numbers.differing} of ${numbers.of} numbers, ${describeLargest(numbers)}`;
    const other = renamed === undefined ? undefined : markup` → <code>${renamed}</code>`;
    return markup`<tr><td>${fate}</td><th scope="row"><code>${name}</code>${other}</th><td>[${(now ?? old)?.shape.join(', ')}]</td><td><code>${hash(old, isUnused)}</code></td><td><code>${hash(now, isUnused)}</code></td><td>${difference}</td></tr>\n`;
  });
  return markup`<section aria-labelledby="held"><h2 id="held">Weights</h2><p class="summary">${onnxFateCounts(weights)}</p>
<details><summary>All, with the SHA-256 of their numbers</summary><div class="scroll" tabindex="0" role="group" aria-label="Table of weights"><table class="tensors">
<thead><tr><th scope="col">fate</th><th scope="col">weight</th><th scope="col">shape</th><th scope="col">old</th><th scope="col">new</th><th scope="col">difference</th></tr></thead>
<tbody>${rows}</tbody></table></div></details></section>
`;
}
