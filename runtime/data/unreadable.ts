/** The words of libraries and of the system for what is wrong with a picture, in better ones where they say little. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/unsupported image format/, 'it is not a picture of a known format'],
  [/^ENOENT|file is missing/, 'the file is missing'],
  [/^(EACCES|EPERM)/, 'you may not read it'],
  [/^EISDIR/, 'it is a folder'],
  [/Input Buffer is empty/, 'it is empty'],
  [/^(Unknown error)?$|libpng read error|bad seek/, 'its content is damaged'],
];

/** Why a picture cannot be read, on one line. */
export function whyUnreadable(error: unknown): string {
  // The library repeats itself on further lines.
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return REASONS.find(([words]) => words.test(line))?.[1] ?? line;
}
