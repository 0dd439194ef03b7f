import type { Refusal } from '../../diff/sides/spec-json.ts';
import { SourceError } from '../system-errors.ts';

/** What was read. Throws a `SourceError` where it was refused. */
export function granted<Value>(read: Value | Refusal, label: string): Value {
  if (isRefusal(read)) throw unreadable(label, read);
  return read;
}

function isRefusal(read: unknown): read is Refusal {
  return typeof read === 'object' && read !== null && 'because' in read;
}

export function unreadable(label: string, { because, help }: Refusal): SourceError {
  return new SourceError(`cannot read ${label}: ${because}`, help);
}
