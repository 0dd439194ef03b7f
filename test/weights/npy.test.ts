import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../runtime/user-error.ts';
import { NpyFile, writeNpy } from '../../runtime/weights/npy.ts';
import { formatNpyHeader, parseNpyHeader } from '../../runtime/weights/npy-header.ts';
import { scratchFolder } from '../data/scratch-folder.ts';
import recorded from './numpy-files.json' with { type: 'json' };

/** Files as numpy writes them, and the numbers in them: recorded by record/numpy-files.py. */
type Case = {
  readonly numpy: string;
  readonly shape?: readonly number[];
  readonly values?: readonly number[];
};
const cases: Readonly<Record<string, Case>> = recorded.cases;

function bytesOf(name: string): Buffer {
  const found = cases[name];
  if (found === undefined) throw new Error(`no case ${name}`);
  return Buffer.from(found.numpy, 'base64');
}

async function opened(bytes: Uint8Array): Promise<NpyFile> {
  const path = join(await scratchFolder({}), 'array.npy');
  await writeFile(path, bytes);
  return NpyFile.open(path);
}

async function refusal(bytes: Uint8Array): Promise<UserError> {
  const error = await opened(bytes).catch((reason: unknown) => reason);
  if (!(error instanceof UserError)) throw new Error('no UserError', { cause: error });
  return error;
}

describe('reading a .npy file', () => {
  const readable = Object.entries(cases).filter(([name]) => !name.startsWith('refused'));

  it.each(readable)('reads what numpy wrote: %s', async (name, { shape, values }) => {
    const file = await opened(bytesOf(name));
    const numbers = new Float64Array(file.header.elements);
    await file.readInto(numbers);
    await file.close();
    expect(file.shape).toEqual(shape);
    expect([...numbers]).toEqual(values);
  });

  it('reads a part, into any number type', async () => {
    const file = await opened(bytesOf('int32'));
    const part = new Int32Array(3);
    await file.readInto(part, 2);
    expect([...part]).toEqual([0, 7, 2147483647]);
    await expect(file.readInto(part, 3)).rejects.toThrow(RangeError);
    expect([...(await file.read())]).toEqual([-(2 ** 31), -1, 0, 7, Math.fround(2 ** 31 - 1)]);
    await file.close();
  });

  it.each([
    ['refused fortran', /its numbers lie in Fortran order; save numpy\.ascontiguousarray/],
    ['refused big-endian', /its elements are of type '>f4', and those that can be read are <f8, <f4/],
    ['refused text', /its elements are of type '<U3'/],
    ['refused structure', /its elements are not plain numbers/],
    ['refused complex', /its elements are of type '<c8'/],
  ])('says why it does not read: %s', async (name, message) => {
    expect((await refusal(bytesOf(name))).message).toMatch(message);
  });

  it('says what is wrong with a damaged file', async () => {
    const whole = bytesOf('float32');
    const unknown = Buffer.from(whole);
    unknown[6] = 9;
    expect((await refusal(whole.subarray(0, -1))).message).toMatch(/it is cut off: 151 bytes of 152$/);
    expect((await refusal(whole.subarray(0, 40))).message).toMatch(/cut off in its header: 40 bytes of 128$/);
    expect((await refusal(whole.subarray(0, 8))).message).toMatch(/it has only 8 bytes$/);
    expect((await refusal(Buffer.concat([whole, whole]))).message).toMatch(/it has 152 bytes too many/);
    expect((await refusal(Buffer.from('PK\x03\x04 no array'))).message).toMatch(/it does not begin as one/);
    expect((await refusal(unknown)).message).toMatch(/its format version is 9/);
  });

  it('names a missing file', async () => {
    await expect(NpyFile.open('/nowhere/x.npy')).rejects.toThrow(
      'cannot read /nowhere/x.npy: no such file or folder',
    );
  });

  it('reads headers of other writers: other order of keys, double quotes, long integers of Python 2', () => {
    const text = '{"shape": (3L, 2L), "descr": "<i4", "fortran_order": False}'.padEnd(117).concat('\n');
    const header = parseNpyHeader(
      Buffer.concat([Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]), Buffer.from(text)]),
    );
    expect(header).toMatchObject({ typeName: 'I32', shape: [3, 2], elements: 6, dataStart: 128 });
  });
});

describe('writing a .npy file', () => {
  it.each(['float32', 'int32', 'scalar', 'empty'])('writes the bytes that numpy writes: %s', async (name) => {
    const path = join(await scratchFolder({}), 'written.npy');
    const { shape = [], values = [] } = cases[name] ?? {};
    const type = name === 'int32' ? 'int32' : 'float32';
    const numbers = type === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
    // In pieces that do not fall together with rows.
    const blocks = [numbers.subarray(0, 2), numbers.subarray(2, 2), numbers.subarray(2)];
    await writeNpy(path, { type, shape, blocks });
    expect(await readFile(path)).toEqual(bytesOf(name));
  });

  it('asks for a block when the one before is written', async () => {
    const path = join(await scratchFolder({}), 'written.npy');
    const sizes: number[] = [];
    async function* blocks() {
      for (let row = 0; row < 3; row++) {
        const folder = join(path, '..');
        const [temporary = ''] = await readdir(folder);
        sizes.push((await stat(join(folder, temporary))).size);
        yield new Float32Array(1000).fill(row);
      }
    }
    await writeNpy(path, { type: 'float32', shape: [3, 1000], blocks: blocks() });
    expect(sizes).toEqual([128, 4128, 8128]);
  });

  it('leaves nothing behind when the blocks do not fit the shape', async () => {
    const folder = await scratchFolder({});
    const path = join(folder, 'written.npy');
    const two = [new Float32Array(3), new Float32Array(3)];
    const write = (shape: number[], blocks: (Float32Array | Int32Array)[]) =>
      writeNpy(path, { type: 'float32', shape, blocks });
    await expect(write([3, 3], two)).rejects.toThrow('6 numbers where the shape has 9');
    await expect(write([1, 3], two)).rejects.toThrow('6 numbers or more where the shape has 3');
    await expect(write([3], [new Int32Array(3)])).rejects.toThrow(
      'a block of int32 numbers in an array of float32',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes version 2 when the header is too long for version 1', () => {
    const shape = new Array<number>(30_000).fill(1);
    const bytes = formatNpyHeader('float32', shape);
    expect(bytes[6]).toBe(2);
    expect(bytes.length % 64).toBe(0);
    expect(parseNpyHeader(bytes)).toMatchObject({ shape, dataStart: bytes.length });
  });
});
