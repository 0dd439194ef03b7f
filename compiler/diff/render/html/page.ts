import { type ChangeClass, changeClasses } from '../../../language/schema/change-class.ts';
import { counted } from '../../../language/words.ts';
import { type Markup, markup, trusted } from '../../../markup.ts';
import type { DiffReport, ModelDiff, SideFacts } from '../../report.ts';
import { verdict } from '../text.ts';
import { changesSection } from './changes.ts';
import { costSection } from './costs.ts';
import { drawingsSection } from './drawings.ts';
import { onnxSections } from './onnx.ts';
import { pageStyle } from './style.ts';
import { weightsSection } from './weights.ts';

/** What each class means, for a reader who has not met it. */
export const classMeanings: Readonly<Record<ChangeClass, string>> = {
  weights: 'old weights do not load as they are',
  io: 'what goes into the exported files or comes out of them is something else',
  numerics: 'the same shapes, but another function of them',
  recipe: 'only the training differs',
  cosmetic: 'nothing that is computed differs',
};

/** A browser loads nothing for the page and runs no script. */
const SECURITY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** The report as one HTML page that needs nothing else. */
export function renderHtml(report: DiffReport): string {
  const { old, new: now, models, compiler } = report;
  const differing = models.filter(({ status }) => status !== 'same');
  const title = titleOf(report, differing);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${SECURITY}">
<title>${title} · mae diff</title>
<link rel="icon" href="data:,">
<style>${trusted(pageStyle)}</style>
</head>
<body>
<header>
<p class="task">What changed</p>
<h1>${title}</h1>
${statusLine(report)}
${classCounts(report)}
<dl class="facts">${sideFact('old', old)}${sideFact('new', now)}</dl>
</header>
<main>
${report.onnx && onnxSections(report.onnx)}${differing.map((model, index) => modelSection(model, index, differing.length > 1))}${sameModels(models, differing)}</main>
<footer>mae diff ${compiler}</footer>
</body>
</html>
`;
  return page.text;
}

/** The only pair of models by name; the sides where there are several. */
function titleOf({ old, new: now }: DiffReport, differing: readonly ModelDiff[]): string {
  const [model, ...further] = differing;
  return model === undefined || further.length > 0 ? `${old.label} → ${now.label}` : nameOf(model);
}

function nameOf({ old, new: now }: ModelDiff): string {
  return old !== null && now !== null && old.name !== now.name
    ? `${old.name} → ${now.name}`
    : ((now ?? old)?.name ?? '');
}

function statusLine(report: DiffReport): Markup {
  const { gravest } = report;
  if (gravest === null) {
    return markup`<p class="status same"><strong>the same</strong> <span>${verdict(report)}</span></p>`;
  }
  return markup`<p class="status ${gravest}"><strong>${gravest}</strong> <span>${classMeanings[gravest]}</span></p>`;
}

function classCounts({ counts, gravest }: DiffReport): Markup | undefined {
  if (gravest === null) return undefined;
  return markup`<dl class="counts">${changeClasses.map(
    (grade) =>
      markup`<div class="${grade}${counts[grade] === 0 ? ' none' : ''}" title="${classMeanings[grade]}"><dt>${grade}</dt> <dd>${counts[grade]}</dd></div>\n`,
  )}</dl>`;
}

const kinds: Readonly<Record<SideFacts['kind'], string>> = {
  spec: 'spec',
  compiled: 'compiled',
  checkpoint: 'checkpoint',
  onnx: 'ONNX file',
};

function sideFact(name: string, { label, kind }: SideFacts): Markup {
  return markup`<dt>${name}</dt> <dd><code>${label}</code> <span class="note">${kinds[kind]}</span></dd>\n`;
}

function modelSection(model: ModelDiff, index: number, several: boolean): Markup {
  const { status } = model;
  const note = status === 'changed' ? undefined : markup` <span class="note">${status}</span>`;
  const id = `model-${index + 1}`;
  const sections = [
    drawingsSection(model, id),
    changesSection(model, id),
    weightsSection(model, id),
    costSection(model, id),
  ];
  if (!several) return markup`${sections}`;
  return markup`<article aria-labelledby="${id}"><h2 class="model" id="${id}">${nameOf(model)}${note}</h2>\n${sections}</article>\n`;
}

function sameModels(models: readonly ModelDiff[], differing: readonly ModelDiff[]): Markup | undefined {
  const same = models.length - differing.length;
  if (same === 0 || differing.length === 0) return undefined;
  return markup`<p class="description">${counted(same, 'model is', 'models are')} the same.</p>\n`;
}
