import { Random } from '../random.ts';

/** Pictures that lie together in the data, a shard or a row group: `count` of them from `first` on. */
export interface Block {
  readonly first: number;
  readonly count: number;
}

/** The order of an epoch where any order is as good as another: a random one of all that there are. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return Random.from('order of pictures', seed, epoch).permutation(count);
}

/**
 * An order that goes through a file mostly from front to back: the blocks in random order, and their pictures in turn through a buffer,
 * out of which one chosen at random leaves whenever another enters (WebDataset's shuffling).
 */
export function bufferedOrder(
  blocks: readonly Block[],
  buffer: number,
  seed: number,
  epoch: number,
): Int32Array {
  const random = Random.from('order of shards', seed, epoch);
  const stream = inBlocks(blocks, random);
  const held = stream.slice(0, buffer);
  const order = new Int32Array(stream.length);
  let filled = held.length;
  for (let i = 0; i < stream.length; i++) {
    const chosen = random.integer(filled);
    order[i] = held[chosen] ?? 0;
    const next = i + held.length;
    if (next < stream.length) held[chosen] = stream[next] ?? 0;
    else held[chosen] = held[--filled] ?? 0;
  }
  return order;
}

/**
 * An order for blocks that are read as a whole: they come in random order, so many at a time that they have at most `room` pictures (but at
 * least one), and the pictures of these are mixed. Once the next blocks have begun, the ones before are never asked for again.
 */
export function windowedOrder(
  blocks: readonly Block[],
  room: number,
  seed: number,
  epoch: number,
): Int32Array {
  const random = Random.from('order of row groups', seed, epoch);
  const shuffled = shuffledBlocks(blocks, random);
  const order: number[] = [];
  let window: number[] = [];
  const flush = (): void => {
    for (const place of random.permutation(window.length)) order.push(window[place] ?? 0);
    window = [];
  };
  for (const { first, count } of shuffled) {
    if (window.length + count > room) flush();
    for (let i = 0; i < count; i++) window.push(first + i);
  }
  flush();
  return Int32Array.from(order);
}

/** Two or more orders as one, at each place a random one of the pictures that are left choosing whose turn it is. */
export function mergedOrder(orders: readonly Int32Array[], seed: number, epoch: number): Int32Array {
  const total = orders.reduce((sum, order) => sum + order.length, 0);
  const random = Random.from('order of parts', seed, epoch);
  const taken = orders.map(() => 0);
  const merged = new Int32Array(total);
  for (let i = 0; i < total; i++) {
    let place = random.integer(total - i);
    let part = 0;
    for (; part < orders.length - 1; part++) {
      const left = (orders[part]?.length ?? 0) - (taken[part] ?? 0);
      if (place < left) break;
      place -= left;
    }
    merged[i] = orders[part]?.[taken[part] ?? 0] ?? 0;
    taken[part] = (taken[part] ?? 0) + 1;
  }
  return merged;
}

function inBlocks(blocks: readonly Block[], random: Random): Int32Array {
  const stream = new Int32Array(blocks.reduce((sum, { count }) => sum + count, 0));
  let end = 0;
  for (const { first, count } of shuffledBlocks(blocks, random)) {
    for (let i = 0; i < count; i++) stream[end++] = first + i;
  }
  return stream;
}

function shuffledBlocks(blocks: readonly Block[], random: Random): Block[] {
  return Array.from(random.permutation(blocks.length), (place) => blocks[place]).filter(
    (block) => block !== undefined,
  );
}
