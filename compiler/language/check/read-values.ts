import type { NameValue, Statement, Value } from '../ast.ts';
import type { Diagnostic, DiagnosticDetails, Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { replacement, suggestion } from '../fixes.ts';
import type { KeyEntry, Slot } from '../schema/key-entry.ts';
import type { Reading, Resolved } from '../schema/value-type.ts';
import { joinSpans } from '../source-text.ts';
import { suggest } from '../suggest.ts';
import { describeValue } from '../values.ts';
import { quote } from '../words.ts';
import type { ConstantScope } from './constant-scope.ts';
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

/** The way of reading values in which all must be there; names may be those of constants. */
export function readingWith(constants: ConstantScope): ValueReading {
  return (statement, entry, siblings, report) => readValues(statement, entry, siblings, constants, report);
}

/**
 * Reads the values of a statement into the slots of its key; at most the first mistake of each value is reported.
 * `siblings` holds the keys that may stand beside it: one of them among the values means that a separator is missing.
 */
export function readValues(
  statement: Statement,
  entry: KeyEntry,
  siblings: ReadonlyMap<string, KeyEntry>,
  constants: ConstantScope,
  report: Report,
): ReadValues {
  if (statement.damaged) return { values: new Map(), valid: false };
  const reader = new ValueReader(statement, entry, siblings, constants, report);
  const valid = entry.slots.every((slot) => reader.fill(slot)) && reader.finish();
  return { values: reader.values, valid };
}

class ValueReader {
  readonly values = new Map<string, Given>();
  private readonly statement: Statement;
  private readonly entry: KeyEntry;
  private readonly siblings: ReadonlyMap<string, KeyEntry>;
  private readonly constants: ConstantScope;
  private readonly report: Report;
  private position = 0;
  private allRight = true;

  constructor(
    statement: Statement,
    entry: KeyEntry,
    siblings: ReadonlyMap<string, KeyEntry>,
    constants: ConstantScope,
    report: Report,
  ) {
    this.statement = statement;
    this.entry = entry;
    this.siblings = siblings;
    this.constants = constants;
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
      this.report(this.wrongKind(value, `the word ${quote(keyword)} here`, {}));
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
    if (value.kind === 'name') {
      const constant = this.constants.find(value, this.report);
      if (constant !== undefined) return this.readConstant(slot, value, constant.value);
    }
    this.allRight = false;
    if (value.kind === 'name') this.reportName(slot, value, reading);
    else if (value.kind !== 'broken')
      this.report(this.diagnose(slot, value, reading, detailsOf(slot, value, reading)));
    return undefined;
  }

  /** `meaning` is what the constant of that name stands for; undefined where it is wrong itself, which has been reported. */
  private readConstant(slot: Slot, name: NameValue, meaning: Value | undefined): Resolved | undefined {
    const reading = meaning && slot.type.read(meaning);
    if (reading !== undefined && 'value' in reading) return reading.value;
    this.allRight = false;
    if (meaning === undefined || reading === undefined) return undefined;
    const message = `${quote(name.text)} is ${quote(meaning.text)} here`;
    const related = [{ span: meaning.span, message }];
    // What would have to be changed stands elsewhere, so there is no fix.
    const help = reading.wrong === 'bounds' ? reading.help : undefined;
    this.report(this.diagnose(slot, { ...meaning, span: name.span }, reading, { related, help }));
    return undefined;
  }

  /** Reports a name that is neither an option nor a constant. */
  private reportName(slot: Slot, name: NameValue, reading: Wrong): void {
    let details = detailsOf(slot, name, reading);
    // A key among the values of another stands there for want of a value; and an option is likelier to be meant.
    if (!this.siblings.has(name.text) && details.fix === undefined) {
      details = this.constants.help(name, (value) => 'value' in slot.type.read(value));
      const isKnown = details.help !== undefined;
      if (!isKnown && this.constants.mayHoldMore) return;
    }
    this.report(this.diagnose(slot, name, reading, details));
  }

  private diagnose({ type }: Slot, value: Value, reading: Wrong, details: DiagnosticDetails): Diagnostic {
    const { key } = this.entry;
    const { span, text } = value;
    switch (reading.wrong) {
      case 'kind':
        return this.wrongKind(value, type.label, details);
      case 'bounds':
        return diagnostics.outOfBounds.at(span, { key, found: text, bounds: reading.bounds }, details);
      case 'order':
        return diagnostics.rangeReversed.at(span, { key, found: text, swapped: swapped(text) }, details);
      case 'option': {
        const options = Object.keys(type.options ?? {});
        return diagnostics.unknownOption.at(span, { key, found: text, options }, details);
      }
    }
  }

  private wrongKind(value: Value, wanted: string, details: DiagnosticDetails): Diagnostic {
    const { key, example } = this.entry;
    const values = { key, wanted, found: describeValue(value), example };
    return diagnostics.wrongValue.at(value.span, values, details);
  }
}

type Wrong = Exclude<Reading, { value: Resolved }>;

/** What a value that was written wrong was probably meant to be. */
function detailsOf({ type }: Slot, { text, span }: Value, reading: Wrong): DiagnosticDetails {
  switch (reading.wrong) {
    case 'kind':
      return {};
    case 'bounds':
      return { help: reading.help };
    case 'order':
      return { fix: replacement(span, swapped(text)) };
    case 'option': {
      const meant = suggest(text, Object.keys(type.options ?? {}));
      return meant === undefined ? {} : suggestion(span, meant);
    }
  }
}

/** A range with its ends in the other order. */
function swapped(range: string): string {
  return range.split('..').reverse().join('..');
}
