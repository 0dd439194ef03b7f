import type { Statement, Value } from '../ast.ts';
import type { DiagnosticDetails, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { replacement, suggestion } from '../fixes.ts';
import type { KeyEntry, Slot } from '../schema/key-entry.ts';
import type { Reading, Resolved } from '../schema/value-type.ts';
import { joinSpans } from '../source-text.ts';
import { suggest } from '../suggest.ts';
import { describeValue } from '../values.ts';
import { quote } from '../words.ts';
import type { Given } from './settings.ts';

export interface ReadValues {
  readonly values: ReadonlyMap<string, Given>;
  /** Whether all values are there and right; what is not has been reported. */
  readonly valid: boolean;
}

/** A way of reading the values of a statement whose key has the path `path`. */
export type ValueReading = (
  statement: Statement,
  entry: KeyEntry,
  siblings: ReadonlyMap<string, KeyEntry>,
  report: Report,
  path: string,
) => ReadValues;

/**
 * Reads the values of a statement into the slots of its key; at most the first mistake of each value is reported.
 * `siblings` holds the keys that may stand beside it: one of them among the values means that a separator is missing.
 */
export function readValues(
  statement: Statement,
  entry: KeyEntry,
  siblings: ReadonlyMap<string, KeyEntry>,
  report: Report,
): ReadValues {
  if (statement.damaged) return { values: new Map(), valid: false };
  const reader = new ValueReader(statement, entry, siblings, report);
  const valid = entry.slots.every((slot) => reader.fill(slot)) && reader.finish();
  return { values: reader.values, valid };
}

class ValueReader {
  readonly values = new Map<string, Given>();
  private readonly statement: Statement;
  private readonly entry: KeyEntry;
  private readonly siblings: ReadonlyMap<string, KeyEntry>;
  private readonly report: Report;
  private position = 0;
  private allRight = true;

  constructor(
    statement: Statement,
    entry: KeyEntry,
    siblings: ReadonlyMap<string, KeyEntry>,
    report: Report,
  ) {
    this.statement = statement;
    this.entry = entry;
    this.siblings = siblings;
    this.report = report;
  }

  /** Reads a slot's value; false when it cannot be told where the next slot's would start. */
  fill(slot: Slot): boolean {
    if (slot.keyword !== undefined && !this.isKeyword(slot.keyword)) {
      return slot.optional === true || this.missingKeyword(slot, slot.keyword);
    }
    if (slot.keyword !== undefined) this.position++;
    const first = this.next();
    if (first === undefined) return this.absent(slot);
    const taken = slot.repeated === true ? this.statement.values.slice(this.position) : [first];
    this.position += taken.length;
    const values = taken.map((value) => this.read(slot, value)).filter((value) => value !== undefined);
    if (values.length === taken.length) {
      const value = slot.repeated === true ? values.filter((item) => typeof item === 'number') : values[0];
      const span = joinSpans(first.span, taken.at(-1)?.span ?? first.span);
      if (value !== undefined) this.values.set(slot.name, { value, span });
    }
    return true;
  }

  /** Reports values that are left over. */
  finish(): boolean {
    const rest = this.statement.values.slice(this.position);
    const [first] = rest;
    if (first === undefined || !this.allRight) return this.allRight;
    if (rest.some((value) => value.kind === 'broken')) return false;
    const { key, example } = this.entry;
    const span = joinSpans(first.span, rest.at(-1)?.span ?? first.span);
    const values = { key, found: describeValue(first), example };
    this.report(diagnostics.surplusValue.at(span, values, this.meantBy(first)));
    return false;
  }

  /** What a value that is left over was probably meant to be. */
  private meantBy({ kind, text, span }: Value): DiagnosticDetails {
    if (kind !== 'name') return {};
    if (this.siblings.has(text)) {
      const edits = [{ span: { ...span, end: span.start }, text: ', ' }];
      return { help: `put a comma before ${text}`, fix: { title: 'add a comma', edits } };
    }
    const keyword = suggest(
      text,
      this.entry.slots.flatMap((slot) => slot.keyword ?? []),
    );
    return keyword === undefined ? {} : suggestion(span, keyword);
  }

  private next(): Value | undefined {
    return this.statement.values[this.position];
  }

  private isKeyword(keyword: string): boolean {
    const value = this.next();
    return value?.kind === 'name' && value.text === keyword;
  }

  private missingKeyword(slot: Slot, keyword: string): boolean {
    const value = this.next();
    if (value === undefined) return this.missing(`the word ${quote(keyword)} and ${slot.type.label}`);
    if (value.kind !== 'broken') {
      this.report(this.wrongKind(value, `the word ${quote(keyword)} here`));
    }
    return false;
  }

  private absent(slot: Slot): boolean {
    if (slot.type.bare === undefined) return this.missing(slot.type.label);
    this.values.set(slot.name, { value: slot.type.bare, span: this.statement.key.span });
    return true;
  }

  private missing(wanted: string): boolean {
    const { key, example } = this.entry;
    if (this.allRight)
      this.report(diagnostics.missingValue.at(this.statement.head, { key, wanted, example }));
    return false;
  }

  private read(slot: Slot, value: Value): Resolved | undefined {
    const reading: Reading = value.kind === 'broken' ? { wrong: 'kind' } : slot.type.read(value);
    if ('value' in reading) return reading.value;
    this.allRight = false;
    if (value.kind !== 'broken') this.report(this.diagnose(slot, value, reading));
    return undefined;
  }

  private diagnose(slot: Slot, value: Value, reading: Exclude<Reading, { value: Resolved }>) {
    const { key } = this.entry;
    const { span, text } = value;
    switch (reading.wrong) {
      case 'kind':
        return this.wrongKind(value, slot.type.label);
      case 'bounds':
        return diagnostics.outOfBounds.at(
          span,
          { key, found: text, bounds: reading.bounds },
          { help: reading.help },
        );
      case 'order': {
        const swapped = text.split('..').reverse().join('..');
        return diagnostics.rangeReversed.at(
          span,
          { key, found: text, swapped },
          { fix: replacement(span, swapped) },
        );
      }
      case 'option': {
        const options = Object.keys(slot.type.options ?? {});
        const meant = suggest(text, options);
        const details = meant === undefined ? {} : suggestion(span, meant);
        return diagnostics.unknownOption.at(span, { key, found: text, options }, details);
      }
    }
  }

  private wrongKind(value: Value, wanted: string) {
    const { key, example } = this.entry;
    return diagnostics.wrongValue.at(value.span, { key, wanted, found: describeValue(value), example });
  }
}
