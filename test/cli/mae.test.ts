import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { continueCommand } from '../../runtime/cli/continue-command.ts';
import { watchInterrupts } from '../../runtime/cli/interrupts.ts';
import { parseInterval, parsePositiveNumber } from '../../runtime/cli/parse-values.ts';
import { describeError } from '../../runtime/cli/run-command-line.ts';
import { colorsFor } from '../../runtime/colors.ts';
import { UserError } from '../../runtime/user-error.ts';
import { tinySpec } from '../train/tiny-run.ts';

let folder = '';
let model = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-cli-'));
  model = join(folder, 'tiny');
  await mkdir(model);
  await writeFile(join(model, 'spec.json'), JSON.stringify(tinySpec()));
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `mae` and returns its exit code and what it wrote, without colours. */
async function mae(...argv: string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const stream = (texts: string[]) => ({
    isTTY: false,
    columns: 100,
    write: (text: string) => texts.push(text),
  });
  const exitCode = await main(argv, { stdout: stream(out), stderr: stream(error) });
  const plain = (texts: string[]) => stripVTControlCharacters(texts.join(''));
  return { exitCode, out: plain(out), error: plain(error) };
}

describe('the help', () => {
  test.each([
    [['--help'], 'mae COMMAND --help'],
    [['pretrain', '--help'], 'mae pretrain generated/vit-pico --data pictures --resume'],
    [['reconstruct', '--help'], 'mae reconstruct generated/vit-pico --checkpoint'],
    [['export', '--help'], '--graph masked-autoencoder --out mae.onnx'],
    [['help', 'export'], '--graph masked-autoencoder --out mae.onnx'],
  ])('of %j is printed with examples', async (argv, example) => {
    const { exitCode, out, error } = await mae(...argv);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    expect(out).toContain('Examples:');
    expect(out).toContain(example);
  });

  test('names every option of pretrain', async () => {
    const { out } = await mae('pretrain', '--help');
    const options = [
      'data',
      'out',
      'engine',
      'epochs',
      'batch',
      'accumulation',
      'lr',
      'warmup',
      'seed',
      'resume',
    ];
    const others = ['overwrite', 'from', 'save-every', 'draw-every', 'steps', 'threads', 'quiet'];
    for (const option of [...options, ...others]) expect(out).toContain(`--${option}`);
  });

  test('is what a bare mae prints, as a mistake', async () => {
    const { exitCode, error } = await mae();
    expect(exitCode).toBe(2);
    expect(error).toContain('Examples:');
  });
});

describe('a wrong command line ends with 2 and says what is wrong', () => {
  const pretrain = (...more: string[]) => ['pretrain', 'generated/x', '--data', 'pictures', ...more];
  test.each<[string[], string[]]>([
    [['pretrian'], ["unknown command 'pretrian'", 'Did you mean pretrain?']],
    [pretrain('--epoch', '5'), ["unknown option '--epoch'", 'Did you mean --epochs?']],
    [['pretrain', 'generated/x'], ["required option '--data <path>' not specified"]],
    [['pretrain', '--data', 'pictures'], ["missing required argument 'model'"]],
    [pretrain('--epochs', '-5'), ["'--epochs <number>' argument '-5' is invalid", 'a number above 0']],
    [pretrain('--epochs', 'NaN'), ["argument 'NaN' is invalid"]],
    [pretrain('--epochs', 'Infinity'), ["argument 'Infinity' is invalid"]],
    [pretrain('--lr', '0'), ["'--lr <number>' argument '0' is invalid"]],
    [pretrain('--batch', '2.5'), ["argument '2.5' is invalid", 'a whole number above 0']],
    [pretrain('--batch', '0x10'), ["argument '0x10' is invalid"]],
    [pretrain('--threads', '100000'), ["argument '100000' is invalid", 'from 1 to 1024']],
    [pretrain('--accumulation', '0'), ["argument '0' is invalid"]],
    [pretrain('--warmup', '-1'), ["argument '-1' is invalid", 'a number, 0 or more']],
    [pretrain('--seed', '1e99'), ["argument '1e99' is invalid", 'a whole number, 0 or more']],
    [pretrain('--save-every', '5h'), ["argument '5h' is invalid", 'minutes (10m)']],
    [pretrain('--engine', 'torch'), ["argument 'torch' is invalid", 'onnx, tfjs']],
    [pretrain('--resume', '--overwrite'), ["'--resume' cannot be used with option '--overwrite'"]],
    [pretrain('--resume', '--from', 'x'), ["'--resume' cannot be used with option '--from"]],
    [pretrain('more'), ['too many arguments']],
    [['reconstruct', 'generated/x', '--checkpoint', 'c'], ['name pictures to draw, or a folder with --data']],
    [
      ['reconstruct', 'generated/x', '--checkpoint', 'c', '--data', 'd', 'x.png'],
      ['name pictures to draw, or a folder with --data, not both'],
    ],
    [['export', 'generated/x'], ["required option '--checkpoint <file>' not specified"]],
    [['export', 'x', '--checkpoint', 'c', '--graph', 'decoder'], ['encoder, masked-autoencoder']],
  ])('%j', async (argv, parts) => {
    const { exitCode, out, error } = await mae(...argv);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    for (const part of parts) expect(error).toContain(part);
    expect(error).not.toMatch(/^\s+at /m);
  });
});

