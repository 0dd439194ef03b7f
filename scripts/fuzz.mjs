// Fuzzes the language for as long as one likes: `npm run fuzz -- 200000` checks so many random specs of each kind, other ones
// every time. A failure prints the seed and the path that bring it back.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [text = '100000'] = process.argv.slice(2);
const runs = Number(text);
if (!Number.isSafeInteger(runs) || runs < 1) {
  console.error(`error  ${text} is no number of runs\nhelp   npm run fuzz -- 100000`);
  process.exit(2);
}

// Some 2,000 specs a second, and ten times as long on a busy machine.
const timeout = 60_000 + runs * 5;
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', 'test/language/fuzz.test.ts', '--testTimeout', String(timeout)],
  { stdio: 'inherit', env: { ...process.env, MAE_FUZZ_RUNS: String(runs) } },
);
process.exit(status ?? 1);
