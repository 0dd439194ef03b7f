import type { Tensor } from '../report.ts';

/**
 * Tensors of two networks that have other names but the same place: those of the same shape and local name, of modules of the
 * same or a longer name (norm, fc_norm), where there are as many of them on both sides; in order. What is not that clear
 * is not matched.
 */
export function renamedTensors(old: readonly Tensor[], now: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const renamed = new Map<Tensor, Tensor>();
  const candidates = groupBySignature(now);
  for (const [signature, tensors] of groupBySignature(old)) {
    const others = candidates.get(signature) ?? [];
    if (others.length !== tensors.length) continue;
    const pairs = tensors.flatMap((tensor, index) => {
      const other = others[index];
      return other !== undefined && relatedModules(tensor, other) ? [[tensor, other] as const] : [];
    });
    // All or none: one that does not fit would shift the others.
    if (pairs.length === tensors.length) for (const [tensor, other] of pairs) renamed.set(tensor, other);
  }
  return renamed;
}

function groupBySignature(tensors: readonly Tensor[]): Map<string, Tensor[]> {
  const groups = new Map<string, Tensor[]>();
  for (const tensor of tensors) {
    const signature = `${tensor.name.slice(tensor.name.lastIndexOf('.') + 1)} ${tensor.shape.join('x')}`;
    groups.set(signature, [...(groups.get(signature) ?? []), tensor]);
  }
  return groups;
}

function relatedModules(a: Tensor, b: Tensor): boolean {
  const [first, second] = [moduleOf(a), moduleOf(b)];
  return first.endsWith(second) || second.endsWith(first);
}

/** "blocks.3.attn.qkv.weight" → "qkv"; "head.1.weight" → "head"; "cls_token" → "". */
function moduleOf({ name }: Tensor): string {
  const modules = name
    .split('.')
    .slice(0, -1)
    .filter((part) => !/^\d+$/.test(part));
  return modules.at(-1) ?? '';
}
