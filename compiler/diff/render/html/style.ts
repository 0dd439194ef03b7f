import { darkColours, drawingStyle, lightColours } from '../../../draw/style.ts';
import { changeClasses } from '../../../language/schema/change-class.ts';

const lightFates = `
  --kept: #2f9e63; --renamed: #16897b; --interpolable: #2f62d9; --sliced: #d08a1d; --extended: #d08a1d;
  --replaced: #c2322e; --new: #7650c9; --dropped: #8a919d;`;
const darkFates = `
  --kept: #4cb87c; --renamed: #4fc3b0; --interpolable: #7ea6ff; --sliced: #e8b04a; --extended: #e8b04a;
  --replaced: #f0746d; --new: #b498f5; --dropped: #737c89;`;

/** The look of the page: calm print on any screen and on paper. */
export const pageStyle = `
:root { color-scheme: light; ${lightColours}${lightFates} }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; ${darkColours}${darkFates} } }
@media print { :root { color-scheme: light; ${lightColours}${lightFates} } }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 74rem; padding: 3.5rem 2rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
h1, h2, h3, p, dl, dd, figure, table, ul { margin: 0; padding: 0; }
h1 { font-size: 2.5rem; line-height: 1.15; letter-spacing: -0.025em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; font-weight: 620; margin-bottom: 1.25rem; break-after: avoid; }
h2.model { font-size: 1.8rem; letter-spacing: -0.02em; margin-bottom: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; font-weight: 400; break-after: avoid; }
main > section, article > section { margin-top: 3.5rem; }
article { margin-top: 4rem; border-top: 1px solid var(--line); padding-top: 2.5rem; }
article > section { margin-top: 2.5rem; }
code { font: 0.88em ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; overflow-wrap: anywhere; }
.task { color: var(--faint); font-size: 0.9rem; font-weight: 550; margin-bottom: 0.35rem; }
.description, .summary { color: var(--faint); }
.note { color: var(--faint); font-size: 0.8rem; font-weight: 400; letter-spacing: 0; }

${changeClasses.map((grade) => `.${grade} { --colour: var(--${grade}); }`).join(' ')} .same { --colour: var(--added); }
.status { display: flex; gap: 0.7rem; align-items: baseline; margin-top: 1.4rem; font-size: 1.1rem; }
.status strong, h3 strong {
  flex: none; color: var(--colour); font-size: 0.85rem; font-weight: 600; padding: 0.1rem 0.7rem;
  border: 1px solid currentColor; border-radius: 1rem;
}
.counts { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem; border-block: 1px solid var(--line); margin-top: 1.6rem; padding: 1.2rem 0; }
.counts div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.counts dt { color: var(--faint); font-size: 0.85rem; }
.counts dd { font-size: 1.7rem; line-height: 1.2; font-weight: 620; color: var(--colour); font-variant-numeric: tabular-nums; }
.counts .none dd { color: var(--faint); font-weight: 400; opacity: 0.75; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.2rem 1.2rem; margin-top: 1.2rem; font-size: 0.92rem; }
.facts dt { color: var(--faint); }

.class + .class { margin-top: 1.8rem; }
.meaning { color: var(--faint); font-size: 0.88rem; margin-left: 0.35rem; }
.changes { list-style: none; margin-top: 0.6rem; }
.changes li { border-left: 3px solid var(--colour); padding: 0.15rem 0 0.15rem 1rem; margin-top: 0.8rem; break-inside: avoid; }
.what { font-weight: 600; display: flex; flex-wrap: wrap; gap: 0 0.9rem; align-items: baseline; overflow-wrap: anywhere; }
.rule { color: var(--faint); font-weight: 400; }
.effect { max-width: 54rem; overflow-wrap: anywhere; }
.effect::first-letter { text-transform: uppercase; }
.place { color: var(--faint); font-size: 0.85rem; }

.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 2rem; }
.pair figure { border: 1px solid var(--line); border-radius: 0.7rem; padding: 1.2rem 0.8rem 1.4rem; min-width: 0; max-width: 40rem; }
.pair figcaption { font-weight: 620; font-size: 1.05rem; margin: 0 0.6rem 1.2rem; overflow-wrap: anywhere; }
.pair figcaption span { color: var(--faint); font-weight: 400; font-size: 0.9rem; margin-right: 0.3rem; }
.pair svg { display: block; width: 100%; height: auto; overflow: visible; }
${drawingStyle}
.fates { display: flex; gap: 2px; height: 0.9rem; margin: 0.8rem 0 1.4rem; border-radius: 0.3rem; overflow: hidden; }
.fates i { background: var(--fate); min-width: 3px; flex-basis: 0; }
${['kept', 'renamed', 'interpolable', 'sliced', 'extended', 'replaced', 'new', 'dropped']
  .map((fate) => `:is(.fate.${fate}, .fates .${fate}) { --fate: var(--${fate}); }`)
  .join(' ')}
.fate { white-space: nowrap; }
.fate::before { content: ''; display: inline-block; width: 0.65rem; height: 0.65rem; border-radius: 0.15rem; background: var(--fate); margin-right: 0.5rem; }

.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--recipe); outline-offset: 0.3rem; border-radius: 0.2rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.34rem 1rem 0.34rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th { font-weight: 400; }
thead th, thead td { color: var(--faint); }
td { font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; }
.number { text-align: right; white-space: nowrap; }
th.part { padding-left: 1.2rem; }
.equal td { color: var(--faint); }
.tensors { min-width: 34rem; }
.tensors code { overflow-wrap: normal; white-space: nowrap; }
.bars { width: 32%; padding: 0.34rem 0 0.34rem 1rem; vertical-align: middle; }
.bars i { display: block; height: 0.34rem; width: max(2px, var(--share)); border-radius: 0.17rem; }
.bars i + i { margin-top: 0.18rem; }
.bars .old { background: var(--linear); } .bars .new { background: var(--encoder); }
.bars.key { font-size: 0.8rem; }
.bars.key i { display: inline-block; width: 1.2rem; margin: 0 0.35rem 0.1rem 0; }
.bars.key i + i { margin-left: 0.8rem; }
.footnote { color: var(--faint); font-size: 0.82rem; margin-top: 0.6rem; }
details { margin-top: 1.2rem; }
summary { cursor: pointer; font-weight: 600; font-size: 0.95rem; margin-bottom: 0.6rem; }
footer { margin-top: 4rem; color: var(--faint); font-size: 0.82rem; }

@media (max-width: 44rem) {
  body { padding: 2rem 1.1rem 3rem; }
  h1 { font-size: 1.9rem; }
  .counts { gap: 0.5rem; }
  .counts dd { font-size: 1.4rem; }
  .counts dt { font-size: 0.75rem; }
  .status { flex-wrap: wrap; gap: 0.3rem 0.7rem; }
  .meaning { display: block; margin: 0.3rem 0 0; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.5rem; }
  .pair figure { padding-inline: 0.4rem; }
  .cost .bars { display: none; }
  .cost th, .cost td { padding-right: 0.6rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 0.8rem; }
  main > section, article > section { margin-top: 1.8rem; }
  .pair { grid-template-columns: 1fr 1fr; gap: 0.8rem; }
  .pair figure { break-inside: avoid; }
  .scroll { overflow: visible; }
}
@page { margin: 14mm; }
`;
