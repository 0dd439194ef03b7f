import { expect, test } from 'vitest';
import { loadReferenceCase, referenceCaseNames, relativeDeviation } from './reference-case.ts';

test('relativeDeviation is the largest difference over the largest expected value', () => {
  expect(relativeDeviation([1, 2.5, -4], [1, 2, -4])).toBe(0.125);
  expect(relativeDeviation([0, 0], [0, 0])).toBe(0);
  expect(relativeDeviation([0, 1], [0, 0])).toBe(Infinity);
  expect(relativeDeviation([1, Number.NaN, 1], [1, 1, 1])).toBeNaN();
  expect(relativeDeviation([1, 1], [1, Number.NaN])).toBeNaN();
  expect(() => relativeDeviation([1], [1, 2])).toThrow('1 numbers cannot be compared with 2');
});

test('every recorded case has the tensors that its description lists', async () => {
  const names = await referenceCaseNames();
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const { json, tensorNames, tensor } = await loadReferenceCase(name);
    const shapes = Object.fromEntries(tensorNames.map((each) => [each, { shape: tensor(each).shape }]));
    expect(json).toMatchObject({ case: name, tensors: shapes });
  }
});
