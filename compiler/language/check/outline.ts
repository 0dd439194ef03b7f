import type { Statement, SyntaxTree, Value } from '../ast.ts';
import { descriptions } from '../comments.ts';
import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { suggestion } from '../fixes.ts';
import { type KeyEntry, placeNames } from '../schema/key-entry.ts';
import { keysOf, placesOf } from '../schema.ts';
import type { SourceText } from '../source-text.ts';
import type { Span } from '../span.ts';
import { suggest } from '../suggest.ts';
import { listOf } from '../words.ts';
import { noConstants } from './constant-scope.ts';
import { type ReadValues, readValues } from './read-values.ts';

export type DeclarationKind = 'model' | 'recipe';

/** What a name can be declared as. */
export type NamedKind = DeclarationKind | 'constant';

/** A name and where it stands. */
export interface NameAt {
  readonly text: string;
  readonly span: Span;
}

export interface Import {
  readonly specifier: string;
  readonly span: Span;
}

/** A constant as its `let` gives it. */
export interface Constant {
  readonly name: NameAt;
  /** As it is written: perhaps the name of another constant. Undefined where it is wrong, which has been reported. */
  readonly value: Value | undefined;
}

/** The statement of a model or a recipe, of which all but the block has been read. */
export interface DeclarationHead {
  readonly kind: DeclarationKind;
  readonly statement: Statement;
  readonly read: ReadValues;
  readonly description: string;
}

/** What stands at the top of a file: all that can be read before the constants of other files are known. */
export interface FileOutline {
  readonly imports: readonly Import[];
  readonly constants: readonly Constant[];
  readonly heads: readonly DeclarationHead[];
  /** What the file may hold more of, but for mistakes that have been reported. */
  readonly unread: ReadonlySet<NamedKind | 'import'>;
}

/** Reads the statements at the top of a file, but for the blocks of models and recipes. */
export function readOutline(tree: SyntaxTree, source: SourceText, report: Report): FileOutline {
  const imports: Import[] = [];
  const constants: Constant[] = [];
  const heads: DeclarationHead[] = [];
  const unread = new Set<NamedKind | 'import'>();
  const describe = descriptions(tree, source);
  for (const statement of tree.statements) {
    const entry = fileEntry(statement, report);
    if (entry === undefined) {
      if (statement.block === undefined) unread.add('constant');
      else unread.add('model').add('recipe');
      continue;
    }
    const read = readValues(statement, entry, keysOf('file'), noConstants, report);
    const kind = entry.block;
    if (kind === 'model' || kind === 'recipe') {
      heads.push({ kind, statement, read, description: describe(statement, heads.length === 0) });
      if (!read.valid) unread.add(kind);
      continue;
    }
    const path = read.values.get('path');
    const name = nameAt(read.values, 'name');
    if (path !== undefined) imports.push({ specifier: String(path.value), span: path.span });
    else if (name === undefined) unread.add(entry.key === 'import' ? 'import' : 'constant');
    else constants.push({ name, value: read.valid ? statement.values.at(-1) : undefined });
    if (statement.block !== undefined) {
      const brace = { ...statement.block.span, end: statement.block.span.start + 1 };
      report(diagnostics.unexpectedBlock.at(brace, { key: entry.key }));
    }
  }
  return { imports, constants, heads, unread };
}

/** The entry of a statement's key; for a key that does not exist, that of the one that was probably meant. */
function fileEntry({ key }: Statement, report: Report): KeyEntry | undefined {
  const keys = keysOf('file');
  const entry = keys.get(key.text);
  if (entry !== undefined) return entry;
  const place = placeNames.file;
  const places = placesOf(key.text).map((other) => placeNames[other]);
  if (places.length > 0) {
    report(diagnostics.misplacedKey.at(key.span, { key: key.text, place, places }));
    return undefined;
  }
  const meant = suggest(key.text, keys.keys());
  const details =
    meant === undefined ? { help: `its keys are ${listOf([...keys.keys()])}` } : suggestion(key.span, meant);
  report(diagnostics.unknownKey.at(key.span, { key: key.text, place }, details));
  return meant === undefined ? undefined : keys.get(meant);
}

/** The name that a slot holds. */
export function nameAt(values: ReadValues['values'], slot: string): NameAt | undefined {
  const given = values.get(slot);
  return given === undefined ? undefined : { text: String(given.value), span: given.span };
}