describe('what is wrong outside ends with 1, a message and help', () => {
  test.each<[string, (place: { folder: string; model: string }) => string[], string[]]>([
    [
      'no such model',
      ({ folder: at }) => ['pretrain', join(at, 'none'), '--data', at],
      ['there is no compiled model at', 'mae-compile'],
    ],
    [
      'no such folder of pictures',
      ({ folder: at, model: of }) => ['pretrain', of, '--data', join(at, 'none'), '--out', join(at, 'run')],
      ['none: no such file or folder', 'check the path'],
    ],
    [
      'a folder without pictures',
      ({ folder: at, model: of }) => ['pretrain', of, '--data', join(at, 'empty'), '--out', join(at, 'run')],
      ['no pictures in'],
    ],
    [
      'a missing checkpoint',
      ({ folder: at, model: of }) => ['reconstruct', of, '--checkpoint', join(at, 'none'), join(at, 'x.png')],
      ['x.png: the file is missing'],
    ],
    [
      'a graph that was not compiled',
      ({ folder: at, model: of }) => ['export', of, '--checkpoint', join(at, 'none')],
      ['the graph encoder of tiny is missing', 'run mae-compile'],
    ],
  ])('%s', async (_, argv, parts) => {
    const { exitCode, error } = await mae(...argv({ folder, model }));
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^error {2}/);
    for (const part of parts) expect(error).toContain(part);
    expect(error).not.toMatch(/^\s+at /m);
    expect((await readdir(folder)).sort()).toEqual(['empty', 'tiny']);
  });
});

describe('an error is described', () => {
  const plain = (error: unknown) => describeError(error, colorsFor({ isTTY: false }));

  test('with its help, line by line', () => {
    expect(plain(new UserError('the disk is full', 'free some space\nor use another disk'))).toBe(
      'error  the disk is full\nhelp   free some space\nhelp   or use another disk\n',
    );
  });

  test('without a stack when it is ours, but for those who ask', () => {
    const error = new TypeError('x is undefined');
    expect(plain(error)).toBe(
      'error  internal error: x is undefined\nhelp   this is a fault of the program: set MAE_DEBUG=1 to see where it happened\n',
    );
    vi.stubEnv('MAE_DEBUG', '1');
    try {
      expect(plain(error)).toMatch(/\n {4}at .*mae\.test\.ts/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the command that goes on', () => {
  test('keeps what the run is, drops what was for once', () => {
    const argv = [
      '--data',
      'my pictures',
      '--overwrite',
      '--from',
      'a.safetensors',
      '--steps=5',
      '--batch',
      '64',
    ];
    expect(continueCommand('node generated/vit-pico/pretrain.js', argv)).toBe(
      "node generated/vit-pico/pretrain.js --data 'my pictures' --batch 64 --resume",
    );
    const parts = [
      'finetune',
      'm',
      '--from',
      'w',
      '--reinitialize',
      'head',
      'decoder',
      '--data',
      'd',
      '--force',
    ];
    expect(continueCommand('mae', parts)).toBe('mae finetune m --data d --resume');
    expect(continueCommand('mae', ['pretrain', 'm', '--data', "it's", '--resume', '--steps', '9'])).toBe(
      "mae pretrain m --data 'it'\\''s' --resume",
    );
  });
});

describe('interrupts', () => {
  /** Signals and a clock in the test's hands. */
  function watched() {
    const listeners = new Set<() => void>();
    const clock = { now: 0 };
    const source = {
      on: (_: string, listener: () => void) => listeners.add(listener),
      off: (_: string, listener: () => void) => listeners.delete(listener),
    };
    const reactions = { first: vi.fn(), second: vi.fn() };
    const interrupts = watchInterrupts(reactions, source, () => clock.now);
    const press = () => {
      for (const listener of listeners) listener();
    };
    return { press, clock, reactions, interrupts, listeners };
  }

  test('the first aborts, the second ends at once', () => {
    const { press, clock, reactions, interrupts, listeners } = watched();
    expect(interrupts.signal.aborted).toBe(false);
    press();
    expect(interrupts.signal.aborted).toBe(true);
    expect(reactions.first).toHaveBeenCalledTimes(1);
    expect(reactions.second).not.toHaveBeenCalled();
    clock.now = 5000;
    press();
    expect(reactions.second).toHaveBeenCalledTimes(1);
    interrupts.close();
    expect(listeners.size).toBe(0);
  });

  test('one press that is heard twice is one', () => {
    const { press, clock, reactions } = watched();
    press();
    clock.now = 900;
    press();
    expect(reactions.first).toHaveBeenCalledTimes(1);
    expect(reactions.second).not.toHaveBeenCalled();
  });
});

describe('values', () => {
  test('intervals are epochs or minutes', () => {
    expect(parseInterval('5')).toEqual({ epochs: 5 });
    expect(parseInterval('0')).toEqual({ epochs: 0 });
    expect(parseInterval('10m')).toEqual({ minutes: 10 });
    expect(parseInterval('2.5 minutes')).toEqual({ minutes: 2.5 });
    for (const wrong of ['', 'm', '2.5', '-1', '-1m', '10s']) expect(() => parseInterval(wrong)).toThrow();
  });

  test('numbers may have an exponent', () => {
    expect(parsePositiveNumber('1.5e-4')).toBe(1.5e-4);
    expect(parsePositiveNumber('.5')).toBe(0.5);
    for (const wrong of ['', ' ', '1e', '1,5', '1e999', 'e5'])
      expect(() => parsePositiveNumber(wrong)).toThrow();
  });
});
