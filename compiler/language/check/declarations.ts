import type { Block, Statement, SyntaxTree } from '../ast.ts';
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
import { readBlock } from './read-block.ts';
import { type ReadValues, readValues } from './read-values.ts';
import { emptySettings, type Settings } from './settings.ts';

export type DeclarationKind = 'model' | 'recipe';

/** A name and where it stands. */
export interface NameAt {
  readonly text: string;
  readonly span: Span;
}

/** A model or a recipe as its own statement gives it, without what it extends. */
export interface Declaration {
  readonly kind: DeclarationKind;
  /** Without a name only what it holds can be checked. */
  readonly name: NameAt | undefined;
  readonly base: NameAt | undefined;
  readonly description: string;
  readonly settings: Settings;
  /** The file that declares it. */
  readonly file: string;
  /** What to point at when the whole of it is meant: the name, or the key where it has none. */
  readonly span: Span;
}

export interface Import {
  readonly specifier: string;
  readonly span: Span;
}

export interface FileContents {
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
  /** What the file may hold more of, but for mistakes that have been reported. */
  readonly unread: ReadonlySet<DeclarationKind | 'import'>;
}

/** Reads the statements at the top of a file. */
export function readFile(tree: SyntaxTree, source: SourceText, report: Report): FileContents {
  const imports: Import[] = [];
  const declarations: Declaration[] = [];
  const unread = new Set<DeclarationKind | 'import'>();
  const describe = descriptions(tree, source);
  for (const statement of tree.statements) {
    const entry = fileEntry(statement, report);
    if (entry === undefined) {
      if (statement.block !== undefined) unread.add('model').add('recipe');
      continue;
    }
    const read = readValues(statement, entry, keysOf('file'), report);
    const kind = entry.block;
    if (kind === 'model' || kind === 'recipe') {
      const description = describe(statement, declarations.length === 0);
      declarations.push(declarationOf(kind, statement, read, description, report));
      if (!read.valid) unread.add(kind);
      continue;
    }
    const path = read.values.get('path');
    if (path === undefined) unread.add('import');
    else imports.push({ specifier: String(path.value), span: path.span });
    if (statement.block !== undefined) {
      const brace = { ...statement.block.span, end: statement.block.span.start + 1 };
      report(diagnostics.unexpectedBlock.at(brace, { key: entry.key }));
    }
  }
  return { imports, declarations, unread };
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

function declarationOf(
  kind: DeclarationKind,
  statement: Statement,
  { values, valid }: ReadValues,
  description: string,
  report: Report,
): Declaration {
  const name = nameAt(values, 'name');
  const settings = emptySettings();
  if (!valid) settings.excused.add('');
  const block: Block | undefined = statement.block;
  if (block !== undefined) readBlock(block, kind, '', settings, report);
  if (kind === 'model' && name !== undefined) checkModelName(name, report);
  return {
    kind,
    name,
    base: nameAt(values, 'base'),
    description,
    settings,
    file: statement.key.span.file,
    span: name?.span ?? statement.key.span,
  };
}

function nameAt(values: ReadValues['values'], slot: string): NameAt | undefined {
  const given = values.get(slot);
  return given === undefined ? undefined : { text: String(given.value), span: given.span };
}

const longestName = 64;

/** Generated code is written to a folder of the model's name, on every operating system. */
function checkModelName({ text, span }: NameAt, report: Report): void {
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text)) {
    report(
      diagnostics.unusableName.at(span, { name: text, because: 'it is the name of a device on Windows' }),
    );
  } else if (text.length > longestName) {
    const because = `it is longer than ${longestName} characters`;
    report(diagnostics.unusableName.at(span, { name: text, because }));
  }
}
