import { guideFiles, overrideExamples } from './guide-files.ts';
import { switchOptions } from './key-tables.ts';
import { code, fenced, paragraphs, table } from './markdown.ts';
import { officialArgumentTable } from './official-arguments.ts';
import { linkToPath } from './places.ts';
import { valueKindTable } from './value-kinds.ts';

/** A part of the page: its heading, and what stands below it. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

/** What comes before the guide: a whole spec. */
export const opening = paragraphs(
  `A spec says what a masked autoencoder *is* and how it is trained. It holds no code, no loops and no conditions: whoever reads it
sees the whole architecture on one screen, and two specs can be compared line by line. This one is ViT-Base/16 of the paper:`,
  fenced('mae', guideFiles.model),
  `\`mae-compile\` checks every key and value before anything is generated, and says where a mistake is and what would be right:
[diagnostics.md](diagnostics.md) lists all that it can complain of.`,
);

/** The language in prose, before its reference. */
export const guide: readonly Section[] = [
  {
    heading: 'Coming from PyTorch',
    text: paragraphs(
      `If you know \`MaskedAutoencoderViT\` and \`main_pretrain.py\` of facebookresearch/mae, you know most keys already:`,
      officialArgumentTable((path) => linkToPath('model', path)),
    ),
  },
  {
    heading: 'One shape of statement',
    text: paragraphs(
      'Everything is a **key**, its **values** on the same line, and for some keys a **block** of further statements:',
      fenced('text', 'KEY value value … { KEY value …, KEY value … }'),
      `A line break, a comma or a semicolon ends a statement, so a short block fits on one line. Values are separated by blanks, and
there is nothing between a key and its values: \`width 768\`, not \`width: 768\`. A block opens on the line of its key. The order of
statements means nothing, and a key stands at most once in a block. Keys, options and names are in kebab-case, in lower case.`,
      '`mae fmt` puts specs into one canonical layout.',
    ),
  },
  {
    heading: 'Values',
    text: paragraphs(
      'The kind of a value is seen from how it is written:',
      valueKindTable(),
      `Some keys are **switches**. They take a name:`,
      switchOptions(),
    ),
  },
  {
    heading: 'Comments',
    text: `A comment runs from \`#\` or \`//\` to the end of the line. The comment lines right above a model or a recipe describe it;
for the first one in a file, so do those at the top of the file. The description of a model goes along into its generated \`spec.json\`.`,
  },
  {
    heading: 'Files and imports',
    text: paragraphs(
      `A file holds models, recipes and constants. \`import "./recipes.mae"\` makes known what another file
declares; the path is relative to the file that holds the import. Only what that file declares itself becomes known, not what it imports
in turn.`,
      fenced('mae', guideFiles.recipe),
      `A model is generated into a folder of its name, so no two models may have the same, whatever their files.`,
    ),
  },
  {
    heading: 'Extending a model or a recipe',
    text: paragraphs(
      `\`extends\` takes over all of another model or recipe, and the block says what is different. It is laid over key by key, blocks
too: \`encoder { depth 24 }\` changes the depth and keeps the width.`,
      fenced('mae', guideFiles.extending),
    ),
  },
  {
    heading: 'Using a recipe',
    text: paragraphs(
      'A model says `using` which recipe it is trained by. A block behind it changes keys of that recipe for this model alone:',
      fenced('mae', guideFiles.using),
      'A model that extends another and writes the block without `using` goes on with the recipe that it inherits:',
      fenced('mae', guideFiles.changing),
    ),
  },
  {
    heading: 'Constants',
    text: paragraphs(
      `\`let NAME value\` gives a value a name. Wherever a key takes a value, the name may stand for it, be it a number, a size, a
range or an option:`,
      fenced('mae', guideFiles.constants),
      `A spec means the same with a constant as with the value in its place. A constant is known in its own file and, like a model or a
recipe, in the files that import this one themselves; where it is declared in a file does not matter. It may be defined by another one:
\`let wide small\`. There is nothing to compute with, so that every value is still written somewhere.`,
      `No constant may have the name of an option, such as \`random\`, because behind some key it could never be meant. The names of
models and recipes are no values, nor are the paths of imports, so constants do not stand for them.`,
    ),
  },
  {
    heading: 'Setting keys from the command line',
    text: paragraphs(
      `\`mae-compile spec/ --set NAME.KEY=VALUE\` sets a key as if it were written last in the model or recipe of that name. It may be
repeated; a value that is left out stays as it was. A value may be a constant that the file of the model or recipe knows.`,
      table(
        ['`--set`', 'Sets'],
        overrideExamples.map(({ override, meaning }) => [code(override), meaning]),
      ),
    ),
  },
];
