// Made by mae-compile 0.1.0 from spec/vit-base.mae (architecture 451e256f7f49).
// Change the spec and compile it again rather than this file.

import {
  add,
  addPerToken,
  attention,
  type Batch,
  gatherRows,
  gelu,
  type Images,
  layerNorm,
  linear,
  type Masking,
  type Matrix,
  maskedMeanSquaredError,
  normalizePatches,
  type ParameterSource,
  patchify,
  prependTokens,
  type Rows,
  restoreTokens,
  type Scalar,
  sliceRows,
  sliceTokens,
  splitBatch,
  type Vector,
} from 'mae-compiler/tfjs';

/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 49, removed: 147, prefix: 1 } as const;

/** Projects each 16x16 patch of 3 channels to 768. */
export class PatchEmbedding {
  /** PyTorch’s [768, 3, 16, 16] with its axes in the order [16, 16, 3, 768], seen as a matrix. */
  readonly weight: Matrix<768, 768>;
  readonly bias: Vector<768>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 768, 768);
    this.bias = parameters.vector(`${name}.bias`, 768);
  }

  /** patches [batch*196, 768] → the same. */
  forward(patches: Rows<196, 768>): Rows<196, 768> {
    return linear(patches, this.weight, this.bias, 'in-out');
  }
}

/** Layer norm over the channels of each token. */
export class LayerNorm<Width extends number> {
  readonly weight: Vector<Width>;
  readonly bias: Vector<Width>;

  constructor(parameters: ParameterSource, name: string, width: Width) {
    this.weight = parameters.vector(`${name}.weight`, width);
    this.bias = parameters.vector(`${name}.bias`, width);
  }

  /** x [batch*tokens, width] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, Width>): Rows<Tokens, Width> {
    return layerNorm(x, this.weight, this.bias, 1e-6);
  }
}

/** A fully connected layer. */
export class Linear<Inputs extends number, Outputs extends number> {
  /** PyTorch’s, transposed. */
  readonly weight: Matrix<Inputs, Outputs>;
  readonly bias: Vector<Outputs>;

  constructor(parameters: ParameterSource, name: string, inputs: Inputs, outputs: Outputs) {
    this.weight = parameters.matrix(`${name}.weight`, inputs, outputs);
    this.bias = parameters.vector(`${name}.bias`, outputs);
  }

  /** x [batch*tokens, inputs] → [batch*tokens, outputs]. */
  forward<Tokens extends number>(x: Rows<Tokens, Inputs>): Rows<Tokens, Outputs> {
    return linear(x, this.weight, this.bias, 'in-out');
  }
}

/** Self-attention of 12 heads, 64 channels each. */
export class EncoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<768, 2304>;
  /** Joins the heads. */
  readonly proj: Linear<768, 768>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 768, 2304);
    this.proj = new Linear(parameters, `${name}.proj`, 768, 768);
  }

  /** x [batch*tokens, 768] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 768>, tokens: Tokens): Rows<Tokens, 768> {
    return this.proj.forward(attention(this.qkv.forward(x), tokens, 12));
  }
}

/** A fully connected layer to fewer channels. Its weight, like all, is held with the longer side last. */
export class NarrowingLinear<Inputs extends number, Outputs extends number> {
  readonly weight: Matrix<Outputs, Inputs>;
  readonly bias: Vector<Outputs>;

  constructor(parameters: ParameterSource, name: string, inputs: Inputs, outputs: Outputs) {
    this.weight = parameters.matrix(`${name}.weight`, outputs, inputs);
    this.bias = parameters.vector(`${name}.bias`, outputs);
  }

  /** x [batch*tokens, inputs] → [batch*tokens, outputs]. */
  forward<Tokens extends number>(x: Rows<Tokens, Inputs>): Rows<Tokens, Outputs> {
    return linear(x, this.weight, this.bias, 'out-in');
  }
}

