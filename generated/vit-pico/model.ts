// Made by mae-compile 0.1.0 from spec/vit-pico.mae (architecture fd05064356f6).
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
export const TOKENS = { visible: 16, removed: 48, prefix: 1 } as const;

/** Projects each 8x8 patch of 3 channels to 128. */
export class PatchEmbedding {
  /** PyTorch’s [128, 3, 8, 8] with its axes in the order [128, 8, 8, 3], seen as a matrix. */
  readonly weight: Matrix<128, 192>;
  readonly bias: Vector<128>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 128, 192);
    this.bias = parameters.vector(`${name}.bias`, 128);
  }

  /** patches [batch*64, 192] → [batch*64, 128]. */
  forward(patches: Rows<64, 192>): Rows<64, 128> {
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

/** Self-attention of 4 heads, 32 channels each. */
export class EncoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<128, 384>;
  /** Joins the heads. */
  readonly proj: Linear<128, 128>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 128, 384);
    this.proj = new Linear(parameters, `${name}.proj`, 128, 128);
  }

  /** x [batch*tokens, 128] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 128>, tokens: Tokens): Rows<Tokens, 128> {
    return this.proj.forward(attention(this.qkv.forward(x), tokens, 4));
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

/** The token-wise MLP, 512 hidden channels. */
export class EncoderMlp {
  /** Widens. */
  readonly fc1: Linear<128, 512>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<512, 128>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 128, 512);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 512, 128);
  }

  /** x [batch*tokens, 128] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 128>): Rows<Tokens, 128> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class EncoderBlock {
  readonly norm1: LayerNorm<128>;
  readonly attn: EncoderAttention;
  readonly norm2: LayerNorm<128>;
  readonly mlp: EncoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 128);
    this.attn = new EncoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 128);
    this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*tokens, 128] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 128>, tokens: Tokens): Rows<Tokens, 128> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 4 blocks of width 128 with 4 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<65, 128>;
  readonly clsToken: Matrix<1, 128>;
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm<128>;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 65, 128);
    this.clsToken = parameters.matrix('cls_token', 1, 128);
    this.blocks = Array.from({ length: 4 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm', 128);
  }

  /** patches [batch*64, 192] → [batch*65, 128]. */
  forward(patches: Rows<64, 192>): Rows<65, 128> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
    for (const block of this.blocks) tokens = block.forward(tokens, 65);
    return this.norm.forward(tokens);
  }

  /** patches [batch*64, 192] and a masking → [batch*17, 128]. */
  forwardVisible(patches: Rows<64, 192>, masking: Masking<16, 48, 1>): Rows<17, 128> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
    let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 16);
    for (const block of this.blocks) tokens = block.forward(tokens, 17);
    return this.norm.forward(tokens);
  }
}

/** Self-attention of 4 heads, 16 channels each. */
export class DecoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<64, 192>;
  /** Joins the heads. */
  readonly proj: Linear<64, 64>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 64, 192);
    this.proj = new Linear(parameters, `${name}.proj`, 64, 64);
  }

  /** x [batch*65, 64] → the same. */
  forward(x: Rows<65, 64>): Rows<65, 64> {
    return this.proj.forward(attention(this.qkv.forward(x), 65, 4));
  }
}

/** The token-wise MLP, 256 hidden channels. */
export class DecoderMlp {
  /** Widens. */
  readonly fc1: Linear<64, 256>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<256, 64>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 64, 256);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 256, 64);
  }

  /** x [batch*65, 64] → the same. */
  forward(x: Rows<65, 64>): Rows<65, 64> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class DecoderBlock {
  readonly norm1: LayerNorm<64>;
  readonly attn: DecoderAttention;
  readonly norm2: LayerNorm<64>;
  readonly mlp: DecoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 64);
    this.attn = new DecoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 64);
    this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*65, 64] → the same. */
  forward(x: Rows<65, 64>): Rows<65, 64> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The light decoder: 2 blocks of width 64 with 4 heads, then the pixels of every patch. */
export class Decoder {
  /** From the encoder’s width to the decoder’s. */
  readonly embed: NarrowingLinear<128, 64>;
  readonly maskToken: Matrix<1, 64>;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<65, 64>;
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm<64>;
  /** The pixels of a patch from its token. */
  readonly pred: Linear<64, 192>;

  constructor(parameters: ParameterSource) {
    this.embed = new NarrowingLinear(parameters, 'decoder_embed', 128, 64);
    this.maskToken = parameters.matrix('mask_token', 1, 64);
    this.posEmbed = parameters.matrix('decoder_pos_embed', 65, 64);
    this.blocks = Array.from(
      { length: 2 },
      (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`),
    );
    this.norm = new LayerNorm(parameters, 'decoder_norm', 64);
    this.pred = new Linear(parameters, 'decoder_pred', 64, 192);
  }

  /** latent [batch*17, 128] and a masking → [batch*64, 192]. */
  forward(latent: Rows<17, 128>, masking: Masking<16, 48, 1>): Rows<64, 192> {
    const restored = restoreTokens(
      this.embed.forward(latent),
      this.maskToken,
      masking.restore,
      masking.restoreInverse,
      masking.removedToken,
    );
    let tokens = addPerToken(restored, this.posEmbed);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 65, 1, 64);
  }
}

/** What `MaskedAutoencoder.forward` returns. */
export interface MaskedAutoencoderOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** The decoder’s patches, those that the encoder saw among them: [batch, 64, 192]. */
  readonly prediction: Batch<64, 192>;
  /** What the encoder makes of its tokens: [batch, 17, 128]. */
  readonly latent: Batch<17, 128>;
}

/** The masked autoencoder vit-pico. */
export class MaskedAutoencoder {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.decoder = new Decoder(parameters);
  }

  /** images [batch, 3, 64, 64] → [batch, 65, 128]. */
  features(images: Images<3, 64, 64>): Batch<65, 128> {
    return splitBatch(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65);
  }

  /** images [batch, 3, 64, 64] and a masking → loss, prediction, latent. */
  forward(images: Images<3, 64, 64>, masking: Masking<16, 48, 1>): MaskedAutoencoderOutput {
    const patches = patchify(images, [8, 8], [8, 8]);
    const latent = this.encoder.forwardVisible(patches, masking);
    const prediction = this.decoder.forward(latent, masking);
    return {
      loss: maskedMeanSquaredError(prediction, patches, masking.mask),
      prediction: splitBatch(prediction, 64),
      latent: splitBatch(latent, 17),
    };
  }
}
