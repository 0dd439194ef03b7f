import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import {
  BlockClose,
  BlockOpen,
  Broken,
  Comma,
  Multiple,
  Name,
  Newline,
  Numeral,
  Percentage,
  Range,
  Semicolon,
  Size,
  Text,
  tokenTypes,
} from './tokens.ts';

/** What stands between two braces, or in a file, in order and not yet judged. */
export type Item =
  | { readonly kind: 'separator'; readonly token: IToken }
  | {
      readonly kind: 'statement';
      readonly key: IToken;
      readonly values: readonly IToken[];
      readonly block: BlockItems | undefined;
    }
  /** Values, a block or both where a statement should begin. */
  | { readonly kind: 'stray'; readonly values: readonly IToken[]; readonly block: BlockItems | undefined };

export interface BlockItems {
  readonly open: IToken;
  readonly items: readonly Item[];
  readonly close: IToken;
}

/**
 * The grammar: `KEY value* { block }?`. It is total over tokens whose braces pair and that hold no malformed ones:
 * what is no statement is a `stray` item, and `syntax-tree.ts` says what is wrong with it. So the parser itself never
 * fails and never has to skip text.
 */
export class ItemParser extends EmbeddedActionsParser {
  readonly file: ParserMethod<[], Item[]> = this.RULE('file', () => this.SUBRULE(this.items));

  private readonly items: ParserMethod<[], Item[]> = this.RULE('items', () => {
    const items: Item[] = [];
    this.MANY(() => {
      items.push(
        this.OR([
          { ALT: () => this.SUBRULE(this.separator) },
          { ALT: () => this.SUBRULE(this.statement) },
          { ALT: () => this.SUBRULE(this.strayValues) },
          { ALT: () => ({ kind: 'stray', values: [], block: this.SUBRULE(this.block) }) },
        ]),
      );
    });
    return items;
  });

  private readonly separator: ParserMethod<[], Item> = this.RULE(
    'separator',
    (): Item => ({
      kind: 'separator',
      token: this.OR([
        { ALT: () => this.CONSUME(Newline) },
        { ALT: () => this.CONSUME(Comma) },
        { ALT: () => this.CONSUME(Semicolon) },
      ]),
    }),
  );

  private readonly statement: ParserMethod<[], Item> = this.RULE('statement', (): Item => {
    const key = this.CONSUME(Name);
    const values: IToken[] = [];
    this.MANY(() => {
      values.push(
        this.OR([{ ALT: () => this.CONSUME2(Name) }, { ALT: () => this.SUBRULE(this.namelessValue) }]),
      );
    });
    const block = this.OPTION(() => this.SUBRULE(this.block));
    return { kind: 'statement', key, values, block };
  });

  private readonly strayValues: ParserMethod<[], Item> = this.RULE('strayValues', (): Item => {
    const values = [this.SUBRULE(this.namelessValue)];
    this.MANY(() => {
      values.push(
        this.OR([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.SUBRULE2(this.namelessValue) }]),
      );
    });
    const block = this.OPTION(() => this.SUBRULE(this.block));
    return { kind: 'stray', values, block };
  });

  private readonly block: ParserMethod<[], BlockItems> = this.RULE('block', () => {
    const open = this.CONSUME(BlockOpen);
    const items = this.SUBRULE(this.items);
    const close = this.CONSUME(BlockClose);
    return { open, items, close };
  });

  private readonly namelessValue: ParserMethod<[], IToken> = this.RULE('namelessValue', () =>
    this.OR([
      { ALT: () => this.CONSUME(Numeral) },
      { ALT: () => this.CONSUME(Percentage) },
      { ALT: () => this.CONSUME(Multiple) },
      { ALT: () => this.CONSUME(Size) },
      { ALT: () => this.CONSUME(Range) },
      { ALT: () => this.CONSUME(Text) },
      { ALT: () => this.CONSUME(Broken) },
    ]),
  );

  /** Whether the grammar is one is checked by a test, and not again by each process. */
  constructor(skipValidations = true) {
    super(tokenTypes, { maxLookahead: 1, skipValidations });
    this.performSelfAnalysis();
  }
}

const parser = new ItemParser();

/** Groups repaired tokens with paired braces (`repair.ts`, `braces.ts`) into statements. */
export function parseItems(tokens: IToken[]): readonly Item[] {
  parser.input = tokens;
  const items = parser.file();
  const [error] = parser.errors;
  if (error !== undefined) throw new Error(`the grammar is not total: ${error.message}`);
  return items;
}
