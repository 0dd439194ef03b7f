import { open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../runtime/user-error.ts';
import { SafetensorsFile, writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { TENSOR_TYPES } from '../../runtime/weights/tensor-types.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { temporaryFolder } from './temporary-folder.ts';

const temporary = temporaryFolder();

/**
 * What the Python package (safetensors 0.8.0) writes of the tensors below and the metadata {"format": "pt"}.
 */
const WRITTEN_BY_PYTHON = Buffer.from(
  'AAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCIxMCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZz' +
    'ZXRzIjpbMCwwXX0sIjkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzAsNF19LCJhIjp7ImR0eXBlIjoiRjMyIiwi' +
    'c2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNCwxMl19LCJiIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDNdLCJkYXRhX29mZnNldHMiOlsx' +
    'MiwyNF19fSAgICAgAADgQM3MzD3CFgGAAADAPwAAAMAAAFBA',
  'base64',
);
const TENSORS = [
  { name: 'b', shape: [1, 3], data: Float32Array.of(1.5, -2, 3.25) },
  { name: 'a', shape: [2], data: Float32Array.of(0.1, -1e-40) },
  { name: '10', shape: [0, 3], data: new Float32Array(0) },
  { name: '9', shape: [], data: Float32Array.of(7) },
];

/** A file's bytes, from the text of its header and its data. */
function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const json = Buffer.from(header, 'utf8');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

async function openBytes(bytes: Uint8Array, name = 'some.safetensors'): Promise<SafetensorsFile> {
  await writeFile(temporary(name), bytes);
  return SafetensorsFile.open(temporary(name));
}

/** The message with which a file of these bytes is refused; fails when it is not, or not by a `UserError`. */
async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await (await openBytes(bytes)).close();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('writing', () => {
  test('writes byte for byte what the reference implementation writes', async () => {
    await writeSafetensors(temporary('written.safetensors'), TENSORS, { format: 'pt' });
    expect(await readFile(temporary('written.safetensors'))).toEqual(WRITTEN_BY_PYTHON);
  });

  test('asks for data one tensor at a time, in the order of the file', async () => {
    const asked: string[] = [];
    const onDemand = ['z', 'y', 'x'].map((name) => ({
      name,
      shape: [1],
      get data() {
        asked.push(name);
        return Float32Array.of(name.charCodeAt(0));
      },
    }));
    await writeSafetensors(temporary('on-demand.safetensors'), onDemand);
    expect(asked).toEqual(['x', 'y', 'z']);
  });

  test('leaves the old file and nothing else when a tensor cannot be had', async () => {
    const path = temporary('kept/weights.safetensors');
    await writeSafetensors(path, TENSORS);
    const before = await readFile(path);
    const failing = {
      name: 'z',
      shape: [2],
      get data(): Float32Array {
        throw new Error('the device is gone');
      },
    };
    await expect(writeSafetensors(path, [...TENSORS, failing])).rejects.toThrow('the device is gone');
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(dirname(path))).toEqual(['weights.safetensors']);
  });

  test('refuses two tensors of one name, and data that does not fill its shape', async () => {
    const path = temporary('wrong.safetensors');
    const one = { name: 'a', shape: [2], data: Float32Array.of(1, 2) };
    await expect(writeSafetensors(path, [one, one])).rejects.toThrow('two tensors a');
    await expect(writeSafetensors(path, [{ ...one, shape: [3] }])).rejects.toThrow('2 numbers');
  });
});

describe('reading', () => {
  test('reads what the reference implementation wrote', async () => {
    const file = await openBytes(WRITTEN_BY_PYTHON);
    expect(file.metadata).toEqual(new Map([['format', 'pt']]));
    for (const { name, shape, data } of TENSORS) {
      expect(file.tensors.get(name)?.shape).toEqual(shape);
      expect(await file.read(name)).toEqual(data);
    }
    expect(file.tensors.size).toBe(TENSORS.length);
    await expect(file.read('c')).rejects.toThrow('no tensor c');
    await expect(file.readInto('b', new Float32Array(4))).rejects.toThrow('3 elements');
    await file.close();
  });

  // Bytes by hand from the definitions of the types.
  const cases: Record<string, { hex: string; values: number[] }> = {
    F64: { hex: '000000000000f03f 0000000000000cc0', values: [1, -3.5] },
    F32: { hex: '0000803f 00000080', values: [1, -0] },
    F16: {
      hex: '003c 00c0 ff7b 0100 ff03 0004 007c 00fc 007e 0080',
      values: [1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, Infinity, -Infinity, Number.NaN, -0],
    },
    BF16: { hex: '803f 20c1 807f c07f 0080', values: [1, -10, Infinity, Number.NaN, -0] },
    I64: { hex: 'ffffffffffffffff 0000000001000000', values: [-1, 2 ** 32] },
    U64: { hex: '0000000000000080 0500000000000000', values: [2 ** 63, 5] },
    I32: { hex: 'feffffff 01000000', values: [-2, 1] },
    U32: { hex: 'feffffff 01000000', values: [4294967294, 1] },
    I16: { hex: 'feff 0100', values: [-2, 1] },
    U16: { hex: 'feff 0100', values: [65534, 1] },
    I8: { hex: 'fe 01', values: [-2, 1] },
    U8: { hex: 'fe 01', values: [254, 1] },
    BOOL: { hex: '01 00', values: [1, 0] },
  };
  test('covers every type', () => {
    expect(Object.keys(cases)).toEqual([...TENSOR_TYPES.keys()]);
  });
  test.each(Object.entries(cases))('converts %s', async (type, { hex, values }) => {
    const data = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const header = { x: { dtype: type, shape: [values.length], data_offsets: [0, data.length] } };
    const file = await openBytes(fileOf(JSON.stringify(header), data));
    expect(await file.readFloat64('x')).toEqual(Float64Array.from(values));
    expect(await file.read('x')).toEqual(Float32Array.from(values));
    await file.close();
  });

  test('reads tensors longer than a chunk, and beyond 2 GiB of file', async () => {
    const path = temporary('large.safetensors');
    const gap = 2 ** 31 + 8;
    const long = Float64Array.from({ length: 2 ** 20 + 3 }, (_, i) => i / 3);
    const header = JSON.stringify({
      gap: { dtype: 'U8', shape: [gap], data_offsets: [0, gap] },
      long: { dtype: 'F64', shape: [long.length], data_offsets: [gap, gap + long.byteLength] },
    });
    const start = fileOf(header);
    await writeFile(path, start);
    // The gap takes no room on the disk.
    const handle = await open(path, 'r+');
    await handle.write(new Uint8Array(long.buffer), 0, long.byteLength, start.length + gap);
    await handle.close();
    const file = await SafetensorsFile.open(path);
    expect(relativeDeviation(await file.readFloat64('long'), long)).toBe(0);
    expect(relativeDeviation(await file.read('long'), Float32Array.from(long))).toBe(0);
    await file.close();
    await truncate(path, 0);
  });
});

describe('damaged files', () => {
  const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const eight = new Uint8Array(8);
  const refused: Record<string, { bytes: Uint8Array; message: RegExp }> = {
    'an empty file': { bytes: new Uint8Array(0), message: /only 0 bytes/ },
    'a huge header length': { bytes: Buffer.alloc(64, 0xff), message: /not the length of a header/ },
    'a picture': {
      bytes: Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1'),
      message: /length of a header/,
    },
    'no JSON': { bytes: fileOf('{"a":'), message: /not JSON/ },
    'no UTF-8': {
      bytes: Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{\xff\xfe}', 'latin1')]),
      message: /not JSON/,
    },
    'an array': { bytes: fileOf('[]'), message: /not a JSON object/ },
    'metadata that are no texts': {
      bytes: fileOf('{"__metadata__":{"a":1}}'),
      message: /metadata is not a table of texts/,
    },
    'an unknown type': {
      bytes: fileOf(JSON.stringify({ a: { ...tensor, dtype: 'F8_E4M3' } }), eight),
      message: /tensor a is of type F8_E4M3, which is none of F64, F32/,
    },
    'a negative side': {
      bytes: fileOf(JSON.stringify({ a: { ...tensor, shape: [-2] } }), eight),
      message: /tensor a has no proper type/,
    },
    'a fractional offset': {
      bytes: fileOf(JSON.stringify({ a: { ...tensor, data_offsets: [0, 8.5] } }), eight),
      message: /tensor a has no proper type/,
    },
    'offsets the wrong way round': {
      bytes: fileOf(JSON.stringify({ a: { ...tensor, data_offsets: [8, 0] } }), eight),
      message: /cannot have -8 bytes/,
    },
    'a shape too large to count': {
      bytes: fileOf(JSON.stringify({ a: { ...tensor, shape: [2 ** 40, 2 ** 40] } }), eight),
      message: /cannot have 8 bytes/,
    },
    'overlapping tensors': {
      bytes: fileOf(
        JSON.stringify({ a: tensor, b: { ...tensor, data_offsets: [4, 12] } }),
        new Uint8Array(12),
      ),
      message: /tensor b overlap/,
    },
    'a gap': {
      bytes: fileOf(
        JSON.stringify({ a: tensor, b: { ...tensor, data_offsets: [12, 20] } }),
        new Uint8Array(20),
      ),
      message: /gap before the bytes of tensor b/,
    },
    'one tensor twice': {
      bytes: fileOf(`{"a":${JSON.stringify(tensor)},"a":${JSON.stringify(tensor)}}`, eight),
      message: /its header has two entries a$/,
    },
    'data cut off': {
      bytes: fileOf(JSON.stringify({ a: tensor }), new Uint8Array(7)),
      message: /it is cut off: 69 bytes of 70/,
    },
    'bytes after the data': {
      bytes: fileOf(JSON.stringify({ a: tensor }), new Uint8Array(9)),
      message: /1 bytes too many/,
    },
  };
  test.each(Object.entries(refused))('%s', async (_, { bytes, message }) => {
    expect(await refusal(bytes)).toMatch(message);
  });

  test('cut off anywhere', async () => {
    for (let length = 0; length < WRITTEN_BY_PYTHON.length; length++) {
      expect(await refusal(WRITTEN_BY_PYTHON.subarray(0, length))).toMatch(
        /some\.safetensors is not a whole/,
      );
    }
  });

  test('cut off after it was opened', async () => {
    const file = await openBytes(WRITTEN_BY_PYTHON, 'shrinking.safetensors');
    await truncate(file.path, WRITTEN_BY_PYTHON.length - 4);
    await expect(file.read('b')).rejects.toThrow('it was cut off while it was read');
    await file.close();
  });

  test('any header at all is read or refused with a message', async () => {
    const json = fc.oneof(
      fc.json(),
      fc
        .record({
          a: fc.record({
            dtype: fc.constantFrom('F32', 'U8', 4),
            shape: fc.jsonValue(),
            data_offsets: fc.jsonValue(),
          }),
        })
        .map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(json, fc.uint8Array()).map(([header, data]) => fileOf(header, data)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const outcome = await openBytes(content).then(
          async (file) => {
            for (const name of file.tensors.keys()) await file.read(name);
            await file.close();
            return 'read';
          },
          (error: unknown) => (error instanceof UserError ? 'refused' : error),
        );
        expect(['read', 'refused']).toContain(outcome);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('missing, or a folder', async () => {
    await expect(SafetensorsFile.open(temporary('none'))).rejects.toThrow(/cannot read .*none: no such file/);
    await expect(SafetensorsFile.open(temporary('.'))).rejects.toThrow(UserError);
  });
});
