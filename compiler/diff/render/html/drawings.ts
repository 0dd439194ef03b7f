import { describeDrawing } from '../../../draw/captions.ts';
import { DRAWING_WIDTH, type DrawnSide, drawArchitectures } from '../../../draw/draw-architecture.ts';
import type { ExtraBlocks } from '../../../draw/draw-stack.ts';
import type { Mark } from '../../../draw/phrases.ts';
import { type Markup, markup } from '../../../markup.ts';
import type { ModelDiff, ModelFacts } from '../../report.ts';

/** Both architectures side by side in one scale, with what has changed marked; the only one of an added or removed model. */
export function drawingsSection(model: ModelDiff, id: string): Markup {
  const { old, new: now } = model;
  const marks = marksOf(model);
  const sides = [
    ...(old === null ? [] : [{ label: 'old', side: sideOf(old, now, 'removed', marks) }]),
    ...(now === null ? [] : [{ label: 'new', side: sideOf(now, old, 'added', marks) }]),
  ];
  const drawings = drawArchitectures(sides.map(({ side }) => side));
  return markup`<section aria-labelledby="${id}-drawings"><h2 id="${id}-drawings">Architecture</h2>
<div class="pair">${sides.map(({ label, side }, index) => {
    const { content, height } = drawings[index] ?? { content: undefined, height: 0 };
    return markup`<figure><figcaption><span>${label}</span> ${side.facts.name}</figcaption>
<svg class="drawing" viewBox="0 0 ${DRAWING_WIDTH} ${height}" role="img" aria-label="${describeDrawing(side.facts)}">
${content}</svg></figure>
`;
  })}</div>
</section>
`;
}

/** The gravest change of each rule. */
function marksOf({ changes }: ModelDiff): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const { rule, class: grade, message } of changes) {
    if (!marks.has(rule)) marks.set(rule, { class: grade, message });
  }
  return marks;
}

function sideOf(
  facts: ModelFacts,
  other: ModelFacts | null,
  kind: ExtraBlocks['kind'],
  marks: DrawnSide['marks'],
): DrawnSide {
  const extraOf = (name: 'encoder' | 'decoder') => {
    const count = other === null ? 0 : facts.architecture[name].depth - other.architecture[name].depth;
    return count > 0 ? { [name]: { kind, count } } : {};
  };
  return { facts, marks, extra: { ...extraOf('encoder'), ...extraOf('decoder') } };
}
