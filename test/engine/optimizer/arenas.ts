/** Every remainder of a vector of four and of a cache line of sixteen, and the smallest ones. */
export const LENGTHS = [1, 2, 3, 4, 5, 15, 16, 17, 33, 1000, 1003];

/** Parameters of these many elements: every second one is a matrix, which decays. */
export const parametersOf = (lengths: readonly number[]) =>
  lengths.map((elements, i) => {
    const decay = i % 2 === 0;
    return {
      name: `p${elements}`,
      elements,
      trainable: true,
      decay,
      shape: decay ? [elements, 1] : [elements],
    };
  });
