import { formatSource } from '../../language/format/format-source.ts';
import { SourceText } from '../../language/source-text.ts';
import { readText } from '../source-files.ts';
import { SourceError } from '../system-errors.ts';

/** A .mae file in its canonical layout; as it is where it has mistakes. */
export function textOfSpec(file: string): string {
  const text = readText(file);
  if (typeof text !== 'string') {
    throw new SourceError(
      `cannot read ${file}: ${text?.because ?? 'there is no such file'}`,
      'name a .mae file',
    );
  }
  const formatted = formatSource(new SourceText(file, text));
  return 'text' in formatted ? formatted.text : text;
}
