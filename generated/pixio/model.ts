// Made by mae-compile 0.1.0 from spec/pixio.mae (architecture c0aeb171fc8b).
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
export const TOKENS = { visible: 64, removed: 192, prefix: 8 } as const;

/** Projects each 16x16 patch of 3 channels to 1024. */
export class PatchEmbedding {
  /** PyTorch’s [1024, 3, 16, 16] with its axes in the order [16, 16, 3, 1024], seen as a matrix. */
  readonly weight: Matrix<768, 1024>;
  readonly bias: Vector<1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 768, 1024);
    this.bias = parameters.vector(`${name}.bias`, 1024);
  }

  /** patches [batch*256, 768] → [batch*256, 1024]. */
  forward(patches: Rows<256, 768>): Rows<256, 1024> {
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

/** Self-attention of 16 heads, 64 channels each. */
export class EncoderAttention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<1024, 3072>;
  /** Joins the heads. */
  readonly proj: Linear<1024, 1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 1024, 3072);
    this.proj = new Linear(parameters, `${name}.proj`, 1024, 1024);
  }

  /** x [batch*tokens, 1024] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 1024>, tokens: Tokens): Rows<Tokens, 1024> {
    return this.proj.forward(attention(this.qkv.forward(x), tokens, 16));
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

/** The token-wise MLP, 4096 hidden channels. */
export class EncoderMlp {
  /** Widens. */
  readonly fc1: Linear<1024, 4096>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<4096, 1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 1024, 4096);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 4096, 1024);
  }

  /** x [batch*tokens, 1024] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 1024>): Rows<Tokens, 1024> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class EncoderBlock {
  readonly norm1: LayerNorm<1024>;
  readonly attn: EncoderAttention;
  readonly norm2: LayerNorm<1024>;
  readonly mlp: EncoderMlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 1024);
    this.attn = new EncoderAttention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 1024);
    this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
  }

  /** x [batch*tokens, 1024] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 1024>, tokens: Tokens): Rows<Tokens, 1024> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 24 blocks of width 1024 with 16 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<264, 1024>;
  readonly clsToken: Matrix<8, 1024>;
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm<1024>;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 264, 1024);
    this.clsToken = parameters.matrix('cls_token', 8, 1024);
    this.blocks = Array.from({ length: 24 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm', 1024);
  }

  /** patches [batch*256, 768] → [batch*264, 1024]. */
  forward(patches: Rows<256, 768>): Rows<264, 1024> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 8, 256));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 8)), placed, 256);
    for (const block of this.blocks) tokens = block.forward(tokens, 264);
    return this.norm.forward(tokens);
  }

  /** patches [batch*256, 768] and a masking → [batch*72, 1024]. */
  forwardVisible(patches: Rows<256, 768>, masking: Masking<64, 192, 8>): Rows<72, 1024> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 8, 256));
    const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 8));
    let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 64);
    for (const block of this.blocks) tokens = block.forward(tokens, 72);
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

  /** x [batch*264, 512] → the same. */
  forward(x: Rows<264, 512>): Rows<264, 512> {
    return this.proj.forward(attention(this.qkv.forward(x), 264, 16));
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

  /** x [batch*264, 512] → the same. */
  forward(x: Rows<264, 512>): Rows<264, 512> {
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

  /** x [batch*264, 512] → the same. */
  forward(x: Rows<264, 512>): Rows<264, 512> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The light decoder: 32 blocks of width 512 with 16 heads, then the pixels of every patch. */
export class Decoder {
  /** From the encoder’s width to the decoder’s. */
  readonly embed: NarrowingLinear<1024, 512>;
  readonly maskToken: Matrix<1, 512>;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<264, 512>;
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm<512>;
  /** The pixels of a patch from its token. */
  readonly pred: Linear<512, 768>;

  constructor(parameters: ParameterSource) {
    this.embed = new NarrowingLinear(parameters, 'decoder_embed', 1024, 512);
    this.maskToken = parameters.matrix('mask_token', 1, 512);
    this.posEmbed = parameters.matrix('decoder_pos_embed', 264, 512);
    this.blocks = Array.from(
      { length: 32 },
      (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`),
    );
    this.norm = new LayerNorm(parameters, 'decoder_norm', 512);
    this.pred = new Linear(parameters, 'decoder_pred', 512, 768);
  }

  /** latent [batch*72, 1024] and a masking → [batch*256, 768]. */
  forward(latent: Rows<72, 1024>, masking: Masking<64, 192, 8>): Rows<256, 768> {
    const restored = restoreTokens(
      this.embed.forward(latent),
      this.maskToken,
      masking.restore,
      masking.restoreInverse,
      masking.removedToken,
    );
    let tokens = addPerToken(restored, this.posEmbed);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 264, 8, 256);
  }
}

/** What `MaskedAutoencoder.forward` returns. */
export interface MaskedAutoencoderOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** The decoder’s patches, those that the encoder saw among them: [batch, 256, 768]. */
  readonly prediction: Batch<256, 768>;
  /** What the encoder makes of its tokens: [batch, 72, 1024]. */
  readonly latent: Batch<72, 1024>;
}

/** The masked autoencoder pixio. */
export class MaskedAutoencoder {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.decoder = new Decoder(parameters);
  }

  /** images [batch, 3, 256, 256] → [batch, 264, 1024]. */
  features(images: Images<3, 256, 256>): Batch<264, 1024> {
    return splitBatch(this.encoder.forward(patchify(images, [16, 16], [16, 16])), 264);
  }

  /** images [batch, 3, 256, 256] and a masking → loss, prediction, latent. */
  forward(images: Images<3, 256, 256>, masking: Masking<64, 192, 8>): MaskedAutoencoderOutput {
    const patches = patchify(images, [16, 16], [16, 16]);
    const latent = this.encoder.forwardVisible(patches, masking);
    const prediction = this.decoder.forward(latent, masking);
    return {
      loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
      prediction: splitBatch(prediction, 256),
      latent: splitBatch(latent, 72),
    };
  }
}
