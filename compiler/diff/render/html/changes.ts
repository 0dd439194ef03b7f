import { changeClasses } from '../../../language/schema/change-class.ts';
import { type Markup, markup } from '../../../markup.ts';
import type { Change, ModelDiff } from '../../report.ts';
import { describePlace } from '../text.ts';
import { classMeanings } from './page.ts';

/** The changes by class, the gravest first, each with what it does and where it stands. */
export function changesSection({ changes }: Pick<ModelDiff, 'changes'>, id: string): Markup {
  const groups = changeClasses.flatMap((grade) => {
    const found = changes.filter((change) => change.class === grade);
    return found.length === 0 ? [] : [{ grade, found }];
  });
  return markup`<section aria-labelledby="${id}-changes"><h2 id="${id}-changes">Changes</h2>
${groups.map(
  ({ grade, found }) => markup`<section class="class ${grade}" aria-labelledby="${id}-class-${grade}">
<h3 id="${id}-class-${grade}"><strong>${grade}</strong> <span class="meaning">${classMeanings[grade]}</span></h3>
<ul class="changes">${found.map(changeItem)}</ul>
</section>
`,
)}</section>
`;
}

function changeItem(change: Change): Markup {
  const { head, effect } = splitMessage(change);
  return markup`<li><p class="what"><span>${head}</span><code class="rule">${change.rule}</code></p>${
    effect === '' ? undefined : markup`<p class="effect">${effect}</p>`
  }${placesOf(change)}</li>\n`;
}

/** "encoder depth 12 → 24", and what follows the colon behind it. */
function splitMessage({ message, new: now }: Change): { head: string; effect: string } {
  const values = ` → ${now ?? 'none'}`;
  const end = message.indexOf(values) + values.length;
  if (end < values.length || !message.startsWith(': ', end)) return { head: message, effect: '' };
  return { head: message.slice(0, end), effect: message.slice(end + 2) };
}

function placesOf({ at }: Change): Markup | undefined {
  const places = [at.old, at.new];
  if (places.every((place) => place === null)) return undefined;
  const [old, now] = places.map((place) =>
    place === null ? markup`default` : markup`<code>${describePlace(place)}</code>`,
  );
  return markup`<p class="place">${old} → ${now}</p>`;
}
