/** Options that a resumed run does not take over, and whether each has a value. */
const DROPPED: ReadonlyMap<string, boolean> = new Map([
  ['--resume', false],
  ['--overwrite', false],
  ['--force', false],
  ['--scratch', false],
  ['--from', true],
  ['--positions', true],
  ['--channels', true],
  ['--reinitialize', true],
  ['--steps', true],
]);

/** The command line that goes on with a run which was begun by `start` with these arguments. */
export function continueCommand(start: string, argv: readonly string[]): string {
  const kept: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    const [name = ''] = argument.split('=', 1);
    const hasValue = DROPPED.get(name);
    if (hasValue === undefined) kept.push(argument);
    else if (hasValue && !argument.includes('=')) i++;
  }
  return [start, ...kept.map(quoted), '--resume'].join(' ');
}

/** An argument as a POSIX shell reads it back. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
