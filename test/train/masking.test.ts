import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IndexName, maskingFromNoise, maskingIndices } from '../../runtime/train/masking.ts';

interface Example {
  readonly noise: Float32Array;
  readonly size: number;
  readonly patches: number;
  readonly visible: number;
  readonly prefix: number;
}

/** Batches of every small shape, with noise that often has ties. */
const examples: fc.Arbitrary<Example> = fc
  .record({ size: fc.integer({ min: 1, max: 4 }), patches: fc.integer({ min: 2, max: 12 }) })
  .chain(({ size, patches }) =>
    fc.record({
      size: fc.constant(size),
      patches: fc.constant(patches),
      visible: fc.integer({ min: 1, max: patches - 1 }),
      prefix: fc.integer({ min: 0, max: 3 }),
      noise: fc
        .array(fc.integer({ min: 0, max: 15 }), { minLength: size * patches, maxLength: size * patches })
        .map((values) => Float32Array.from(values, (value) => value / 16)),
    }),
  );

const indicesOf = (example: Example): Record<IndexName, Int32Array> =>
  maskingIndices(maskingFromNoise(example.noise, example), example.prefix);

/** Rows of a table by index; the row after the last is the extra one. */
const gather = (rows: readonly string[], extra: string, index: Int32Array): string[] =>
  Array.from(index, (row) => {
    expect(row).toBeGreaterThanOrEqual(0);
    expect(row).toBeLessThanOrEqual(rows.length);
    return row === rows.length ? extra : (rows[row] ?? '');
  });

/** Which patches a picture keeps, by sorting pairs, in the order in which the encoder sees them. */
function keptPatches(example: Example, picture: number): number[] {
  const ranked = Array.from({ length: example.patches }, (_, patch) => ({
    patch,
    value: example.noise[picture * example.patches + patch] ?? 0,
  })).sort((a, b) => a.value - b.value || a.patch - b.patch);
  return ranked.slice(0, example.visible).map(({ patch }) => patch);
}

const pictures = (example: Example): number[] => Array.from({ length: example.size }, (_, n) => n);
const patchRows = (example: Example): string[] =>
  pictures(example).flatMap((b) => Array.from({ length: example.patches }, (_, n) => `${b}/patch${n}`));
const prefixRows = (example: Example, b: number): string[] =>
  Array.from({ length: example.prefix }, (_, n) => `${b}/prefix${n}`);
const encoderRows = (example: Example): string[] =>
  pictures(example).flatMap((b) => [
    ...prefixRows(example, b),
    ...keptPatches(example, b).map((patch) => `${b}/patch${patch}`),
  ]);
const decoderRows = (example: Example): string[] =>
  pictures(example).flatMap((b) => [
    ...prefixRows(example, b),
    ...Array.from({ length: example.patches }, (_, n) => `${b}/patch${n}`),
  ]);

describe('maskingFromNoise', () => {
  test('is the official argsort on a worked example', () => {
    const masking = maskingFromNoise(Float32Array.of(0.9, 0.1, 0.5, 0.3, 0.2, 0.8, 0.1, 0.1), {
      size: 2,
      patches: 4,
      visible: 2,
    });
    expect([...masking.shuffle]).toEqual([1, 3, 2, 0, 2, 3, 0, 1]);
    expect([...masking.restore]).toEqual([3, 0, 2, 1, 2, 3, 0, 1]);
    expect([...masking.mask]).toEqual([1, 0, 1, 0, 1, 1, 0, 0]);
  });

  test('keeps the patches with the lowest noise, and restore undoes shuffle', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const masking = maskingFromNoise(example.noise, example);
        for (const b of pictures(example)) {
          const at = b * example.patches;
          const shuffle = [...masking.shuffle.subarray(at, at + example.patches)];
          const restore = [...masking.restore.subarray(at, at + example.patches)];
          const kept = keptPatches(example, b);
          expect(shuffle.slice(0, example.visible)).toEqual(kept);
          expect(restore.map((rank) => shuffle[rank])).toEqual(shuffle.map((_, patch) => patch));
          expect([...masking.mask.subarray(at, at + example.patches)]).toEqual(
            shuffle.map((_, patch) => (kept.includes(patch) ? 0 : 1)),
          );
        }
      }),
    );
  });
});

describe('maskingIndices', () => {
  test('gathers what each index says it gathers', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const index = indicesOf(example);
        const patches = patchRows(example);
        const kept = pictures(example).flatMap((b) =>
          keptPatches(example, b).map((patch) => `${b}/patch${patch}`),
        );
        const isKept = (row: string): boolean => kept.includes(row);
        expect(gather(patches, 'none', index.visible)).toEqual(kept);
        expect(Array.from(index['visible.position'], (patch) => `patch${patch}`)).toEqual(
          kept.map((row) => row.slice(row.indexOf('/') + 1)),
        );
        expect(gather(encoderRows(example), 'mask token', index.restore)).toEqual(
          decoderRows(example).map((row) => (row.includes('patch') && !isKept(row) ? 'mask token' : row)),
        );
        const removed = gather(patches, 'none', index.removed);
        expect(removed).not.toContain('none');
        expect([...removed].sort()).toEqual(patches.filter((row) => !isKept(row)).sort());
        expect(gather(decoderRows(example), 'none', index['removed.token'])).toEqual(removed);
      }),
    );
  });

  test('every inverse index undoes its gather and finds the extra row elsewhere', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const index = indicesOf(example);
        const roundTrips: [IndexName, IndexName, string[]][] = [
          ['visible', 'visible.inverse', patchRows(example)],
          ['restore.inverse', 'restore', decoderRows(example)],
          ['removed.token', 'removed.token.inverse', decoderRows(example)],
        ];
        for (const [name, inverse, rows] of roundTrips) {
          const gathered = gather(rows, 'none', index[name]);
          expect(new Set(gathered).size).toBe(index[name].length);
          expect(gather(gathered, 'none', index[inverse])).toEqual(
            rows.map((row) => (gathered.includes(row) ? row : 'none')),
          );
        }
      }),
    );
  });

  test('has the lengths that the graphs expect', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const { size, patches, visible, prefix } = example;
        const lengths = Object.fromEntries(
          Object.entries(indicesOf(example)).map(([name, rows]) => [name, rows.length]),
        );
        expect(lengths).toEqual({
          visible: size * visible,
          'visible.inverse': size * patches,
          'visible.position': size * visible,
          restore: size * (prefix + patches),
          'restore.inverse': size * (prefix + visible),
          removed: size * (patches - visible),
          'removed.token': size * (patches - visible),
          'removed.token.inverse': size * (prefix + patches),
        });
      }),
    );
  });
});
