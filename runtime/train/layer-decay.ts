/**
 * The layer of a parameter, from 0 for what embeds the input (class token, registers, positions, patches), i + 1 for
 * block i, to depth + 1 for all that comes after the blocks: BEiT's rule, as the official util/lr_decay.py has it. `name`
 * is official.
 */
export function layerOf(name: string, depth: number): number {
  if (EMBEDDING.some((prefix) => name === prefix || name.startsWith(`${prefix}.`))) return 0;
  const block = /^blocks\.(\d+)\./.exec(name);
  return block ? Number(block[1]) + 1 : depth + 1;
}

const EMBEDDING = ['cls_token', 'reg_token', 'pos_embed', 'patch_embed'];

/**
 * Factor on the learning rate of every parameter by name: decay^(depth + 1 - layer), so the layers after the last block have 1.
 * `depth` is the count of encoder blocks.
 */
export function rateScales(
  parameters: Iterable<{ readonly name: string }>,
  depth: number,
  decay: number,
): Map<string, number> {
  return new Map(
    Array.from(parameters, ({ name }) => [name, decay ** (depth + 1 - layerOf(name, depth))] as const),
  );
}
