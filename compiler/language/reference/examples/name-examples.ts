import { type DiagnosticExample, extending } from './example.ts';

const importing = extending('mask random 60%');
const shortRecipe = (name: string, epochs: number) =>
  `recipe ${name} {\n  epochs    ${epochs}\n  batch     256\n  optimizer adamw { lr 1.5e-4 per 256 }\n}\n`;

/** A model whose mask has a constant for its ratio. */
const constant = (definition: string, name: string) =>
  extending(`mask random ${name}`).replace('\n\n', `\n\nlet ${definition}\n\n`);

/** Names, imports and files: `MAE3xx`. */
export const nameExamples: Readonly<Record<string, DiagnosticExample>> = {
  MAE301: {
    explanation: `The file that is to be compiled cannot be opened, or is no text. Specs are UTF-8; some editors save UTF-16 unless they
are told.`,
    wrong: { 'vit-mine.mae': { because: 'it is UTF-16, not UTF-8', help: 'save it as UTF-8' } },
    right: importing,
  },
  MAE302: {
    explanation:
      'The path of an import is relative to the folder of the file that holds it, not to where the compiler runs.',
    wrong: importing.replace('./vit-base.mae', './spec/vit-base.mae'),
    right: importing,
  },
  MAE303: {
    explanation:
      'Files that import each other have no order in which they could be read. What both need belongs into a third.',
    wrong: {
      'vit-mine.mae':
        'import "./short.mae"\nimport "./vit-base.mae"\n\nmodel vit-mine extends vit-base { pretrain using short }\n',
      'short.mae':
        'import "./vit-mine.mae"\nimport "./recipes.mae"\n\nrecipe short extends mae-pretrain { epochs 100 }\n',
    },
    right: {
      'vit-mine.mae':
        'import "./short.mae"\nimport "./vit-base.mae"\n\nmodel vit-mine extends vit-base { pretrain using short }\n',
      'short.mae': 'import "./recipes.mae"\n\nrecipe short extends mae-pretrain { epochs 100 }\n',
    },
  },
  MAE304: {
    explanation: `Two models of one name would be generated into the same folder, so their names differ across all files that are compiled
together. The names of recipes differ within a file.`,
    wrong: `${importing}\nmodel vit-mine extends vit-base { mask random 90% }\n`,
    right: `${importing}\nmodel vit-hard extends vit-base { mask random 90% }\n`,
  },
  MAE305: {
    explanation: `Nothing of this name is declared in the file or in one that it imports itself. Imports of imports do not count: a file
shows where its names come from.`,
    wrong: extending('pretrain using mae-pretrian').replace('\n', '\nimport "./recipes.mae"\n'),
    right: extending('pretrain using mae-pretrain').replace('\n', '\nimport "./recipes.mae"\n'),
  },
  MAE306: {
    explanation: 'What extends itself, be it over others, has nothing to start from.',
    wrong: 'recipe short extends long { epochs 100 }\n\nrecipe long extends short { epochs 1600 }\n',
    right: `${shortRecipe('short', 100)}\nrecipe long extends short { epochs 1600 }\n`,
  },
  MAE307: {
    explanation: `Recipes of different files may share a name, but then it must be clear which of them is meant where it is used.`,
    wrong: {
      'vit-mine.mae': `import "./vit-base.mae"
import "./at-home.mae"
import "./at-work.mae"

model vit-mine extends vit-base { pretrain using short }
`,
      'at-home.mae': shortRecipe('short', 20),
      'at-work.mae': shortRecipe('short', 100),
    },
    right: {
      'vit-mine.mae': `import "./vit-base.mae"
import "./at-home.mae"
import "./at-work.mae"

model vit-mine extends vit-base { pretrain using short-at-work }
model vit-idle extends vit-base { pretrain using short-at-home }
`,
      'at-home.mae': shortRecipe('short-at-home', 20),
      'at-work.mae': shortRecipe('short-at-work', 100),
    },
  },
  MAE308: {
    explanation:
      'Nothing that the file declares needs this import. It does no harm, but it misleads readers.',
    wrong: importing.replace('\n', '\nimport "./recipes.mae"\n'),
    right: importing,
  },
  MAE309: {
    explanation: 'One import makes known all that a file declares; a second one adds nothing.',
    wrong: importing.replace('\n', '\nimport "./vit-base.mae"\n'),
    right: importing,
  },
  MAE310: {
    explanation: `A model is written to a folder of its name, and specs go from one computer to another. Windows keeps some names for
devices, and no name may be longer than 64 characters.`,
    wrong: importing.replace('vit-mine', 'aux'),
    right: importing.replace('vit-mine', 'vit-auxiliary'),
  },
  MAE311: {
    explanation: `A key that is set from the command line is named by the model or recipe and the way to the key, with dots between; then
come an equals sign and the values.`,
    wrong: importing,
    right: importing,
    overrides: { wrong: 'vit-mine.encoder.depth', right: 'vit-mine.encoder.depth=4' },
  },
  MAE312: {
    explanation: `Where a key has an option of that name the constant could never be meant, and elsewhere it would mislead readers. So
no constant has the name of an option of any key. Names of keys are free.`,
    wrong: constant('learned 60%', 'learned'),
    right: constant('learned-at 60%', 'learned-at'),
  },
  MAE313: {
    explanation: 'A constant may be defined by another one, as long as there is a value at the end.',
    before: ['MAE313'],
    wrong: constant('ratio share\nlet share ratio', 'ratio'),
    right: constant('ratio share\nlet share 60%', 'ratio'),
  },
};
