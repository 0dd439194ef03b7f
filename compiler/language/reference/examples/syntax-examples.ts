import { type DiagnosticExample, extending, recipe } from './example.ts';

const optimizer = 'optimizer adamw { lr 1.5e-4 per 256 }';

/** Text and syntax: `MAE1xx`. */
export const syntaxExamples: Readonly<Record<string, DiagnosticExample>> = {
  MAE101: {
    explanation: `Every word is a name or one of the kinds of values, and this one is none of them. Often it is close to one: a
decimal point without a digit before it, the sign × for the letter x, single quotation marks.`,
    wrong: extending('mask random .6'),
    right: extending('mask random 0.6'),
  },
  MAE102: {
    explanation: `Keys, options and the names of models and recipes are in kebab-case: lower-case words and digits, joined by single
hyphens. Underscores and capitals are read as what was probably meant.`,
    wrong: extending('encoder { qkvBias no }'),
    right: extending('encoder { qkv-bias no }'),
  },
  MAE103: {
    explanation:
      'A string ends on the line on which it starts. Without its second quotation mark it would swallow the rest.',
    wrong: 'import "./vit-base.mae\n\nmodel vit-mine extends vit-base { mask random 60% }\n',
    right: 'import "./vit-base.mae"\n\nmodel vit-mine extends vit-base { mask random 60% }\n',
  },
  MAE104: {
    explanation: `Numbers are kept as 64-bit floating point. A count above 2^53 - 1 could not be told from its neighbours, so it is
refused rather than rounded.`,
    wrong: recipe('epochs 100', 'batch 4096', optimizer, 'seed 12345678901234567890'),
    right: recipe('epochs 100', 'batch 4096', optimizer, 'seed 1234567890'),
  },
  MAE105: {
    explanation: `A comma, a semicolon or a line break ends a statement, and what comes next begins with a key. The usual reason is a
comma between the values of one key.`,
    wrong: recipe('epochs 100', 'batch 4096', 'optimizer adamw { lr 1.5e-4 per 256, betas 0.9, 0.95 }'),
    right: recipe('epochs 100', 'batch 4096', 'optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95 }'),
  },
  MAE106: {
    explanation: `A \`{\` has no \`}\`. Where braces do not add up, the indentation tells which block was left open, so what follows is
checked as if the brace were there.`,
    wrong: extending('encoder { depth 24', 'mask random 60%'),
    right: extending('encoder { depth 24 }', 'mask random 60%'),
  },
  MAE107: {
    explanation:
      'There is a `}` more than there are `{`. It may be one too many, or the `{` before it is missing.',
    wrong: extending('encoder { depth 24 }}', 'mask random 60%'),
    right: extending('encoder { depth 24 }', 'mask random 60%'),
  },
  MAE108: {
    explanation: `No spec needs blocks as deep as this: a model’s recipe has an optimizer, and there it ends. What stands deeper than the
limit is not read, so that no file can exhaust the compiler. Before it there is always another mistake: a key that does not exist.`,
    before: ['MAE201'],
    wrong: extending(`encoder { ${'a { '.repeat(31)}depth 24${' }'.repeat(31)} }`),
    right: extending('encoder { depth 24 }'),
  },
  MAE109: {
    explanation: `A line break ends a statement, so a block that opens on a line of its own has no key. It is read as the block of the
key above it, but must be written there.`,
    wrong: extending('encoder', '{ depth 24 }'),
    right: extending('encoder { depth 24 }'),
  },
  MAE110: {
    explanation: 'The block comes last in a statement: the key, its values, then the block.',
    wrong: extending('loss mse { target pixels } 2'),
    right: extending('loss mse { target pixels }'),
  },
  MAE111: {
    explanation: 'A blank is all that stands between a key and its values; no colon and no equals sign.',
    wrong: extending('patch: 32'),
    right: extending('patch 32'),
  },
};
