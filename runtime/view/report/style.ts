import { COLOURS } from '../svg.ts';

/** A palette as the properties that the rest of the style is written with. Heat is red, green, blue. */
const LIGHT = `
  color-scheme: light;
  --paper: ${COLOURS.paper}; --raised: #f6f7f9; --ink: ${COLOURS.ink}; --faint: #5f6673; --line: ${COLOURS.line};
  --blue: ${COLOURS.blue}; --pale-blue: ${COLOURS.paleBlue}; --amber: #a05f00; --green: #15803d; --red: #c2322e;
  --heat: 37 88 212; --on-heat: #ffffff;`;
const DARK = `
  color-scheme: dark;
  --paper: #12151a; --raised: #1a1e25; --ink: #e7eaef; --faint: #9aa3b0; --line: #2a303a;
  --blue: #7ea6ff; --pale-blue: #33476f; --amber: #e8a94a; --green: #5fc98a; --red: #ff8b85;
  --heat: 58 108 220; --on-heat: #ffffff;`;

/** The look of a report: one column of calm print on any screen and on paper. */
export const STYLE = `
:root {${LIGHT}
}
@media (prefers-color-scheme: dark) { :root {${DARK}
} }
@media print { :root {${LIGHT}
} }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; max-width: 62rem; padding: 3.5rem 2rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
h1, h2, h3, p, dl, dd, figure, table, ul { margin: 0; padding: 0; }
h1 { font-size: 2.5rem; line-height: 1.15; letter-spacing: -0.025em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; font-weight: 620; margin-bottom: 1.25rem; }
h3 { font-size: 0.95rem; font-weight: 600; }
section { margin-top: 3.5rem; }
.task { color: var(--faint); font-size: 0.9rem; font-weight: 550; margin-bottom: 0.35rem; }
.description { color: var(--faint); max-width: 44rem; margin-top: 0.75rem; overflow-wrap: anywhere; }

.status { display: flex; gap: 0.6rem; align-items: baseline; margin-top: 1.4rem; overflow-wrap: anywhere; }
.status strong {
  flex: none; color: var(--colour); font-size: 0.85rem; font-weight: 600; padding: 0.1rem 0.7rem;
  border: 1px solid currentColor; border-radius: 1rem;
}
.finished { --colour: var(--green); } .running { --colour: var(--blue); } .failed { --colour: var(--red); }
.stopped, .interrupted { --colour: var(--amber); }

.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.3rem 1.5rem; margin-top: 1.4rem; font-size: 0.92rem; }
.facts dt { color: var(--faint); }
.facts dd { overflow-wrap: anywhere; }
.results { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.5rem 1rem; border-block: 1px solid var(--line); padding: 1.4rem 0; }
.results div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.results dt { color: var(--faint); font-size: 0.85rem; }
.results dd { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.015em; font-weight: 600; font-variant-numeric: tabular-nums; }
.results small { display: block; color: var(--faint); font-size: 0.8rem; font-weight: 400; letter-spacing: 0; }

.blue { --colour: var(--blue); } .pale-blue { --colour: var(--pale-blue); }
.amber { --colour: var(--amber); } .green { --colour: var(--green); }
.chart { padding: 0 1rem 0 3.6rem; break-inside: avoid; }
.chart + .chart { margin-top: 2rem; }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 1.5rem; justify-content: space-between; margin: 0 -1rem 0.9rem -3.6rem; }
.chart ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; list-style: none; font-size: 0.85rem; color: var(--faint); }
.chart li::before { content: ''; display: inline-block; width: 1.1rem; height: 0.2rem; border-radius: 0.1rem; background: var(--colour); vertical-align: 0.25rem; margin-right: 0.5rem; }
.chart output { font-variant-numeric: tabular-nums; }
.chart li output { color: var(--ink); display: inline-block; min-width: 4.2rem; margin-left: 0.2rem; }
.plot { position: relative; touch-action: pan-y; cursor: crosshair; border-radius: 2px; }
.plot.tall { height: 19rem; } .plot.low { height: 5.5rem; }
.plot:focus-visible { outline: 2px solid var(--blue); outline-offset: 0.4rem; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; border-bottom: 1px solid var(--faint); }
.plot polyline { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.plot polyline.pale-blue { stroke-width: 1; }
.plot polygon { fill: var(--colour); opacity: 0.13; }
.plot .grid { stroke: var(--line); vector-effect: non-scaling-stroke; }
.plot .value, .plot .step { position: absolute; color: var(--faint); font-size: 0.78rem; line-height: 1; font-variant-numeric: tabular-nums; white-space: nowrap; }
.plot .value { right: 100%; margin-right: 0.6rem; transform: translateY(50%); }
.plot .step { top: 100%; margin-top: 0.5rem; transform: translateX(-50%); }
.dot { position: absolute; width: 9px; height: 9px; margin: 0 0 -4.5px -4.5px; border-radius: 50%; background: var(--colour); border: 1.5px solid var(--paper); pointer-events: none; }
.cursor { position: absolute; inset-block: 0; border-left: 1px solid var(--faint); pointer-events: none; }
.cursor output { position: absolute; top: -0.2rem; left: 0.4rem; padding: 0 0.4rem; border-radius: 0.25rem; background: var(--raised); font-size: 0.78rem; white-space: nowrap; }
.plot:not(:hover, :focus) .cursor output { display: none; }
.cursor.late output { left: auto; right: 0.4rem; }
.axis { margin-top: 1.7rem; text-align: center; color: var(--faint); font-size: 0.78rem; }

.picture { break-inside: avoid; }
.picture img { display: block; max-width: 100%; height: auto; margin: 0 auto; border: 1px solid var(--line); border-radius: 0.5rem; }
.picture figcaption { margin-bottom: 0.9rem; }

table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; font-size: 0.95rem; padding-bottom: 0.5rem; }
th, td { text-align: left; padding: 0.32rem 0.75rem 0.32rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th { font-weight: 400; color: var(--faint); }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; }
.number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; }
.note { display: inline-block; margin-left: 0.5rem; color: var(--amber); font-size: 0.8rem; }
.groups { columns: 2; column-gap: 3rem; }
.groups table { break-inside: avoid; margin-bottom: 2rem; }
.groups th { width: 46%; }
details { margin-top: 2rem; }
summary { cursor: pointer; font-weight: 600; font-size: 0.95rem; margin-bottom: 0.6rem; }
.bar { width: 30%; min-width: 6rem; padding-left: 1rem; }
.bar i { display: block; height: 0.5rem; border-radius: 0.25rem; background: var(--blue); width: var(--share); min-width: 2px; }
.classes { margin-top: 2rem; }

.confusion { margin-top: 2.5rem; break-inside: avoid; }
.confusion figcaption { font-weight: 600; font-size: 0.95rem; margin-bottom: 0.6rem; }
.confusion figcaption span { display: block; color: var(--faint); font-weight: 400; font-size: 0.85rem; }
.confusion table { width: auto; border-collapse: separate; border-spacing: 2px; }
.confusion th { border: 0; padding: 0.1rem 0.5rem; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.confusion tbody th { text-align: right; vertical-align: middle; }
.confusion thead th:not(:first-child) { padding: 0.4rem 0; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; vertical-align: middle; }
.confusion td { border: 0; padding: 0; min-width: 2.3rem; height: 2.1rem; text-align: center; vertical-align: middle; border-radius: 3px; font-size: 0.8rem; background: rgb(var(--heat) / var(--share, 0)); box-shadow: inset 0 0 0 1px var(--line); }
.confusion td.strong { color: var(--on-heat); }
.confusion img { display: block; width: min(100%, 40rem); image-rendering: pixelated; border: 1px solid var(--line); border-radius: 0.25rem; }
footer { margin-top: 4rem; color: var(--faint); font-size: 0.82rem; }

@media (max-width: 44rem) {
  body { padding: 2rem 1.1rem 3rem; }
  h1 { font-size: 1.9rem; }
  .groups { columns: 1; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.6rem; }
  .plot.tall { height: 14rem; }
  .bar { display: none; }
  .results { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  body { max-width: none; padding: 0; font-size: 0.8rem; }
  section { margin-top: 2rem; }
  .plot.tall { height: 13rem; }
}
@page { margin: 16mm; }
`;
