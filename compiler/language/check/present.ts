/** A value that a checked spec must have; throws where it is missing, which should have been reported. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a checked model lacks a value');
  return value;
}

/** The two ends of a range. */
export function interval(ends: readonly number[] | undefined): [number, number] {
  const [low, high] = present(ends);
  return [present(low), present(high)];
}
