import { grammarText } from './grammar.ts';
import { keySections } from './key-tables.ts';
import { guide, opening, type Section } from './language-guide.ts';
import { fenced, linkTo, paragraphs } from './markdown.ts';
import { headingOf, linkToPlace, placesInOrder } from './places.ts';
import { sourceList } from './sources.ts';

const keysHeading = 'Keys';

const reference: readonly Section[] = [
  {
    heading: 'Grammar',
    text: paragraphs(
      `In the EBNF of the XML recommendation: \`?\` is at most one, \`*\` any number, \`+\` at least one, and \`[…]\` a set of characters.
Names with a capital letter are words or marks. A name behind a key is a value of it as long as no separator or block comes between.`,
      fenced('ebnf', grammarText()),
      `Blanks and comments may stand between any two words and separate them. A file is UTF-8, with or without a byte order mark.
A word that is none of these is a mistake, such as \`12abc\`.`,
    ),
  },
  {
    heading: keysHeading,
    text: paragraphs(
      `Every key in every place. **Required** keys must be given, or be inherited; for the others the default says what holds where
they are not written. Below each meaning is the paper or the code that the key comes from: see [the list](#sources).`,
      keySections(),
    ),
  },
  {
    heading: 'Sources',
    text: paragraphs('What the keys come from, besides code:', sourceList()),
  },
];

/** The reference of the language, `docs/language.md`: a guide, the grammar and all keys. */
export function languagePage(): string {
  const sections = [...guide, ...reference];
  const places = placesInOrder().map((place) => `  - ${linkToPlace(place, headingOf(place))}`);
  const contents = sections.flatMap(({ heading }) => [
    `- ${linkTo(heading)}`,
    ...(heading === keysHeading ? places : []),
  ]);
  return `${paragraphs(
    '<!-- Made by `npm run build:docs` of the schema, the lexer and compiler/language/reference. Do not edit. -->',
    '# The `.mae` language',
    opening,
    contents.join('\n'),
    ...sections.map(({ heading, text }) => paragraphs(`## ${heading}`, text)),
  )}\n`;
}
