import type { Block, Statement } from '../ast.ts';
import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { suggestion } from '../fixes.ts';
import { type Place, placeNames } from '../schema/key-entry.ts';
import { keysOf, placesOf } from '../schema.ts';
import { suggest } from '../suggest.ts';
import { listOf } from '../words.ts';
import type { ValueReading } from './read-values.ts';
import { emptySettings, joinPath, type Settings } from './settings.ts';

/**
 * Reads the statements of a block, and of the blocks in it, into settings; `prefix` is the path of the block's key.
 * Reports keys that do not exist or may not stand there, keys given twice, and wrong values.
 */
export function readBlock(
  block: Block,
  place: Place,
  prefix: string,
  into: Settings,
  report: Report,
  read: ValueReading,
): void {
  if (block.damaged) into.excused.add(prefix);
  for (const statement of block.statements)
    readStatement(statement, block, place, prefix, into, report, read);
}

function readStatement(
  statement: Statement,
  parent: Block,
  place: Place,
  prefix: string,
  into: Settings,
  report: Report,
  read: ValueReading,
): void {
  const { key, block, head } = statement;
  const entry = keysOf(place).get(key.text);
  if (entry === undefined) {
    reportUnknownKey(statement, parent, place, prefix, into, report);
    return;
  }
  const path = joinPath(prefix, key.text);
  const first = into.byPath.get(path);
  if (first !== undefined) {
    const related = [{ span: first.head, message: 'first given here' }];
    report(diagnostics.duplicateKey.at(head, { key: key.text }, { related }));
  }
  // The second of two is checked too, but does not count.
  const target = first === undefined ? into : emptySettings();
  const { values, valid } = read(statement, entry, keysOf(place), report, path);
  target.byPath.set(path, { entry, key: key.span, head, values, valid });
  if (!valid) excuseNamedKeys(statement, place, prefix, into);
  if (block === undefined) return;
  if (entry.block !== undefined) {
    readBlock(block, entry.block, path, target, report, read);
  } else {
    report(diagnostics.unexpectedBlock.at({ ...block.span, end: block.span.start + 1 }, { key: key.text }));
  }
}

/** Keys among the wrong values of another, for want of a comma, are not to be missed as well. */
function excuseNamedKeys({ values }: Statement, place: Place, prefix: string, into: Settings): void {
  for (const { kind, text } of values) {
    if (kind === 'name' && keysOf(place).has(text)) into.excused.add(joinPath(prefix, text));
  }
}

function reportUnknownKey(
  { key }: Statement,
  parent: Block,
  place: Place,
  prefix: string,
  into: Settings,
  report: Report,
): void {
  const places = placesOf(key.text);
  const owner = placeNames[place];
  if (places.length > 0) {
    into.misplaced.add(key.text);
    // Where a brace is missing, it is the brace that is wrong.
    if (parent.damaged) return;
    const placeWords = places.map((other) => placeNames[other]);
    report(diagnostics.misplacedKey.at(key.span, { key: key.text, place: owner, places: placeWords }));
    return;
  }
  const keys = [...keysOf(place).keys()];
  const meant = suggest(key.text, keys);
  if (meant !== undefined) into.excused.add(joinPath(prefix, meant));
  const details =
    meant === undefined ? { help: `its keys are ${listOf(keys)}` } : suggestion(key.span, meant);
  report(diagnostics.unknownKey.at(key.span, { key: key.text, place: owner }, details));
}
