import type { Related } from '../diagnostic.ts';
import type { Span } from '../span.ts';

/** The related places of a diagnostic: one, or none where a value is a default and stands nowhere. */
export function relatedTo(span: Span | undefined, message: string): Related[] {
  return span === undefined ? [] : [{ span, message }];
}
