import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { formatSource } from '../../compiler/language/format/format-source.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { damagedText, scatteredSpec } from './format-arbitrary.ts';
import { type Files, readerOf } from './support.ts';

function format(text: string): string {
  const formatted = formatSource(new SourceText('main.mae', text));
  if ('diagnostics' in formatted)
    throw new Error(formatted.diagnostics.map(({ message }) => message).join('; '));
  return formatted.text;
}

/** Demands that a text is laid out as the other, which then stays as it is. */
function expectLayout(text: string, layout: string): void {
  expect(format(text)).toBe(layout);
  expect(format(layout)).toBe(layout);
}

describe('the canonical layout', () => {
  it('aligns values, breaks up long lines, and keeps short blocks on theirs', () => {
    expectLayout(
      `import   "./recipes.mae"
model vit-huge{ image 224x224x3; patch 14
encoder {width 1280,depth 32,heads 16,}
    decoder { width 512
depth 8 }
mask random   75% ; loss mse {on masked;target pixels} }
model b extends vit-huge{patch 16}`,
      `import "./recipes.mae"

model vit-huge {
  image   224x224x3
  patch   14
  encoder { width 1280, depth 32, heads 16 }
  decoder {
    width 512
    depth 8
  }
  mask random 75%
  loss mse { on masked, target pixels }
}

model b extends vit-huge { patch 16 }
`,
    );
  });

  it('breaks up a block of one line that is longer than 100 columns, and only as far as it must', () => {
    const wide = 'optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95, epsilon 1e-8, weight-decay 0.05 }';
    expectLayout(
      `recipe r { epochs 800, warmup 40, batch 4096, ${wide} }\n`,
      `recipe r {
  epochs    800
  warmup    40
  batch     4096
  ${wide}
}
`,
    );
  });

  it('puts keys in the order of the schema, but not past an empty line or a comment line', () => {
    expectLayout(
      `model m {
  mask random 75% # the mask
  encoder { depth 12, heads 3, width 192 }
  image 32x32x3
  # from here on
  patch 4
  decoder { width 96, heads 3, depth 2 }

  pretrain using r
  loss mse { target pixels, on masked }
}`,
      `model m {
  image   32x32x3
  encoder { width 192, depth 12, heads 3 }
  mask    random 75%  # the mask
  # from here on
  patch   4
  decoder { width 96, depth 2, heads 3 }

  loss     mse { on masked, target pixels }
  pretrain using r
}
`,
    );
  });

  it('leaves declarations, and blocks with keys that it does not know, in their order', () => {
    const text = `model b extends a { patch 4 }
model a {
  wdith 3
  image 4x4x1
}
`;
    expect(format(text)).toBe(text.replace('model a', '\nmodel a'));
  });

  it('leaves constants where they are and in their order', () => {
    expectLayout(
      `import "./a.mae"
let   wide\t768;let deep 12 # layers
# more

let heads deep
model m extends a { encoder { depth deep,
width wide } }
let late 20%..100%
`,
      `import "./a.mae"
let wide 768
let deep 12  # layers
# more

let heads deep

model m extends a {
  encoder {
    width wide
    depth deep
  }
}

let late 20%..100%
`,
    );
  });

  it('keeps comments where they are', () => {
    expectLayout(
      `#first
  # second

import "./a.mae"// why
# of m
model m {# opening
# inside


    image 1x1x1   # one
    patch 1 // two
  encoder {}
  augment {
  # only this
  }
  # last
} # closing
# of nothing

# end`,
      `#first
# second

import "./a.mae"  // why

# of m
model m {  # opening
  # inside

  image   1x1x1  # one
  patch   1      // two
  encoder {}
  augment {
    # only this
  }
  # last
}  # closing
# of nothing

# end
`,
    );
  });

  it('keeps one of several empty lines, and none at the edges of a block or a file', () => {
    expectLayout(
      '\n\n\nmodel m {\n\n\n\nimage 1x1x1\n\n\n\npatch 1\n\n}\n\n\n',
      'model m {\n  image 1x1x1\n\n  patch 1\n}\n',
    );
  });

  it('has an empty line around declarations of several lines, above their comments', () => {
    expectLayout(
      '# file\nimport "./a.mae"\n# a\nmodel a {\npatch 1\n}\n# b\nmodel b { patch 2 }\nmodel c { patch 3 }',
      '# file\nimport "./a.mae"\n\n# a\nmodel a {\n  patch 1\n}\n\n# b\nmodel b { patch 2 }\nmodel c { patch 3 }\n',
    );
  });

  it('does not align what would become too long', () => {
    const long = `norm ${'x'.repeat(90)}`;
    expectLayout(
      `model m {\n  class-token no\n  w 3\n  ${long}\n}`,
      `model m {\n  class-token no\n  w           3\n  ${long}\n}\n`,
    );
  });

  it('ends every line with a line feed, and drops blanks at their ends and a byte order mark', () => {
    expect(format('\uFEFFmodel m {  \r\n\tpatch 1 # c \t\r\r}')).toBe('model m {\n  patch 1  # c\n}\n');
    expect(format('')).toBe('');
    expect(format(' \n\n')).toBe('');
    expect(format('# only')).toBe('# only\n');
  });

  it('keeps values as they are written', () => {
    const text = 'recipe r {\n  batch 4_096\n  lr    1.50E-4 per 256\n  x     "a  # b"\n}\n';
    expect(format(text)).toBe(text);
  });
});

