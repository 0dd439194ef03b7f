import type { ModelFacts } from '../diff/report.ts';
import { formatCount } from '../emit/report/quantities.ts';
import { markup, trusted } from '../markup.ts';
import { describeDrawing } from './captions.ts';
import { DRAWING_WIDTH, drawArchitectures } from './draw-architecture.ts';
import { standaloneStyle } from './style.ts';

const MARGIN = 28;
/** Above the drawing: the name, and what the model costs. */
const HEAD = 92;

/** A model as an SVG file that needs nothing else; light or dark as the reader prefers. */
export function drawModel(facts: ModelFacts): string {
  const [drawing] = drawArchitectures([{ facts, marks: new Map(), extra: {} }]);
  const [width, height] = [DRAWING_WIDTH + 2 * MARGIN, HEAD + (drawing?.height ?? 0) + MARGIN];
  const { parameters, forwardFlops, trainingFlops } = facts.cost;
  const summary = [
    `${formatCount(parameters.total)} parameters`,
    `${formatCount(forwardFlops)}FLOPs forward`,
    `${formatCount(trainingFlops)}FLOPs a training step`,
  ].join(' · ');
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describeDrawing(facts)}">
<style>${trusted(standaloneStyle)}</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="name" x="${MARGIN}" y="46">${facts.name}</text>
<text class="summary" x="${MARGIN}" y="70">${summary}</text>
<g transform="translate(${MARGIN} ${HEAD})">
${drawing?.content}</g>
</svg>
`.text;
}
