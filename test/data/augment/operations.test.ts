import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { autoContrast, equalize } from '../../../runtime/data/augment/operations/histogram.ts';
import { fillOfMean } from '../../../runtime/data/augment/operations/operation.ts';
import { OPERATION_SETS, OPERATIONS } from '../../../runtime/data/augment/operations/registry.ts';
import { sharpness } from '../../../runtime/data/augment/operations/sharpness.ts';
import { picture, sha256 } from './pictures.ts';

/** timm 0.3.2 on Pillow 11.3, by record.py: what each operation is told at some levels, and the bytes that it makes. */
const recorded = z
  .object({
    fill: z.array(z.number()),
    plain: z.array(z.string()),
    increasing: z.array(z.string()),
    cases: z.array(
      z.object({
        name: z.string(),
        level: z.number(),
        sign: z.literal([1, -1]),
        argument: z.number(),
        color: z.string(),
        grey: z.string(),
        small: z.base64().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./record/pillow.json', import.meta.url), 'utf8')));

/** TranslateXRel is our translate-x: timm's other TranslateX, by pixels, is in neither set. */
const ownName = (name: string) =>
  name
    .replace(/Rel$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

const operationOf = (name: string) => {
  const operation = OPERATIONS.find((candidate) => candidate.name === ownName(name));
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
};

const inCommon = { color: picture(224, 224, 3), grey: picture(60, 91, 1), small: picture(18, 24, 3) };

describe('the sets of operations', () => {
  it('have the operations of timm, of equal chance', () => {
    const names = (set: readonly { name: string }[]) => set.map(({ name }) => name).sort();
    expect(names(OPERATION_SETS.plain)).toEqual(recorded.plain.map(ownName).sort());
    expect(names(OPERATION_SETS.increasing)).toEqual(recorded.increasing.map(ownName).sort());
  });

  it('has a recorded case of every operation', () => {
    const covered = new Set(recorded.cases.map(({ name }) => ownName(name)));
    expect(OPERATIONS.filter(({ name }) => !covered.has(name))).toEqual([]);
  });

  it("fills with the rounded mean of ImageNet, Python's way of rounding halves included", () => {
    expect(fillOfMean([0.485, 0.456, 0.406])).toEqual(recorded.fill);
    // Python: [round(255 * x) for x in (0.5, 0.3, 0.1, 1.0)]
    expect(fillOfMean([0.5, 0.3, 0.1, 1])).toEqual([128, 76, 26, 255]);
  });
});

describe("an operation gives Pillow's bytes at timm's levels", () => {
  it.each(recorded.cases)('$name at level $level, sign $sign', (entry) => {
    const { levelToArgument, apply } = operationOf(entry.name);
    const argument = levelToArgument(entry.level, entry.sign);
    expect(argument).toBe(entry.argument);
    const fill = recorded.fill;
    if (entry.small !== undefined) {
      expect([...apply(inCommon.small, argument, fill).data]).toEqual([
        ...Buffer.from(entry.small, 'base64'),
      ]);
    }
    expect(sha256(apply(inCommon.color, argument, fill))).toBe(entry.color);
    expect(sha256(apply(inCommon.grey, argument, fill))).toBe(entry.grey);
  });

  it('and leaves the pixels that it was given as they are', () => {
    const pixels = picture(18, 24, 3);
    for (const { apply, levelToArgument } of OPERATIONS) apply(pixels, levelToArgument(9, 1), recorded.fill);
    expect(pixels.data).toEqual(inCommon.small.data);
  });
});

describe('pictures without contrast or room', () => {
  it('keep their bytes where there is nothing to stretch, to equalize or to smooth', () => {
    const flat = { height: 20, width: 20, channels: 3, data: new Uint8Array(1200).fill(77) };
    expect(autoContrast(flat).data).toEqual(flat.data);
    expect(equalize(flat).data).toEqual(flat.data);
    const thin = picture(2, 30, 3);
    expect(sharpness(thin, 1.9).data).toEqual(thin.data);
  });
});
