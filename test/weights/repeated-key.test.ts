import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repeatedKey } from '../../runtime/weights/repeated-key.ts';

test.each([
  ['{"a": 1, "b": 2, "a": 3}', 'a'],
  ['{"a\\u0062": 1, "ab": 2}', 'ab'],
  ['{"": {}, "x": [], "": 1}', ''],
  ['{"a": {"a": 1, "b": {"a": 2}}, "b": ["a", "a", {"c": 1}, {"c": 1}]}', undefined],
  ['{"a": "{\\"b\\": 1}", "b": "\\"a\\": "}', undefined],
  ['{"a": "a", "b": "a"}', undefined],
  ['{}', undefined],
])('%s', (json, key) => {
  expect(repeatedKey(json)).toBe(key);
});

test('finds nothing in what JavaScript writes, whose keys are unique', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (table) => {
      expect(repeatedKey(JSON.stringify(table))).toBeUndefined();
    }),
    { seed: 1, numRuns: 200 },
  );
});