const folder = new URL('../../spec/', import.meta.url);
const shipped: Files = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mae'))
    .map((file) => [file, readFileSync(fileURLToPath(new URL(file, folder)), 'utf8')]),
);

describe('the specs of the project', () => {
  it.each(Object.entries(shipped))('%s is laid out so', (_, text) => {
    expect(format(text)).toBe(text);
  });
});

it('a file with mistakes in its syntax is not formatted: they are returned', () => {
  const formatted = formatSource(new SourceText('a.mae', 'model m { width: 3 }'));
  expect('diagnostics' in formatted && formatted.diagnostics.map(({ code }) => code)).toEqual(['MAE111']);
});

/** What a text means, the places of it aside. */
function meaning(text: string) {
  const { models, diagnostics } = compileSources(['main.mae'], readerOf({ ...shipped, 'main.mae': text }));
  return {
    models: models.map(({ spans, ...model }) => ({ ...model, keys: [...spans.keys()].sort() })),
    diagnostics: diagnostics.map(({ code, message }) => `${code} ${message}`).sort(),
  };
}

/** More runs, and other ones each time, when asked for: MAE_FUZZ_RUNS=100000. */
const asked = Number(process.env.MAE_FUZZ_RUNS ?? 0);
const settings = asked > 0 ? { numRuns: asked } : { numRuns: 200, seed: 20_211_111 };

describe('however a spec is written', () => {
  it('its meaning stays', () => {
    fc.assert(
      fc.property(scatteredSpec, (text) => {
        const before = meaning(text);
        expect(before.diagnostics).toEqual([]);
        expect(before.models.length).toBeGreaterThan(0);
        expect(meaning(format(text))).toEqual(before);
      }),
      settings,
    );
  });

  it('formatting twice is formatting once', () => {
    fc.assert(
      fc.property(scatteredSpec, (text) => {
        const once = format(text);
        expect(format(once)).toBe(once);
      }),
      settings,
    );
  });

  it('no comment is lost, and none is added', () => {
    const comments = (text: string) => [...text.matchAll(/#\d+/g)].map(([comment]) => comment).sort();
    fc.assert(
      fc.property(scatteredSpec, (text) => {
        expect(comments(format(text))).toEqual(comments(text));
      }),
      settings,
    );
  });
});

it('any text at all is formatted to one that stays as it is, or not', () => {
  fc.assert(
    fc.property(damagedText, (text) => {
      const formatted = formatSource(new SourceText('main.mae', text));
      if ('diagnostics' in formatted) expect(formatted.diagnostics.length).toBeGreaterThan(0);
      else {
        expect(format(formatted.text)).toBe(formatted.text);
        expect(meaning(formatted.text)).toEqual(meaning(text));
      }
    }),
    settings,
  );
});

it.each([
  ['statements', 'a 1\n'],
  ['statements of one line', 'a 1, '],
  ['comments', '# a\n'],
  ['comments behind statements', 'a 1 # b\n'],
  ['blocks', 'a { b { c 1 } }\n'],
])('formats many %s in linear time', (_, piece) => {
  const text = `model m {\n${piece.repeat(200_000 / piece.length)}\n}`;
  const start = performance.now();
  format(text);
  expect(performance.now() - start).toBeLessThan(8000);
});
