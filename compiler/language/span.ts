/** A stretch of a spec's text. Offsets count UTF-16 code units from 0; lines and columns count from 1. */
export interface Span {
  /** The file as the user named it, with forward slashes. */
  readonly file: string;
  readonly start: number;
  /** One past the last code unit. */
  readonly end: number;
  readonly line: number;
  readonly column: number;
}
