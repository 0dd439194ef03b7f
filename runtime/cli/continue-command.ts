/** Options that a resumed run does not take over, and how many values each has. */
const DROPPED: ReadonlyMap<string, 'none' | 'one' | 'several'> = new Map([
  ['--resume', 'none'],
  ['--overwrite', 'none'],
  ['--force', 'none'],
  ['--scratch', 'none'],
  ['--from', 'one'],
  ['--positions', 'one'],
  ['--channels', 'one'],
  ['--reinitialize', 'several'],
  ['--steps', 'one'],
]);

/** The command line that goes on with a run which was begun by `start` with these arguments. */
export function continueCommand(start: string, argv: readonly string[]): string {
  const kept: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    const [name = ''] = argument.split('=', 1);
    const values = DROPPED.get(name);
    if (values === undefined) kept.push(argument);
    else if (values === 'one' && !argument.includes('=')) i++;
    else if (values === 'several') while (argv[i + 1]?.startsWith('-') === false) i++;
  }
  return [start, ...kept.map(quoted), '--resume'].join(' ');
}

/** An argument as a POSIX shell reads it back. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
