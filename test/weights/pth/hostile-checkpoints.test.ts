import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../runtime/user-error.ts';
import { openWeights } from '../../../runtime/weights/open-weights.ts';
import { refusal } from '../refusal.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { call, dictionary, global, integer, pickle, tensor, text, tuple } from './build-pickle.ts';
import { buildZip, type ZipOptions } from './build-zip.ts';

const temporary = temporaryFolder();
const recorded = (name: string) => fileURLToPath(new URL(`../../fixtures/torch/${name}`, import.meta.url));

const NUMBERS = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

/** Opens a checkpoint of these bytes and reads all of it: its numbers by name. */
async function readAll(bytes: Uint8Array): Promise<Record<string, number[]>> {
  const path = temporary('some.pth');
  await writeFile(path, bytes);
  const weights = await openWeights(path);
  try {
    const read: Record<string, number[]> = {};
    for (const { name, read: numbers } of weights.tensors.values()) read[name] = [...(await numbers())];
    return read;
  } finally {
    await weights.close();
  }
}

/** A zip checkpoint of this pickle, with six numbers in storage 0. */
const zipOf = (data: Uint8Array, options?: ZipOptions) =>
  buildZip(
    [
      ['some/data.pkl', data],
      ['some/data/0', NUMBERS],
    ],
    options,
  );
const holding = (view: Parameters<typeof tensor>[0]) => zipOf(pickle(dictionary([['x', tensor(view)]])));
const SIX = { stored: 6, shape: [6], strides: [1] };

describe('what is well-formed is read', () => {
  test.each<[string, ZipOptions]>([
    ['as PyTorch writes it', {}],
    ['with the sizes of large archives', { zip64: true }],
    ['with a comment', { comment: 'made by hand' }],
  ])('%s', async (_, options) => {
    expect(await readAll(zipOf(pickle(dictionary([['x', tensor(SIX)]])), options))).toEqual({
      x: [1, 2, 3, 4, 5, 6],
    });
  });

  test('with a stride over numbers that are not its own', async () => {
    const view = { stored: 6, offset: 1, shape: [2, 2], strides: [3, 1] };
    expect(await readAll(holding(view))).toEqual({ x: [2, 3, 5, 6] });
  });
});

describe('what would run code is refused by name', () => {
  const calls: [string, Buffer][] = [
    ['posix.system', call(global('posix', 'system'), tuple(text('echo')))],
    ['os.system', call(global('os', 'system'), tuple(text('echo')))],
    ['builtins.eval', call(global('builtins', 'eval'), tuple(text('1')))],
    ['builtins.getattr', global('builtins', 'getattr')],
    ['torch._utils.os.system', global('torch._utils', 'os.system')],
    ['torch.storage._load_from_bytes', global('torch.storage', '_load_from_bytes')],
    ['torch.nn.modules.linear.Linear', global('torch.nn.modules.linear', 'Linear')],
    // STACK_GLOBAL, of newer protocols.
    ['subprocess.Popen', Buffer.concat([text('subprocess'), text('Popen'), Buffer.from([0x93])])],
  ];
  test.each(calls)('%s', async (name, code) => {
    const { message } = await refusal(readAll(zipOf(pickle(dictionary([['args', code]])))));
    expect(message).toContain(
      `asks for ${name}, which weights do not consist of; nothing in the file was run`,
    );
  });

  test('a name that is allowed, but not as a function', async () => {
    const code = call(global('torch', 'FloatStorage'), tuple(integer(3)));
    expect((await refusal(readAll(zipOf(pickle(code))))).message).toContain(
      'calls something that cannot be called',
    );
  });
});

