import { createHash } from 'node:crypto';
import { writeFileAtomically } from '../../files.ts';
import { curvesSection } from './chart.ts';
import { classificationSection } from './classification.ts';
import type { Fact, FactGroup, ReportContents, ReportTable } from './contents.ts';
import { type Html, html, trusted } from './html.ts';
import { picturesSection } from './picture.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** Writes a report as one file that needs no other. @throws UserError when it cannot be written; an earlier one then stays. */
export async function writeReport(path: string, contents: ReportContents): Promise<void> {
  await writeFileAtomically(path, await reportPage(contents));
}

/** The page, from first to last line. */
export async function reportPage(contents: ReportContents): Promise<string> {
  const { title, task, curves, classification, pictures, tables, spec, madeBy } = contents;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${SECURITY}">
<title>${title} · ${task}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
${header(contents)}
<main>
${results(contents.results)}
${curves && curvesSection(curves)}
${pictures && picturesSection(pictures)}
${classification && (await classificationSection(classification))}
${tables && tablesSection(tables)}
${spec && specSection(spec)}
</main>
<footer>${madeBy}</footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

/** A browser loads nothing for the page, and runs no script but the page's own. */
const SECURITY = [
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
].join('; ');

function header({ title, task, description = '', status, about }: ReportContents): Html {
  return html`<header>
<p class="task">${task}</p>
<h1>${title}</h1>
${paragraphs(description).map((text) => html`<p class="description">${text}</p>`)}
<p class="status ${status.state}"><strong>${status.state}</strong><span>${status.text}</span></p>
<dl class="facts">${about.map(({ name, value, note }) => html`<dt>${name}</dt><dd>${value}${noteText(note)}</dd>\n`)}</dl>
</header>`;
}

function paragraphs(text: string): string[] {
  return text.split(/\n\s*\n/).filter((each) => each.trim() !== '');
}

function results(facts: readonly Fact[]): Html {
  if (facts.length === 0) return html``;
  return html`<section aria-labelledby="results"><h2 id="results">Results</h2>
<dl class="results">${facts.map(
    ({ name, value, note }) =>
      html`<div><dt>${name}${note === undefined ? '' : html`<small>${note}</small>`}</dt><dd>${value}</dd></div>\n`,
  )}</dl>
</section>`;
}

function tablesSection(tables: readonly ReportTable[]): Html {
  const filled = tables.filter(({ rows }) => rows.length > 0);
  if (filled.length === 0) return html``;
  return html`<section aria-labelledby="numbers"><h2 id="numbers">Numbers</h2>
${filled.map(
  ({ title, columns, rows }) => html`<details><summary>${title}</summary><div class="scroll"><table>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((value) => html`<td>${value}</td>`)}</tr>\n`)}</tbody>
</table></div></details>
`,
)}</section>`;
}

function specSection(groups: readonly FactGroup[]): Html {
  if (groups.length === 0) return html``;
  return html`<section aria-labelledby="spec"><h2 id="spec">Spec</h2>
<div class="groups">${groups.map(
    ({ name, facts }) => html`<table><caption>${name}</caption><tbody>
${facts.map((fact) => html`<tr><th scope="row">${fact.name}</th><td>${fact.value}${noteText(fact.note)}</td></tr>\n`)}</tbody></table>
`,
  )}</div>
</section>`;
}

function noteText(note: string | undefined): Html | undefined {
  return note === undefined ? undefined : html`<span class="note">${note}</span>`;
}
