import { afterEach, describe, expect, test, vi } from 'vitest';
import { colorsFor as compilerColors } from '../../compiler/cli/colors.ts';
import { runCommandLine } from '../../runtime/cli/run-command-line.ts';
import { colorsFor as runtimeColors } from '../../runtime/colors.ts';
import { quietView } from '../../runtime/train/run-view.ts';
import { UserError } from '../../runtime/user-error.ts';

// The compiler and the runtime do not import each other, so each has its copy of the rule.
describe.each([
  ['the compiler', compilerColors],
  ['the runtime', runtimeColors],
])('%s has colours', (_, colorsFor) => {
  test.each([
    ['on a terminal', true, {}, true],
    ['not in a pipe', false, {}, false],
    ['not in the log of a CI', false, { CI: 'true' }, false],
    ['not on a terminal that has none', true, { TERM: 'dumb' }, false],
    ['not where NO_COLOR is set', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['where NO_COLOR is empty', true, { NO_COLOR: '' }, true],
    ['in a pipe where FORCE_COLOR is set', false, { FORCE_COLOR: '1' }, true],
    ['not where FORCE_COLOR is 0', true, { FORCE_COLOR: '0' }, false],
  ])('%s', (_, isTTY, environment, expected) => {
    expect(colorsFor(memory(isTTY), environment).isColorSupported).toBe(expected);
  });
});

afterEach(() => vi.unstubAllEnvs());

/** A stream that remembers. */
function memory(isTTY: boolean) {
  const texts: string[] = [];
  return { isTTY, texts, write: (text: string) => texts.push(text) };
}

test('errors and warnings are coloured for the stream that they go to, not for stdout', async () => {
  vi.stubEnv('TERM', 'xterm');
  for (const isTTY of [true, false]) {
    const stderr = memory(isTTY);
    const fails = { parseAsync: () => Promise.reject(new UserError('the disk is full', 'free some space')) };
    await runCommandLine(fails, [], { stdout: memory(!isTTY), stderr }, () => 0);
    quietView(stderr).warn('the disk is nearly full');
    expect(stderr.texts).toEqual(
      isTTY
        ? [
            '\x1b[31merror\x1b[39m  the disk is full\n\x1b[36mhelp\x1b[39m   free some space\n',
            '\x1b[33mwarning\x1b[39m  the disk is nearly full\n',
          ]
        : ['error  the disk is full\nhelp   free some space\n', 'warning  the disk is nearly full\n'],
    );
  }
});
