/** A key of a random stream: what the stream is for ("crop"), a seed, an epoch, an index. */
export type RandomKey = number | string;

/**
 * A seeded stream of random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), its state the MurmurHash3 x86-128 (Appleby) of the keys. Streams of different keys are independent,
 * so whatever an example draws is a pure function of, say, (purpose, seed, epoch, index), whoever draws it and when.
 */
export class Random {
  readonly #state: Uint32Array;
  #spare: number | undefined;

  private constructor(state: Uint32Array) {
    this.#state = state;
  }

  /** The stream of these keys. The number 1 and the string "1" are different keys, and so are ("ab") and ("a", "b"). */
  static from(...keys: readonly RandomKey[]): Random {
    const state = murmurHash3(wordsOf(keys));
    // All zeros is the one state that xoshiro cannot leave.
    if (state.every((word) => word === 0)) state[0] = 1;
    return new Random(state);
  }

  /** Uniform integer in 0..2^32-1. */
  bits(): number {
    return xoshiro128(this.#state);
  }

  /** Uniform in [0, 1), or in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.bits() >>> 5) * 0x4000000 + (this.bits() >>> 6)) / 0x20000000000000;
    return low + unit * (high - low);
  }

  /** Uniform integer in 0..limit-1; `limit` at most 2^32. */
  integer(limit: number): number {
    // Numbers above the last whole multiple of `limit` would make the low results likelier.
    const end = 0x100000000 - (0x100000000 % limit);
    let bits = this.bits();
    while (bits >= end) bits = this.bits();
    return bits % limit;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * factor;
      return x * factor;
    }
  }

  /** Standard normal, drawn again until it lies in ±bound. */
  truncatedNormal(bound = 2): number {
    for (;;) {
      const value = this.normal();
      if (Math.abs(value) <= bound) return value;
    }
  }

  /** Beta distributed, in [0, 1]; `a` and `b` above 0. */
  beta(a: number, b: number): number {
    // Of the two gamma variables the logarithms: for small a and b both would round to 0.
    const x = this.#logGamma(a);
    const y = this.#logGamma(b);
    return 1 / (1 + Math.exp(y - x));
  }

  /** The logarithm of a gamma variable of scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
  #logGamma(shape: number): number {
    // Below 1 that of shape + 1 is multiplied by a uniform variable to the power of 1 / shape; 1 - uniform() is never 0.
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** Fills an array with uniform numbers in [0, 1), each exact in float32 (24 random bits). Returns the array. */
  fillUniform(target: Float32Array): Float32Array {
    for (let i = 0; i < target.length; i++) target[i] = (this.bits() >>> 8) / 0x1000000;
    return target;
  }

  /** Fills an array with normal numbers of mean 0. Returns the array. */
  fillNormal(target: Float32Array, deviation = 1): Float32Array {
    for (let i = 0; i < target.length; i++) target[i] = this.normal() * deviation;
    return target;
  }

  /** 0..count-1 in random order (Fisher-Yates). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = swapped;
    }
    return order;
  }
}

/** One step of xoshiro128** 1.1: changes the state of four words and returns an integer in 0..2^32-1. */
export function xoshiro128(state: Uint32Array): number {
  const s0 = state[0] ?? 0;
  const s1 = state[1] ?? 0;
  const s2 = (state[2] ?? 0) ^ s0;
  const s3 = (state[3] ?? 0) ^ s1;
  state[0] = s0 ^ s3;
  state[1] = s1 ^ s2;
  state[2] = s2 ^ (s1 << 9);
  state[3] = rotateLeft(s3, 11);
  return Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Each key as words that no other key has: a tag with its length, then its float64 bits or its UTF-16 units. */
function wordsOf(keys: readonly RandomKey[]): Uint32Array {
  const words: number[] = [];
  for (const key of keys) {
    if (typeof key === 'number') {
      const [low = 0, high = 0] = new Uint32Array(Float64Array.of(key).buffer);
      words.push(0x6e000000, low, high);
    } else {
      words.push(0x73000000 | key.length);
      for (let i = 0; i < key.length; i++) words.push(key.charCodeAt(i));
    }
  }
  while (words.length % 4 !== 0) words.push(0);
  return Uint32Array.from(words);
}

/** One lane of MurmurHash3 x86-128: the factors of its words, the rotations, and the constant added to its hash. */
const LANES = [
  { before: 0x239b961b, after: 0xab0e9789, wordRotation: 15, hashRotation: 19, added: 0x561ccd1b },
  { before: 0xab0e9789, after: 0x38b34ae5, wordRotation: 16, hashRotation: 17, added: 0x0bcaa747 },
  { before: 0x38b34ae5, after: 0xa1e38b93, wordRotation: 17, hashRotation: 15, added: 0x96cd1c35 },
  { before: 0xa1e38b93, after: 0x239b961b, wordRotation: 18, hashRotation: 13, added: 0x32ac3b17 },
] as const;

/** MurmurHash3 x86-128 with seed 0 of a whole number of 16-byte blocks, given as little-endian words. */
export function murmurHash3(words: Uint32Array): Uint32Array {
  const hash = new Uint32Array(4);
  for (let block = 0; block < words.length; block += 4) {
    LANES.forEach((lane, i) => {
      const word = Math.imul(words[block + i] ?? 0, lane.before);
      const mixed = (hash[i] ?? 0) ^ Math.imul(rotateLeft(word, lane.wordRotation), lane.after);
      const sum = rotateLeft(mixed, lane.hashRotation) + (hash[(i + 1) % 4] ?? 0);
      hash[i] = Math.imul(sum, 5) + lane.added;
    });
  }
  for (let i = 0; i < 4; i++) hash[i] = (hash[i] ?? 0) ^ (words.length * 4);
  addAcross(hash);
  for (let i = 0; i < 4; i++) hash[i] = avalanche(hash[i] ?? 0);
  addAcross(hash);
  return hash;
}

/** Adds the other lanes to lane 0, then lane 0 to the others. */
function addAcross(hash: Uint32Array): void {
  hash[0] = hash.reduce((sum, word) => sum + word, 0);
  for (let i = 1; i < 4; i++) hash[i] = (hash[i] ?? 0) + (hash[0] ?? 0);
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