/** The token-wise MLP, 3072 hidden channels. */
export class EncoderMlp {
  /** Widens. */
  readonly fc1: Linear<768, 3072>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<3072, 768>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 768, 3072);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 3072, 768);
  }

  /** x [batch*tokens, 768] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 768>): Rows<Tokens, 768> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class EncoderBlock {
  readonly norm1: LayerNorm<768>;
  readonly attn: EncoderAttention;
  readonly norm2: LayerNorm<768>;
  readonly mlp: EncoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 768);
    this.attn = new EncoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 768);
    this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*tokens, 768] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 768>, tokens: Tokens): Rows<Tokens, 768> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 12 blocks of width 768 with 12 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<197, 768>;
  readonly clsToken: Matrix<1, 768>;
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm<768>;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 197, 768);
    this.clsToken = parameters.matrix('cls_token', 1, 768);
    this.blocks = Array.from({ length: 12 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm', 768);
  }

  /** patches [batch*196, 768] → [batch*197, 768]. */
  forward(patches: Rows<196, 768>): Rows<197, 768> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 196));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 196);
    for (const block of this.blocks) tokens = block.forward(tokens, 197);
    return this.norm.forward(tokens);
  }

  /** patches [batch*196, 768] and a masking → [batch*50, 768]. */
  forwardVisible(patches: Rows<196, 768>, masking: Masking<49, 147, 1>): Rows<50, 768> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 196));
    const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
    let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 49);
    for (const block of this.blocks) tokens = block.forward(tokens, 50);
    return this.norm.forward(tokens);
  }
}

/** Self-attention of 16 heads, 32 channels each. */
export class DecoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<512, 1536>;
  /** Joins the heads. */
  readonly proj: Linear<512, 512>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 512, 1536);
    this.proj = new Linear(parameters, `${name}.proj`, 512, 512);
  }

  /** x [batch*197, 512] → the same. */
  forward(x: Rows<197, 512>): Rows<197, 512> {
    return this.proj.forward(attention(this.qkv.forward(x), 197, 16));
  }
}

/** The token-wise MLP, 2048 hidden channels. */
export class DecoderMlp {
  /** Widens. */
  readonly fc1: Linear<512, 2048>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<2048, 512>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 512, 2048);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 2048, 512);
  }

  /** x [batch*197, 512] → the same. */
  forward(x: Rows<197, 512>): Rows<197, 512> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class DecoderBlock {
  readonly norm1: LayerNorm<512>;
  readonly attn: DecoderAttention;
  readonly norm2: LayerNorm<512>;
  readonly mlp: DecoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 512);
    this.attn = new DecoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 512);
    this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*197, 512] → the same. */
  forward(x: Rows<197, 512>): Rows<197, 512> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The light decoder: 8 blocks of width 512 with 16 heads, then the pixels of every patch. */
export class Decoder {
  /** From the encoder’s width to the decoder’s. */
  readonly embed: NarrowingLinear<768, 512>;
  readonly maskToken: Matrix<1, 512>;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<197, 512>;
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm<512>;
  /** The pixels of a patch from its token. */
  readonly pred: Linear<512, 768>;

  constructor(parameters: ParameterSource) {
    this.embed = new NarrowingLinear(parameters, 'decoder_embed', 768, 512);
    this.maskToken = parameters.matrix('mask_token', 1, 512);
    this.posEmbed = parameters.matrix('decoder_pos_embed', 197, 512);
    this.blocks = Array.from(
      { length: 8 },
      (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`),
    );
    this.norm = new LayerNorm(parameters, 'decoder_norm', 512);
    this.pred = new Linear(parameters, 'decoder_pred', 512, 768);
  }

  /** latent [batch*50, 768] and a masking → [batch*196, 768]. */
  forward(latent: Rows<50, 768>, masking: Masking<49, 147, 1>): Rows<196, 768> {
    const restored = restoreTokens(
      this.embed.forward(latent),
      this.maskToken,
      masking.restore,
      masking.restoreInverse,
      masking.removedToken,
    );
    let tokens = addPerToken(restored, this.posEmbed);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 197, 1, 196);
  }
}

/** What `MaskedAutoencoder.forward` returns. */
export interface MaskedAutoencoderOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** The decoder’s patches, those that the encoder saw among them: [batch, 196, 768]. */
  readonly prediction: Batch<196, 768>;
  /** What the encoder makes of its tokens: [batch, 50, 768]. */
  readonly latent: Batch<50, 768>;
}

/** The masked autoencoder vit-base. */
export class MaskedAutoencoder {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.decoder = new Decoder(parameters);
  }

  /** images [batch, 3, 224, 224] → [batch, 197, 768]. */
  features(images: Images<3, 224, 224>): Batch<197, 768> {
    return splitBatch(this.encoder.forward(patchify(images, [14, 14], [16, 16])), 197);
  }

  /** images [batch, 3, 224, 224] and a masking → loss, prediction, latent. */
  forward(images: Images<3, 224, 224>, masking: Masking<49, 147, 1>): MaskedAutoencoderOutput {
    const patches = patchify(images, [14, 14], [16, 16]);
    const latent = this.encoder.forwardVisible(patches, masking);
    const prediction = this.decoder.forward(latent, masking);
    return {
      loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
      prediction: splitBatch(prediction, 196),
      latent: splitBatch(latent, 50),
    };
  }
}
