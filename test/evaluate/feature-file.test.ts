import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFeaturePath, type FeatureTable, writeFeatures } from '../../runtime/evaluate/feature-file.ts';
import { UserError } from '../../runtime/user-error.ts';
import { NpyFile } from '../../runtime/weights/npy.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

/** Five rows of three numbers, in blocks of two, two and one row. */
function table(): FeatureTable {
  async function* blocks() {
    for (const rows of [[0, 1], [2, 3], [4]]) {
      yield Float32Array.from(rows.flatMap((row) => [row, row + 0.25, row + 0.5]));
    }
  }
  return {
    rows: 5,
    width: 3,
    blocks: blocks(),
    labels: Int32Array.of(1, 0, 1, 1, 70_000_001),
    names: ['a.png', 'b.png', 'é "c".png', 'd.png', 'e.png'],
    classNames: ['cat', 'dog'],
    metadata: { model: 'vit-test' },
  };
}

const NUMBERS = [0, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.25, 2.5, 3, 3.25, 3.5, 4, 4.25, 4.5];

describe('a file of features', () => {
  it('holds features, labels and names as .safetensors', async () => {
    const folder = await scratchFolder({});
    const path = join(folder, 'new', 'features.safetensors');
    expect(await writeFeatures(path, table())).toEqual([path]);
    const file = await SafetensorsFile.open(path);
    expect(file.tensors.get('features')).toMatchObject({ typeName: 'F32', shape: [5, 3] });
    expect(file.tensors.get('labels')).toMatchObject({ typeName: 'I32', shape: [5] });
    expect([...(await file.read('features'))]).toEqual(NUMBERS);
    // A label that float32 could not hold.
    expect([...(await file.readFloat64('labels'))]).toEqual([1, 0, 1, 1, 70_000_001]);
    expect(JSON.parse(file.metadata.get('names') ?? '')).toEqual(table().names);
    expect(JSON.parse(file.metadata.get('class_names') ?? '')).toEqual(['cat', 'dog']);
    expect(file.metadata.get('model')).toBe('vit-test');
    await file.close();
    expect(await readdir(join(folder, 'new'))).toEqual(['features.safetensors']);
  });

  it('is several files as .npy', async () => {
    const folder = await scratchFolder({});
    const path = join(folder, 'features.npy');
    const paths = await writeFeatures(path, table());
    const names = ['features.npy', 'features.labels.npy', 'features.names.txt', 'features.classes.txt'];
    expect(paths).toEqual(names.map((name) => join(folder, name)));
    expect((await readdir(folder)).sort()).toEqual([...names].sort());
    const features = await NpyFile.open(path);
    expect([features.shape, features.header.typeName, [...(await features.read())]]).toEqual([
      [5, 3],
      'F32',
      NUMBERS,
    ]);
    const labels = await NpyFile.open(join(folder, 'features.labels.npy'));
    const numbers = new Int32Array(5);
    await labels.readInto(numbers);
    expect([labels.header.typeName, ...numbers]).toEqual(['I32', 1, 0, 1, 1, 70_000_001]);
    expect(await readFile(join(folder, 'features.names.txt'), 'utf8')).toBe(
      'a.png\nb.png\né "c".png\nd.png\ne.png\n',
    );
    await features.close();
    await labels.close();
  });

  it('does not keep labels of older features beside new ones without', async () => {
    const folder = await scratchFolder({});
    const path = join(folder, 'features.npy');
    await writeFeatures(path, table());
    await writeFeatures(path, { rows: 1, width: 2, blocks: [new Float32Array(2)] });
    expect(await readdir(folder)).toEqual(['features.npy']);
  });

  it.each(['.npy', '.safetensors'])('is as it was when the features end early: %s', async (ending) => {
    const folder = await scratchFolder({});
    const path = join(folder, `features${ending}`);
    await writeFile(path, 'old');
    async function* broken() {
      yield new Float32Array(3);
      throw new Error('the model failed');
    }
    await expect(writeFeatures(path, { ...table(), blocks: broken() })).rejects.toThrow('the model failed');
    await expect(writeFeatures(path, { ...table(), blocks: [new Float32Array(3)] })).rejects.toThrow(
      '3 numbers where the shape has 15',
    );
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual([`features${ending}`]);
  });

  it('needs labels and names for each row', async () => {
    const path = join(await scratchFolder({}), 'features.npy');
    await expect(writeFeatures(path, { ...table(), labels: new Int32Array(4) })).rejects.toThrow(
      '4 labels for 5 rows of features',
    );
    await expect(writeFeatures(path, { ...table(), names: ['a'] })).rejects.toThrow('1 names for 5 rows');
  });

  it('needs an ending that names a format', () => {
    expect(() => checkFeaturePath('out/features.csv')).toThrow(
      'features cannot be written to out/features.csv: its ending is .csv',
    );
    expect(() => checkFeaturePath('out.d/features')).toThrow('its name has no ending');
    expect(() => checkFeaturePath('out.d/features')).toThrow(UserError);
    checkFeaturePath('FEATURES.NPY');
  });

  it('refuses names with line breaks where a line is a name', async () => {
    const folder = await scratchFolder({});
    const names = ['a', 'b\nc', 'd', 'e', 'f'];
    const attempt = writeFeatures(join(folder, 'features.npy'), { ...table(), names });
    await expect(attempt).rejects.toThrow('the name "b\\nc" has a line break');
    expect(await readdir(folder)).toEqual([]);
    await writeFeatures(join(folder, 'features.safetensors'), { ...table(), names });
    const file = await SafetensorsFile.open(join(folder, 'features.safetensors'));
    expect(JSON.parse(file.metadata.get('names') ?? '')).toEqual(names);
    await file.close();
  });
});
