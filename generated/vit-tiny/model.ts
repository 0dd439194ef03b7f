// Made by mae-compile 0.1.0 from spec/vit-tiny.mae (architecture 5a34fddd3046).
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
export const TOKENS = { visible: 16, removed: 48, prefix: 1 } as const;

/** Projects each 4x4 patch of 3 channels to 192. */
export class PatchEmbedding {
  /** PyTorch’s [192, 3, 4, 4] with its axes in the order [4, 4, 3, 192], seen as a matrix. */
  readonly weight: Matrix<48, 192>;
  readonly bias: Vector<192>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 48, 192);
    this.bias = parameters.vector(`${name}.bias`, 192);
  }

  /** patches [batch*64, 48] → [batch*64, 192]. */
  forward(patches: Rows<64, 48>): Rows<64, 192> {
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

/** Self-attention of 3 heads, 64 channels each. */
export class EncoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<192, 576>;
  /** Joins the heads. */
  readonly proj: Linear<192, 192>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 192, 576);
    this.proj = new Linear(parameters, `${name}.proj`, 192, 192);
  }

  /** x [batch*tokens, 192] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 192>, tokens: Tokens): Rows<Tokens, 192> {
    return this.proj.forward(attention(this.qkv.forward(x), tokens, 3));
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

/** The token-wise MLP, 768 hidden channels. */
export class EncoderMlp {
  /** Widens. */
  readonly fc1: Linear<192, 768>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<768, 192>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 192, 768);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 768, 192);
  }

  /** x [batch*tokens, 192] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 192>): Rows<Tokens, 192> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class EncoderBlock {
  readonly norm1: LayerNorm<192>;
  readonly attn: EncoderAttention;
  readonly norm2: LayerNorm<192>;
  readonly mlp: EncoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 192);
    this.attn = new EncoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 192);
    this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*tokens, 192] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 192>, tokens: Tokens): Rows<Tokens, 192> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 12 blocks of width 192 with 3 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<65, 192>;
  readonly clsToken: Matrix<1, 192>;
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm<192>;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 65, 192);
    this.clsToken = parameters.matrix('cls_token', 1, 192);
    this.blocks = Array.from({ length: 12 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm', 192);
  }

  /** patches [batch*64, 48] → [batch*65, 192]. */
  forward(patches: Rows<64, 48>): Rows<65, 192> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
    for (const block of this.blocks) tokens = block.forward(tokens, 65);
    return this.norm.forward(tokens);
  }

  /** patches [batch*64, 48] and a masking → [batch*17, 192]. */
  forwardVisible(patches: Rows<64, 48>, masking: Masking<16, 48, 1>): Rows<17, 192> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
    let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 16);
    for (const block of this.blocks) tokens = block.forward(tokens, 17);
    return this.norm.forward(tokens);
  }
}

/** Self-attention of 3 heads, 32 channels each. */
export class DecoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<96, 288>;
  /** Joins the heads. */
  readonly proj: Linear<96, 96>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 96, 288);
    this.proj = new Linear(parameters, `${name}.proj`, 96, 96);
  }

  /** x [batch*65, 96] → the same. */
  forward(x: Rows<65, 96>): Rows<65, 96> {
    return this.proj.forward(attention(this.qkv.forward(x), 65, 3));
  }
}

/** The token-wise MLP, 384 hidden channels. */
export class DecoderMlp {
  /** Widens. */
  readonly fc1: Linear<96, 384>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<384, 96>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 96, 384);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 384, 96);
  }

  /** x [batch*65, 96] → the same. */
  forward(x: Rows<65, 96>): Rows<65, 96> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class DecoderBlock {
  readonly norm1: LayerNorm<96>;
  readonly attn: DecoderAttention;
  readonly norm2: LayerNorm<96>;
  readonly mlp: DecoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 96);
    this.attn = new DecoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 96);
    this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*65, 96] → the same. */
  forward(x: Rows<65, 96>): Rows<65, 96> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The light decoder: 2 blocks of width 96 with 3 heads, then the pixels of every patch. */
export class Decoder {
  /** From the encoder’s width to the decoder’s. */
  readonly embed: NarrowingLinear<192, 96>;
  readonly maskToken: Matrix<1, 96>;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<65, 96>;
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm<96>;
  /** The pixels of a patch from its token. */
  readonly pred: NarrowingLinear<96, 48>;

  constructor(parameters: ParameterSource) {
    this.embed = new NarrowingLinear(parameters, 'decoder_embed', 192, 96);
    this.maskToken = parameters.matrix('mask_token', 1, 96);
    this.posEmbed = parameters.matrix('decoder_pos_embed', 65, 96);
    this.blocks = Array.from(
      { length: 2 },
      (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`),
    );
    this.norm = new LayerNorm(parameters, 'decoder_norm', 96);
    this.pred = new NarrowingLinear(parameters, 'decoder_pred', 96, 48);
  }

  /** latent [batch*17, 192] and a masking → [batch*64, 48]. */
  forward(latent: Rows<17, 192>, masking: Masking<16, 48, 1>): Rows<64, 48> {
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
  /** The decoder’s patches, those that the encoder saw among them: [batch, 64, 48]. */
  readonly prediction: Batch<64, 48>;
  /** What the encoder makes of its tokens: [batch, 17, 192]. */
  readonly latent: Batch<17, 192>;
}

/** The masked autoencoder vit-tiny. */
export class MaskedAutoencoder {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.decoder = new Decoder(parameters);
  }

  /** images [batch, 3, 32, 32] → [batch, 65, 192]. */
  features(images: Images<3, 32, 32>): Batch<65, 192> {
    return splitBatch(this.encoder.forward(patchify(images, [8, 8], [4, 4])), 65);
  }

  /** images [batch, 3, 32, 32] and a masking → loss, prediction, latent. */
  forward(images: Images<3, 32, 32>, masking: Masking<16, 48, 1>): MaskedAutoencoderOutput {
    const patches = patchify(images, [8, 8], [4, 4]);
    const latent = this.encoder.forwardVisible(patches, masking);
    const prediction = this.decoder.forward(latent, masking);
    return {
      loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
      prediction: splitBatch(prediction, 64),
      latent: splitBatch(latent, 17),
    };
  }
}
