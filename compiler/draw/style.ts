/** The colours of drawings, as the properties that the rest of the style is written with. */
export const lightColours = `
  --paper: #ffffff; --raised: #f6f7f9; --ink: #1c2026; --faint: #5f6673; --line: #dfe3e9;
  --encoder: #2f62d9; --encoder-pale: #a9c0f3; --decoder: #7650c9; --decoder-pale: #cdbdf0;
  --visible: #2f62d9; --hidden: #e3e6eb; --target: #9a80d6; --class-token: #d08a1d; --register: #16897b; --linear: #bcc3ce;
  --weights: #c2322e; --io: #a8249b; --numerics: #985900; --recipe: #2558d4; --cosmetic: #5f6673;
  --added: #15803d; --removed: #c2322e;`;

export const darkColours = `
  --paper: #12151a; --raised: #1a1e25; --ink: #e7eaef; --faint: #9aa3b0; --line: #2d333e;
  --encoder: #7ea6ff; --encoder-pale: #38507f; --decoder: #b498f5; --decoder-pale: #54447f;
  --visible: #7ea6ff; --hidden: #353c48; --target: #9a80d6; --class-token: #e8b04a; --register: #4fc3b0; --linear: #4a5260;
  --weights: #ff8b85; --io: #f08ae4; --numerics: #e8a94a; --recipe: #7ea6ff; --cosmetic: #9aa3b0;
  --added: #5fc98a; --removed: #ff8b85;`;

/** How the parts of a drawing look; needs the colours above. */
export const drawingStyle = `
.drawing { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; font-size: 13px; }
.drawing text { fill: var(--ink); }
.drawing .heading { font-weight: 620; font-size: 14px; }
.drawing .cost, .drawing .legend { fill: var(--faint); font-size: 12px; }
.drawing .name { font-size: 24px; font-weight: 650; letter-spacing: -0.02em; }
.drawing .summary { fill: var(--faint); font-size: 13px; }
.drawing .paper { fill: var(--paper); }
.drawing .flow { stroke: var(--faint); fill: none; }
.drawing .tip { fill: var(--faint); }
.drawing .encoder-attention { fill: var(--encoder); } .drawing .encoder-mlp { fill: var(--encoder-pale); }
.drawing .decoder-attention { fill: var(--decoder); } .drawing .decoder-mlp { fill: var(--decoder-pale); }
.drawing .visible { fill: var(--visible); } .drawing .hidden { fill: var(--hidden); } .drawing .target { fill: var(--target); }
.drawing .class-token { fill: var(--class-token); } .drawing .register { fill: var(--register); }
.drawing .linear { fill: var(--linear); }
.drawing .part:hover :is(.block, .linear, .cells, .tokens) { opacity: 0.75; }
.drawing .part .block:hover { opacity: 1; stroke: var(--ink); stroke-width: 1px; }
.drawing .changed { font-weight: 620; text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1.5px; }
.drawing .bracket { fill: none; stroke-width: 2px; }
.drawing .bracket-label { font-weight: 620; font-size: 12px; text-anchor: middle; }
.drawing .bracket.added { stroke: var(--added); } .drawing .bracket-label.added { fill: var(--added); }
.drawing .bracket.removed { stroke: var(--removed); } .drawing .bracket-label.removed { fill: var(--removed); }
${['weights', 'io', 'numerics', 'recipe', 'cosmetic']
  .map(
    (grade) => `.drawing .${grade}-mark { fill: var(--${grade}); text-decoration-color: var(--${grade}); }`,
  )
  .join('\n')}
`;

/** For a drawing that stands alone: the colours of what shows it. */
export const standaloneStyle = `
svg {${lightColours} }
@media (prefers-color-scheme: dark) { svg {${darkColours} } }
@media print { svg {${lightColours} } }
${drawingStyle}`;