describe('what would fill the memory is refused', () => {
  test('lists in lists of the same lists are shared, not unrolled', async () => {
    // Each of 200 lists holds the one before it ten times: 10^200 items, were they copied.
    const levels = Array.from({ length: 200 }, (_, level) =>
      Buffer.concat([
        Buffer.from(']('),
        ...Array.from({ length: 10 }, () => Buffer.from(level === 0 ? 'N' : [0x68, level - 1])),
        Buffer.from('e'),
        Buffer.from([0x71, level]),
      ]),
    );
    const laughs = Buffer.concat([
      ...levels.flatMap((level) => [level, Buffer.from('0')]),
      Buffer.from([0x68, 199]),
    ]);
    const read = readAll(
      zipOf(
        pickle(
          dictionary([
            ['args', laughs],
            ['x', tensor(SIX)],
          ]),
        ),
      ),
    );
    expect(await read).toEqual({ x: [1, 2, 3, 4, 5, 6] });
  });

  test('nesting of any depth, and a list that holds itself', async () => {
    const depth = 300_000;
    const nested = Buffer.concat([Buffer.alloc(depth, ']'), Buffer.alloc(depth - 1, 'a')]);
    // EMPTY_LIST, BINPUT 0, BINGET 0, APPEND
    const itself = Buffer.from([0x5d, 0x71, 0, 0x68, 0, 0x61]);
    const entries = [
      ['args', nested],
      ['loop', itself],
      ['x', tensor(SIX)],
    ] as const;
    expect(await readAll(zipOf(pickle(dictionary(entries))))).toEqual({ x: [1, 2, 3, 4, 5, 6] });
  });

  test('more operations than any checkpoint has', async () => {
    const { message } = await refusal(readAll(zipOf(pickle(Buffer.alloc(4_000_001, 'N0')))));
    expect(message).toContain('more than 4000000 opcodes');
  });

  test.each([
    ['a text', Buffer.from([0x58, 0xff, 0xff, 0xff, 0xff])],
    ['bytes', Buffer.from([0x8e, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0])],
    ['a length beyond all numbers', Buffer.concat([Buffer.from([0x8d]), Buffer.alloc(8, 0xff)])],
    ['an integer', Buffer.from([0x8b, 0xff, 0xff, 0, 0])],
  ])('%s longer than the file', async (_, code) => {
    const { message } = await refusal(readAll(zipOf(pickle(code))));
    expect(message).toMatch(/it is cut off|too large|integer of 65535 bytes/);
  });
});

describe('tensors that are not in their storage are refused', () => {
  test.each<[string, Parameters<typeof tensor>[0], string]>([
    ['beyond its end', { stored: 6, shape: [7], strides: [1] }, 'reaches beyond its storage: number 7 of 6'],
    ['by its offset', { ...SIX, offset: 1 }, 'number 7 of 6'],
    ['by its strides', { stored: 6, shape: [2, 2], strides: [5, 2] }, 'number 8 of 6'],
    ['said to be larger than it is', { stored: 600, shape: [600], strides: [1] }, 'number 600 of 6'],
    [
      'of a size beyond all numbers',
      { stored: 6, shape: Array(20).fill(2 ** 52), strides: Array(20).fill(1) },
      'reaches',
    ],
    ['before its start', { ...SIX, offset: -1 }, 'negative side, stride or offset'],
    ['backwards', { stored: 6, offset: 5, shape: [6], strides: [-1] }, 'negative side, stride or offset'],
    ['of a negative side', { stored: 6, shape: [-1], strides: [1] }, 'negative side'],
    [
      'one number a billion times',
      { stored: 6, shape: [1e9], strides: [0] },
      'repeats numbers: 1000000000 of 1',
    ],
    ['overlapping rows', { stored: 6, shape: [4, 3], strides: [1, 1] }, 'repeats numbers: 12 of 6'],
    ['of more sides than strides', { stored: 6, shape: [2, 3], strides: [1] }, 'not as PyTorch writes it'],
    [
      'of too many sides',
      { stored: 6, shape: Array(65).fill(1), strides: Array(65).fill(1) },
      'not as PyTorch',
    ],
    ['of no storage', { ...SIX, key: '9' }, 'has no numbers in the file (storage 9)'],
    ['of another folder', { ...SIX, key: '../data.pkl' }, 'has no numbers in the file'],
    ['of a type that is not read', { ...SIX, type: 'ComplexFloatStorage' }, 'is of type ComplexFloat'],
  ])('%s', async (_, view, reason) => {
    expect((await refusal(readAll(holding(view)))).message).toContain(reason);
  });
});

