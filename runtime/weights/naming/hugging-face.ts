import { elementCount, renamed, type SourceTensor, type SourceTensors } from '../weight-source.ts';
import { NamingError, type NamingScheme } from './scheme.ts';

/** A tensor of a block: of its two names beside each other, the first is that of the files that are published. */
const BLOCK_NAMES: readonly (readonly [official: string, ...theirs: string[]])[] = [
  ['norm1', 'layernorm_before'],
  ['norm2', 'layernorm_after'],
  ['attn.proj', 'attention.output.dense', 'attention.o_proj'],
  ['mlp.fc1', 'intermediate.dense', 'mlp.fc1'],
  ['mlp.fc2', 'output.dense', 'mlp.fc2'],
];

/** Queries, keys and values, in the order in which they make up `attn.qkv`. */
const THIRDS: readonly (readonly string[])[] = [
  ['attention.attention.query', 'attention.q_proj'],
  ['attention.attention.key', 'attention.k_proj'],
  ['attention.attention.value', 'attention.v_proj'],
];

/** Where blocks are: in the official code, then in theirs (as published, in memory since version 5, and as that writes them). */
const BLOCKS: readonly (readonly [official: string, ...theirs: string[]])[] = [
  ['blocks', 'vit.encoder.layer', 'vit.layers', 'encoder.layer', 'layers'],
  ['decoder_blocks', 'decoder.decoder_layers', 'decoder.decoder_encoder.layer'],
];

/** Everything outside the blocks; a name may go on after a point (`.weight`). */
const OTHERS: readonly (readonly [official: string, ...theirs: string[]])[] = [
  ['cls_token', 'vit.embeddings.cls_token', 'embeddings.cls_token'],
  ['pos_embed', 'vit.embeddings.position_embeddings', 'embeddings.position_embeddings'],
  [
    'patch_embed.proj',
    'vit.embeddings.patch_embeddings.projection',
    'embeddings.patch_embeddings.projection',
  ],
  ['norm', 'vit.layernorm', 'layernorm'],
  ['head', 'classifier'],
  ['decoder_embed', 'decoder.decoder_embed'],
  ['mask_token', 'decoder.mask_token'],
  ['decoder_pos_embed', 'decoder.decoder_pos_embed'],
  ['decoder_norm', 'decoder.decoder_norm'],
  ['decoder_pred', 'decoder.decoder_pred'],
];

/** transformers' `ViTMAEForPreTraining`, `ViTForImageClassification` and `ViTModel`: https://github.com/huggingface/transformers. */
export const HUGGING_FACE: NamingScheme = {
  name: 'huggingface',
  title: "Hugging Face's ViT and ViTMAE",
  recognises: (names) =>
    names.some((name) => /^(vit\.)?embeddings\.patch_embeddings\.projection\.weight$/.test(name)),
  toOfficial: joinThirds,
  fromOfficial: splitThirds,
};

const PARTS = ['weight', 'bias'] as const;

/** "vit.encoder.layer.0.output.dense.weight" → "blocks.0.mlp.fc2.weight"; of a third, its place and that of the whole. */
function officialName(name: string): string | { readonly whole: string; readonly third: number } | undefined {
  for (const [official, ...theirs] of OTHERS) {
    for (const other of theirs) {
      if (name === other || PARTS.some((part) => name === `${other}.${part}`)) {
        return official + name.slice(other.length);
      }
    }
  }
  for (const [blocks, ...theirs] of BLOCKS) {
    for (const other of theirs) {
      if (!name.startsWith(`${other}.`)) continue;
      const found = /^(\d+)\.(.+)\.(weight|bias)$/.exec(name.slice(other.length + 1));
      const [, number, inner = '', part] = found ?? [];
      const third = THIRDS.findIndex((names) => names.includes(inner));
      if (third >= 0) return { whole: `${blocks}.${number}.attn.qkv.${part}`, third };
      const known = BLOCK_NAMES.find(([, ...names]) => names.includes(inner));
      if (known) return `${blocks}.${number}.${known[0]}.${part}`;
    }
  }
  return undefined;
}

function joinThirds(tensors: SourceTensors): SourceTensors {
  const official = new Map<string, SourceTensor>();
  const wholes = new Map<string, (SourceTensor | undefined)[]>();
  for (const tensor of tensors.values()) {
    const name = officialName(tensor.name);
    if (typeof name === 'object') {
      const thirds = wholes.get(name.whole) ?? [undefined, undefined, undefined];
      thirds[name.third] = tensor;
      wholes.set(name.whole, thirds);
    } else official.set(name ?? tensor.name, renamed(tensor, name ?? tensor.name));
  }
  for (const [whole, thirds] of wholes) official.set(whole, join(whole, thirds));
  return official;
}

/** Queries, keys and values below each other. */
function join(name: string, thirds: readonly (SourceTensor | undefined)[]): SourceTensor {
  const there = thirds.filter((third) => third !== undefined);
  const [first] = there;
  const shape = first?.shape ?? [];
  const alike = there.every((third) => third.shape.join() === shape.join());
  if (there.length < 3 || !alike) {
    const found = there.map((third) => `${third.name} [${third.shape.join(', ')}]`).join(', ');
    throw new NamingError(
      `of the three parts of ${name}, queries, keys and values of one shape, there are ${found}`,
    );
  }
  return {
    name,
    shape: [3 * (shape[0] ?? 1), ...shape.slice(1)],
    read: async () => {
      const whole = new Float32Array(3 * elementCount(shape));
      for (const [i, third] of there.entries()) whole.set(await third.read(), i * elementCount(shape));
      return whole;
    },
  };
}

/** What their models are never without. */
const NEEDED = ['cls_token', 'pos_embed'] as const;

function splitThirds(tensors: SourceTensors): SourceTensors {
  const missing = NEEDED.find((name) => !tensors.has(name));
  if (missing !== undefined) throw new NamingError(`they have a ${missing}, the model has none`);
  if (tensors.get('cls_token')?.shape[1] !== 1) throw new NamingError('they have one class token');
  return new Map([...tensors.values()].flatMap(namesOf).map((tensor) => [tensor.name, tensor]));
}

/** A tensor as the published files have it; three for queries, keys and values. */
function namesOf(tensor: SourceTensor): SourceTensor[] {
  const { name } = tensor;
  for (const [official, theirs = ''] of OTHERS) {
    if (name === official || PARTS.some((part) => name === `${official}.${part}`)) {
      return [renamed(tensor, theirs + name.slice(official.length))];
    }
  }
  const [, blocks, number, inner, part] = /^(\w+)\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const place = BLOCKS.find(([official]) => official === blocks)?.[1];
  if (place !== undefined && inner === 'attn.qkv') {
    return THIRDS.map(([third], i) => thirdOf(tensor, `${place}.${number}.${third}.${part}`, i));
  }
  const known = BLOCK_NAMES.find(([official]) => official === inner)?.[1];
  if (place === undefined || known === undefined) {
    throw new NamingError(`they have no tensor for ${name}`);
  }
  return [renamed(tensor, `${place}.${number}.${known}.${part}`)];
}

function thirdOf(tensor: SourceTensor, name: string, index: number): SourceTensor {
  const [rows = 0, ...rest] = tensor.shape;
  const shape = [rows / 3, ...rest];
  const elements = elementCount(shape);
  return {
    name,
    shape,
    read: async () => (await tensor.read()).slice(index * elements, (index + 1) * elements),
  };
}
