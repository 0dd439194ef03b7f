// Made by mae-compile 1.2.3 from spec/test.mae (architecture 0123456789ab).
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
export const TOKENS = { visible: 4, removed: 12, prefix: 1 } as const;

/** Projects each 4x4 patch of 3 channels to 16. */
export class PatchEmbedding {
  /** PyTorch’s [16, 3, 4, 4] with its axes in the order [16, 4, 4, 3], seen as a matrix. */
  readonly weight: Matrix<16, 48>;
  readonly bias: Vector<16>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 16, 48);
    this.bias = parameters.vector(`${name}.bias`, 16);
  }

  /** patches [batch*16, 48] → [batch*16, 16]. */
  forward(patches: Rows<16, 48>): Rows<16, 16> {
    return linear(patches, this.weight, this.bias, 'out-in');
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

/** Self-attention of 2 heads, 8 channels each. */
export class EncoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<16, 48>;
  /** Joins the heads. */
  readonly proj: Linear<16, 16>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 16, 48);
    this.proj = new Linear(parameters, `${name}.proj`, 16, 16);
  }

  /** x [batch*tokens, 16] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 16>, tokens: Tokens): Rows<Tokens, 16> {
    return this.proj.forward(attention(this.qkv.forward(x), tokens, 2));
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

/** The token-wise MLP, 64 hidden channels. */
export class EncoderMlp {
  /** Widens. */
  readonly fc1: Linear<16, 64>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<64, 16>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 16, 64);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 64, 16);
  }

  /** x [batch*tokens, 16] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 16>): Rows<Tokens, 16> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class EncoderBlock {
  readonly norm1: LayerNorm<16>;
  readonly attn: EncoderAttention;
  readonly norm2: LayerNorm<16>;
  readonly mlp: EncoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 16);
    this.attn = new EncoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 16);
    this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*tokens, 16] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 16>, tokens: Tokens): Rows<Tokens, 16> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 2 blocks of width 16 with 2 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<17, 16>;
  readonly clsToken: Matrix<1, 16>;
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm<16>;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 17, 16);
    this.clsToken = parameters.matrix('cls_token', 1, 16);
    this.blocks = Array.from({ length: 2 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm', 16);
  }

  /** patches [batch*16, 48] → [batch*17, 16]. */
  forward(patches: Rows<16, 48>): Rows<17, 16> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 16));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 16);
    for (const block of this.blocks) tokens = block.forward(tokens, 17);
    return this.norm.forward(tokens);
  }

  /** patches [batch*16, 48] and a masking → [batch*5, 16]. */
  forwardVisible(patches: Rows<16, 48>, masking: Masking<4, 12, 1>): Rows<5, 16> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 16));
    const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
    let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 4);
    for (const block of this.blocks) tokens = block.forward(tokens, 5);
    return this.norm.forward(tokens);
  }
}

/** Self-attention of 2 heads, 4 channels each. */
export class DecoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<8, 24>;
  /** Joins the heads. */
  readonly proj: Linear<8, 8>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 8, 24);
    this.proj = new Linear(parameters, `${name}.proj`, 8, 8);
  }

  /** x [batch*17, 8] → the same. */
  forward(x: Rows<17, 8>): Rows<17, 8> {
    return this.proj.forward(attention(this.qkv.forward(x), 17, 2));
  }
}

/** The token-wise MLP, 32 hidden channels. */
export class DecoderMlp {
  /** Widens. */
  readonly fc1: Linear<8, 32>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<32, 8>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 8, 32);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 32, 8);
  }

  /** x [batch*17, 8] → the same. */
  forward(x: Rows<17, 8>): Rows<17, 8> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class DecoderBlock {
  readonly norm1: LayerNorm<8>;
  readonly attn: DecoderAttention;
  readonly norm2: LayerNorm<8>;
  readonly mlp: DecoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 8);
    this.attn = new DecoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 8);
    this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*17, 8] → the same. */
  forward(x: Rows<17, 8>): Rows<17, 8> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The light decoder: 1 blocks of width 8 with 2 heads, then the pixels of every patch. */
export class Decoder {
  /** From the encoder’s width to the decoder’s. */
  readonly embed: NarrowingLinear<16, 8>;
  readonly maskToken: Matrix<1, 8>;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<17, 8>;
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm<8>;
  /** The pixels of a patch from its token. */
  readonly pred: Linear<8, 48>;

  constructor(parameters: ParameterSource) {
    this.embed = new NarrowingLinear(parameters, 'decoder_embed', 16, 8);
    this.maskToken = parameters.matrix('mask_token', 1, 8);
    this.posEmbed = parameters.matrix('decoder_pos_embed', 17, 8);
    this.blocks = Array.from(
      { length: 1 },
      (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`),
    );
    this.norm = new LayerNorm(parameters, 'decoder_norm', 8);
    this.pred = new Linear(parameters, 'decoder_pred', 8, 48);
  }

  /** latent [batch*5, 16] and a masking → [batch*16, 48]. */
  forward(latent: Rows<5, 16>, masking: Masking<4, 12, 1>): Rows<16, 48> {
    const restored = restoreTokens(
      this.embed.forward(latent),
      this.maskToken,
      masking.restore,
      masking.restoreInverse,
      masking.removedToken,
    );
    let tokens = addPerToken(restored, this.posEmbed);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 17, 1, 16);
  }
}

/** What `MaskedAutoencoder.forward` returns. */
export interface MaskedAutoencoderOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** The decoder’s patches, those that the encoder saw among them: [batch, 16, 48]. */
  readonly prediction: Batch<16, 48>;
  /** What the encoder makes of its tokens: [batch, 5, 16]. */
  readonly latent: Batch<5, 16>;
}

/** The masked autoencoder small. */
export class MaskedAutoencoder {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.decoder = new Decoder(parameters);
  }

  /** images [batch, 3, 16, 16] → [batch, 17, 16]. */
  features(images: Images<3, 16, 16>): Batch<17, 16> {
    return splitBatch(this.encoder.forward(patchify(images, [4, 4], [4, 4])), 17);
  }

  /** images [batch, 3, 16, 16] and a masking → loss, prediction, latent. */
  forward(images: Images<3, 16, 16>, masking: Masking<4, 12, 1>): MaskedAutoencoderOutput {
    const patches = patchify(images, [4, 4], [4, 4]);
    const latent = this.encoder.forwardVisible(patches, masking);
    const prediction = this.decoder.forward(latent, masking);
    return {
      loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
      prediction: splitBatch(prediction, 16),
      latent: splitBatch(latent, 5),
    };
  }
}