describe('damaged archives are refused', () => {
  const data = pickle(dictionary([['x', tensor(SIX)]]));
  const cases: [string, Buffer, string][] = [
    ['compressed', zipOf(data, { damage: (entry) => entry.writeUInt16LE(8, 10) }), 'is compressed'],
    ['encrypted', zipOf(data, { damage: (entry) => entry.writeUInt16LE(1, 8) }), 'is encrypted'],
    ['of two sizes', zipOf(data, { damage: (entry) => entry.writeUInt32LE(1, 20) }), 'has two sizes'],
    [
      'with entries beyond the end',
      zipOf(data, { damage: (entry) => [20, 24].map((at) => entry.writeUInt32LE(1e9, at)) }),
      'does not lie inside it',
    ],
    ['with overlapping entries', zipOf(data, { damage: (entry) => entry.writeUInt32LE(0, 42) }), 'overlap'],
    [
      'with an entry twice',
      buildZip([
        ['a/data.pkl', data],
        ['a/data.pkl', data],
      ]),
      'two entries a/data.pkl',
    ],
    [
      'of TorchScript',
      buildZip([
        ['a/data.pkl', data],
        ['a/constants.pkl', data],
      ]),
      'TorchScript',
    ],
    ['of something else', buildZip([['weights.npy', data]]), 'zip archive without data.pkl'],
    [
      'big-endian',
      buildZip([
        ['a/data.pkl', data],
        ['a/byteorder', Buffer.from('big')],
      ]),
      'not little-endian',
    ],
    [
      'without weights',
      zipOf(pickle(dictionary([['epoch', integer(3)]]))),
      'it holds no weights, at the top or',
    ],
    ['without a table', zipOf(pickle(text('hello'))), 'does not hold a table of tensors'],
    ['with an unknown opcode', zipOf(Buffer.from([0x80, 2, 0xff])), 'unknown opcode 0xff at 2'],
    ['of a newer protocol', zipOf(Buffer.from([0x80, 9, 0x4e, 0x2e])), 'of protocol 9'],
    ['that is an empty pickle', zipOf(Buffer.alloc(0)), 'it is cut off'],
    ['that takes from an empty stack', zipOf(Buffer.from('R.')), 'takes a value where there is none'],
    ['that recalls nothing', zipOf(Buffer.from('h\x07.')), 'recalls a value that it never stored'],
  ];
  test.each(cases)('%s', async (_, bytes, reason) => {
    expect((await refusal(readAll(bytes))).message).toContain(reason);
  });

  test.each(['checkpoint-2.15-zip.pth', 'checkpoint-2.15-legacy.pth'])(
    '%s cut off anywhere',
    async (name) => {
      const bytes = await readFile(recorded(name));
      for (let length = 0; length < bytes.length; length += 97) {
        expect((await refusal(readAll(bytes.subarray(0, length)))).message).toMatch(/some\.pth/);
      }
    },
  );

  test.each(['state-2.15-zip.pth', 'state-2.15-legacy.pth', 'state-1.13-zip.pth'])(
    '%s with any bytes changed is read or refused',
    async (name) => {
      const bytes = await readFile(recorded(name));
      const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          const outcome = await readAll(changed).then(
            () => 'read',
            (error: unknown) => (error instanceof UserError ? 'refused' : error),
          );
          expect(['read', 'refused']).toContain(outcome);
        }),
        { seed: 3, numRuns: 200 },
      );
    },
  );
});

test('a pickle that is no checkpoint is told from one', async () => {
  expect((await refusal(readAll(pickle(text('hello'))))).message).toContain(
    'a pickle, but no PyTorch checkpoint',
  );
});
