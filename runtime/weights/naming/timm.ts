import type { SourceTensor, SourceTensors } from '../weight-source.ts';
import type { NamingScheme } from './scheme.ts';

/** What timm's vision transformers have not. */
const DECODER = /^(decoder_|mask_token$)/;

/**
 * timm's `VisionTransformer`, from which the official code took its encoder's names:
 * https://github.com/huggingface/pytorch-image-models.
 */
export const TIMM: NamingScheme = {
  name: 'timm',
  title: "timm's vision transformers",
  recognises: (names) => names.some((name) => /^blocks\.\d+\.attn\.(qkv|proj)\.weight$/.test(name)),
  toOfficial: (tensors) => tensors,
  fromOfficial: (tensors) => {
    const encoder = new Map([...tensors].filter(([name]) => !DECODER.test(name)));
    return tensors.has('reg_token') ? withoutClassPositions(encoder) : encoder;
  },
};

/**
 * With registers timm has positions of all tokens before the patches, or of none (`no_embed_class=True`); here the class tokens
 * alone have some. Added to the class token they need no rows, and the model is the same.
 */
function withoutClassPositions(tensors: SourceTensors): SourceTensors {
  const classToken = tensors.get('cls_token');
  const positions = tensors.get('pos_embed');
  if (classToken === undefined || positions === undefined) return tensors;
  const [, classTokens = 0, width = 0] = classToken.shape;
  const [, rows = 0] = positions.shape;
  const kept: SourceTensor = {
    name: 'pos_embed',
    shape: [1, rows - classTokens, width],
    read: async () => (await positions.read()).slice(classTokens * width),
  };
  const placed: SourceTensor = {
    ...classToken,
    read: async () => {
      const table = await positions.read();
      return (await classToken.read()).map((value, i) => value + (table[i] ?? 0));
    },
  };
  return new Map([...tensors, ['cls_token', placed], ['pos_embed', kept]]);
}
