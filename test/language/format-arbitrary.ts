import fc from 'fast-check';

/** A statement as a tree, to be written in any way. */
interface Tree {
  readonly head: string;
  readonly block?: readonly Tree[];
}

const leaf = (head: string): Tree => ({ head });

const model = (name: string): Tree => ({
  head: `model ${name}`,
  block: [
    leaf('image 32x32x3'),
    leaf('patch 4'),
    { head: 'encoder', block: [leaf('width 192'), leaf('depth 12'), leaf('heads 3'), leaf('qkv-bias no')] },
    { head: 'decoder', block: [leaf('width 96'), leaf('depth 2'), leaf('heads 3')] },
    leaf('mask random 75%'),
    { head: 'loss mse', block: [leaf('on masked'), leaf('target pixels')] },
    { head: 'pretrain using r', block: [leaf('epochs 3'), leaf('warmup 1')] },
  ],
});

const recipe: Tree = {
  head: 'recipe r',
  block: [
    leaf('epochs 10'),
    leaf('batch 4_096'),
    { head: 'optimizer adamw', block: [leaf('lr 1.5e-4   per 256'), leaf('betas 0.9 0.95')] },
    { head: 'augment', block: [leaf('crop 20%..100%'), leaf('flip')] },
    { head: 'schedule cosine', block: [] },
  ],
};

/** Trees of a valid file: one or two models and a recipe, their statements in any order, some left out that may be. */
const trees: fc.Arbitrary<Tree[]> = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean())
  .chain(([second, derived, anImport]) => {
    const top: Tree[] = [model('a'), recipe, leaf('let tile   8'), leaf('let whole 20%..100%')];
    if (second) top.push(model('b'));
    if (derived) top.push({ head: 'model c extends a', block: [leaf('patch tile')] });
    if (anImport)
      top.push(leaf('import "./recipes.mae"'), {
        head: 'model d extends a',
        block: [leaf('pretrain using mae-pretrain-pico')],
      });
    return shuffled(top);
  });

function shuffled(statements: readonly Tree[]): fc.Arbitrary<Tree[]> {
  return fc
    .shuffledSubarray([...statements], { minLength: statements.length })
    .chain((list) =>
      fc.tuple(
        ...list.map((tree) =>
          tree.block === undefined
            ? fc.constant(tree)
            : shuffled(tree.block).map((block): Tree => ({ head: tree.head, block })),
        ),
      ),
    );
}

/** How much of each kind of white space, separator and comment a text has. */
const styles = fc.record({
  newline: fc.constantFrom('\n', '\r\n', '\r'),
  comments: fc.constantFrom(0, 0.1, 0.5),
  lines: fc.constantFrom(0, 0.3, 0.8),
  blanks: fc.constantFrom(0, 0.3),
});

/** Valid specs in any layout: blanks, line breaks, separators and comments (`#1`, `#2`, …) wherever they may stand. */
export const scatteredSpec: fc.Arbitrary<string> = fc
  .tuple(trees, styles, fc.nat())
  .map(([statements, style, seed]) => {
    const writer = new Writer(style, randomFrom(seed));
    writer.statements(statements);
    return writer.text;
  });

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Style {
  readonly newline: string;
  readonly comments: number;
  readonly lines: number;
  readonly blanks: number;
}

class Writer {
  text = '';
  private comments = 0;
  private readonly style: Style;
  private readonly random: () => number;

  constructor(style: Style, random: () => number) {
    this.style = style;
    this.random = random;
  }

  statements(list: readonly Tree[]): void {
    this.gap();
    for (const [index, { head, block }] of list.entries()) {
      if (index > 0) this.separator();
      this.text += head.replaceAll(' ', this.chance(this.style.blanks) ? ' \t' : ' ');
      if (block !== undefined) {
        this.text += this.chance(0.5) ? '{' : ' {';
        this.statements(block);
        this.text += '}';
      }
    }
    this.gap();
  }

  /** What ends a statement. */
  private separator(): void {
    this.text += this.chance(this.style.lines)
      ? this.style.newline
      : this.pick([',', ' ; ', ', ', `#${++this.comments}${this.style.newline}`]);
    this.gap();
  }

  /** What may stand anywhere between statements. */
  private gap(): void {
    while (this.chance(0.4)) {
      if (this.chance(this.style.comments))
        this.text += `${this.pick(['', ' ', '//'])}#${++this.comments}${this.style.newline}`;
      else if (this.chance(this.style.lines)) this.text += this.style.newline;
      else this.text += this.pick([' ', '\t', '  ', ', ', ';']);
    }
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private pick(list: readonly string[]): string {
    return list[Math.floor(this.random() * list.length)] ?? '';
  }
}

const pieces = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'model',
      'a',
      'image',
      'encoder',
      'recipe',
      'extends',
      '32x32x3',
      '75%',
      '"x"',
      '4',
    ),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom('{', '}', '{ a }', '\n', '\n\n', ',', ';', '# c\n', '// d\r\n', ' # e\n'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);

/** Any words of the language, often without a mistake in their syntax. */
export const damagedText: fc.Arbitrary<string> = fc
  .array(pieces, { maxLength: 25 })
  .chain((parts) => fc.constantFrom(' ', '').map((glue) => parts.join(glue)));
