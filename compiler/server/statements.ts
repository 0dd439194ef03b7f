import type { Statement, SyntaxTree } from '../language/ast.ts';
import type { KeyEntry, Place } from '../language/schema/key-entry.ts';
import { keysOf } from '../language/schema.ts';
import { suggest } from '../language/suggest.ts';

/** A statement with what the schema says of it. */
export interface PlacedStatement {
  readonly statement: Statement;
  /** Undefined for a key that may not stand there. */
  readonly entry: KeyEntry | undefined;
  /** Where it stands; undefined below an unknown key. */
  readonly place: Place | undefined;
  /** The statement whose block it is in. */
  readonly parent: PlacedStatement | undefined;
}

/** All statements of a file, in the order of the text, each before those of its block. */
export function* statementsOf(tree: SyntaxTree): Generator<PlacedStatement> {
  yield* below(tree.statements, 'file', undefined);
}

function* below(
  statements: readonly Statement[],
  place: Place | undefined,
  parent: PlacedStatement | undefined,
): Generator<PlacedStatement> {
  for (const statement of statements) {
    const placed = placeStatement(statement, place, parent);
    yield placed;
    yield* below(statement.block?.statements ?? [], blockPlace(placed), placed);
  }
}

export function placeStatement(
  statement: Statement,
  place: Place | undefined,
  parent: PlacedStatement | undefined,
): PlacedStatement {
  const entry = place === undefined ? undefined : keysOf(place).get(statement.key.text);
  return { statement, entry, place, parent };
}

/** The place that a statement's block is; for a misspelt key, that of the key that was probably meant. */
export function blockPlace({ statement, entry, place }: PlacedStatement): Place | undefined {
  if (entry !== undefined || place === undefined) return entry?.block;
  const keys = keysOf(place);
  return keys.get(suggest(statement.key.text, keys.keys()) ?? '')?.block;
}

/** The keys from the declaration inwards, the declaration's own left out: `encoder.width`. */
export function pathOf(placed: PlacedStatement): string {
  const { parent, statement } = placed;
  if (parent === undefined) return '';
  return parent.parent === undefined ? statement.key.text : `${pathOf(parent)}.${statement.key.text}`;
}

/** The top-level statement that holds a statement, or is it. */
export function declarationOf(placed: PlacedStatement): PlacedStatement {
  return placed.parent === undefined ? placed : declarationOf(placed.parent);
}
