import { type Markup, markup } from '../../../markup.ts';
import { relativeChange } from '../../numbers.ts';
import type { ModelDiff } from '../../report.ts';
import { costFootnote, moduleColumns, moduleRows, quantities } from '../cost-rows.ts';

/** What both models cost, with bars that compare old and new; and the same by modules. */
export function costSection({ old, new: now, modules }: ModelDiff, id: string): Markup | undefined {
  if (old === null || now === null) return undefined;
  const rows = quantities.map(({ name, read, show }) => {
    const [before, after] = [read(old.cost), read(now.cost)];
    const change = relativeChange(before, after);
    const most = Math.max(before, after, 1);
    return markup`<tr class="${before === after ? 'equal' : ''}"><th scope="row" class="${name.startsWith(' ') ? 'part' : ''}">${name.trim()}</th><td class="number">${show(before)}</td><td class="number">${show(after)}</td><td class="number">${change}</td><td class="bars"><i class="old" style="--share: ${percentage(before / most)}"></i><i class="new" style="--share: ${percentage(after / most)}"></i></td></tr>\n`;
  });
  return markup`<section aria-labelledby="${id}-cost"><h2 id="${id}-cost">Cost</h2>
<div class="scroll" tabindex="0" role="group" aria-label="Table of costs"><table class="cost">
<thead><tr><td></td><th scope="col" class="number">old</th><th scope="col" class="number">new</th><th scope="col" class="number">change</th><td class="bars key" aria-hidden="true"><i class="old"></i>old <i class="new"></i>new</td></tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="footnote">${costFootnote}</p>
<details><summary>By module</summary>${moduleTable(modules)}</details>
</section>
`;
}

function percentage(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

function moduleTable(modules: ModelDiff['modules']): Markup {
  const [name = '', parameters = '', , flops = '', , activations = ''] = moduleColumns;
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="Table of modules"><table>
<thead><tr><th scope="col">${name}</th>${[parameters, flops, activations].map((each) => markup`<th scope="col" colspan="2" class="number">${each}</th>`)}</tr></thead>
<tbody>${moduleRows(modules, 3).map(
    ([module = '', ...cells]) =>
      markup`<tr><th scope="row" style="padding-left: ${indentOf(module)}em">${module.trim()}</th>${cells.map((cell) => markup`<td class="number">${cell}</td>`)}</tr>\n`,
  )}</tbody>
</table></div>`;
}

/** Names of modules are indented by two blanks a level. */
function indentOf(name: string): number {
  return (name.length - name.trimStart().length) * 0.6;
}
