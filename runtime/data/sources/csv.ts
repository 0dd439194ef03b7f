import { UserError } from '../../user-error.ts';

/** A row, and the line of the file that it begins on. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The rows of a CSV text (RFC 4180): fields in double quotes may hold commas, line ends and doubled quotes; lines end with LF or CRLF; a
 * byte order mark and empty lines are passed over.
 *
 * @throws UserError for quotes that do not end, naming `path` and the line.
 */
export function parseCsv(text: string, path: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  field.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  let began = 1;
  let fields: string[] = [];
  while (field.lastIndex < text.length || fields.length > 0) {
    const match = field.exec(text);
    if (match === null) {
      throw new UserError(
        `${path}, line ${line}: a quote is not where a field begins or ends`,
        'a field with quotes or commas in it stands in quotes, its own quotes doubled: "a ""b"", c"',
      );
    }
    const [whole, quoted, plain = '', end = ''] = match;
    fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: began, fields });
    fields = [];
    began = line;
  }
  return rows;
}
