import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openWeights } from '../../../runtime/weights/open-weights.ts';
import { refusal } from '../refusal.ts';

/** Written by ../record/torch-checkpoints.py, which says what is in them. */
const recorded = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/torch/${name}.pth`, import.meta.url));

/** base = 0..23 as [4, 6]; everything by hand from the script and the definitions of the types. */
const EXPECTED: Record<string, { shape: number[]; values: number[] }> = {
  plain: { shape: [1, 3], values: [0.5, -2, 3.25] },
  transposed: {
    shape: [6, 4],
    values: [0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23],
  },
  corner: { shape: [2, 3], values: [8, 9, 10, 14, 15, 16] },
  column: { shape: [4], values: [3, 9, 15, 21] },
  scalar: { shape: [], values: [7.5] },
  empty: { shape: [0, 3], values: [] },
  double: { shape: [1], values: [Math.fround(0.1)] },
  half: { shape: [3], values: [1, 65504, 2 ** -24] },
  bfloat: { shape: [2], values: [1, -3.140625] },
  long: { shape: [2], values: [-1, 2 ** 40] },
  int: { shape: [1], values: [-(2 ** 31)] },
  short: { shape: [1], values: [-(2 ** 15)] },
  char: { shape: [1], values: [-128] },
  byte: { shape: [1], values: [255] },
  bool: { shape: [2], values: [1, 0] },
  parameter: { shape: [2], values: [1, 1] },
};

const FILES = ['1.13', '2.15'].flatMap((version) =>
  ['zip', 'legacy'].map((format) => ({
    version,
    format,
    kind: format === 'zip' ? 'pytorch' : 'pytorch-legacy',
  })),
);

describe.each(FILES)('a checkpoint of PyTorch $version, $format', ({ version, format, kind }) => {
  test('is read, whatever its types and strides', async () => {
    const weights = await openWeights(recorded(`checkpoint-${version}-${format}`));
    const read: typeof EXPECTED = {};
    for (const tensor of weights.tensors.values()) {
      read[tensor.name] = { shape: [...tensor.shape], values: [...(await tensor.read())] };
    }
    await weights.close();
    expect(read).toEqual(EXPECTED);
    expect(weights.format).toBe(kind);
    expect(weights.naming).toBeUndefined();
  });

  test('tells what it says beside its tensors', async () => {
    const weights = await openWeights(recorded(`checkpoint-${version}-${format}`));
    await weights.close();
    expect(Object.fromEntries(weights.metadata)).toEqual({
      epoch: '3',
      'args.blr': '0.00015',
      'args.output_dir': './out',
      'args.distributed': 'true',
    });
  });

  test("may be a module's state alone", async () => {
    const weights = await openWeights(recorded(`state-${version}-${format}`));
    expect([...weights.tensors.keys()]).toEqual(['0.weight', '0.bias']);
    expect(await weights.tensors.get('0.weight')?.read()).toEqual(Float32Array.of(1.5, -2.5));
    expect(await weights.tensors.get('0.bias')?.read()).toEqual(Float32Array.of(0.25));
    await weights.close();
  });
});

test('a checkpoint with a pickle of the newest protocol is read all the same', async () => {
  const [newest, usual] = await Promise.all(
    ['checkpoint-2.15-protocol-5', 'checkpoint-2.15-zip'].map((name) => openWeights(recorded(name))),
  );
  expect(newest?.metadata).toEqual(usual?.metadata);
  expect([...(newest?.tensors.keys() ?? [])]).toEqual(Object.keys(EXPECTED));
  for (const [name, { read }] of newest?.tensors ?? [])
    expect([...(await read())]).toEqual(EXPECTED[name]?.values);
  await newest?.close();
  await usual?.close();
});

test('a whole module, which would need its code, is refused by the name of its class', async () => {
  const { message, help } = await refusal(openWeights(recorded('module-2.15-zip')));
  expect(message).toContain('asks for torch.nn.modules.linear.Linear, which weights do not consist of');
  expect(message).toContain('nothing in the file was run');
  expect(help).toContain('model.state_dict()');
});
