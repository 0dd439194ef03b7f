import type { ArenaParameter } from './parameter-arena.ts';

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65536;

/** A 32-bit memory's limit. */
const LARGEST_MEMORY = 2 ** 32;

/** Arrays start at multiples of a cache line, and are padded to one with zeros. */
const ALIGNMENT = 64;

/**
 * The arrays that a parameter has. A kind's arrays lie together in a shard, in this order: the memory of the
 * last two is touched, and so taken from the system, only by those who accumulate gradients over micro-batches and by those
 * who average parameters; that of the second moments only by optimizers that have any.
 */
const ARRAY_KINDS = [
  'value',
  'gradient',
  'firstMoment',
  'secondMoment',
  'microBatchGradient',
  'average',
] as const;
export type ArrayKind = (typeof ARRAY_KINDS)[number];

/** Where an array lies: byte offset in its memory, and bytes with padding. */
export interface Block {
  readonly parameter: ArenaParameter;
  readonly kind: ArrayKind;
  readonly pointer: number;
  readonly length: number;
}

export interface ShardPlan {
  readonly blocks: readonly Block[];
  readonly pages: number;
}

/** Frozen parameters have a value only. */
function kindsOf(parameter: ArenaParameter): readonly ArrayKind[] {
  return parameter.trainable ? ARRAY_KINDS : ['value'];
}

function paddedBytes(parameter: ArenaParameter): number {
  return Math.ceil((parameter.elements * Float32Array.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
}

/**
 * Distributes parameters, in order, over memories of at most `shardBytes` each; all arrays of a parameter are
 * in one. A parameter that alone needs more gets a memory of its own; one that needs more than 4 GiB is a
 * `RangeError`.
 */
export function planShards(parameters: readonly ArenaParameter[], shardBytes: number): ShardPlan[] {
  const shards: ArenaParameter[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const parameter of parameters) {
    const bytes = paddedBytes(parameter) * kindsOf(parameter).length;
    if (bytes > LARGEST_MEMORY) {
      throw new RangeError(`parameter ${parameter.name} needs ${bytes} bytes; the most is ${LARGEST_MEMORY}`);
    }
    if (used + bytes > shardBytes) {
      shards.push([]);
      used = 0;
    }
    shards.at(-1)?.push(parameter);
    used += bytes;
  }
  return shards.map(layOut);
}

function layOut(parameters: readonly ArenaParameter[]): ShardPlan {
  const blocks: Block[] = [];
  let pointer = 0;
  for (const kind of ARRAY_KINDS) {
    for (const parameter of parameters) {
      if (!kindsOf(parameter).includes(kind)) continue;
      const length = paddedBytes(parameter);
      blocks.push({ parameter, kind, pointer, length });
      pointer += length;
    }
  }
  return { blocks, pages: Math.ceil(pointer / PAGE) };
}
