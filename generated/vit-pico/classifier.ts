// Made by mae-compile 0.1.0 from spec/vit-pico.mae (architecture fd05064356f6).
// Change the spec and compile it again rather than this file.

import {
  add,
  addPerToken,
  attention,
  gelu,
  type Images,
  layerNorm,
  linear,
  type Matrix,
  meanTokens,
  type ParameterSource,
  patchify,
  prependTokens,
  type Rows,
  type Scalar,
  sliceRows,
  sliceTokens,
  softmaxCrossEntropy,
  type Vector,
} from 'mae-compiler/tfjs';

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
export class LayerNorm {
  readonly weight: Vector<128>;
  readonly bias: Vector<128>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.vector(`${name}.weight`, 128);
    this.bias = parameters.vector(`${name}.bias`, 128);
  }

  /** x [batch*tokens, 128] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 128>): Rows<Tokens, 128> {
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

  /** x [batch*65, inputs] → [batch*65, outputs]. */
  forward(x: Rows<65, Inputs>): Rows<65, Outputs> {
    return linear(x, this.weight, this.bias, 'in-out');
  }
}

/** Self-attention of 4 heads, 32 channels each. */
export class Attention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<128, 384>;
  /** Joins the heads. */
  readonly proj: Linear<128, 128>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 128, 384);
    this.proj = new Linear(parameters, `${name}.proj`, 128, 128);
  }

  /** x [batch*65, 128] → the same. */
  forward(x: Rows<65, 128>): Rows<65, 128> {
    return this.proj.forward(attention(this.qkv.forward(x), 65, 4));
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
export class Mlp {
  /** Widens. */
  readonly fc1: Linear<128, 512>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<512, 128>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 128, 512);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 512, 128);
  }

  /** x [batch*65, 128] → the same. */
  forward(x: Rows<65, 128>): Rows<65, 128> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class Block {
  readonly norm1: LayerNorm;
  readonly attn: Attention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;

  constructor(parameters: ParameterSource, name: string) {
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`);
    this.attn = new Attention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`);
    this.mlp = new Mlp(parameters, `${name}.mlp`);
  }

  /** x [batch*65, 128] → the same. */
  forward(x: Rows<65, 128>): Rows<65, 128> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 4 blocks of width 128 with 4 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  readonly posEmbed: Matrix<65, 128>;
  readonly clsToken: Matrix<1, 128>;
  readonly blocks: readonly Block[];

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 65, 128);
    this.clsToken = parameters.matrix('cls_token', 1, 128);
    this.blocks = Array.from({ length: 4 }, (_, index) => new Block(parameters, `blocks.${index}`));
  }

  /** patches [batch*64, 192] → [batch*65, 128]. */
  forward(patches: Rows<64, 192>): Rows<65, 128> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return tokens;
  }
}

/** What `Classifier.forward` returns. */
export interface ClassifierOutput {
  /** One number a class, before the softmax: [batch, 10]. */
  readonly logits: Rows<1, 10>;
  /** What the encoder makes of its tokens: [batch, 128]. */
  readonly features: Rows<1, 128>;
}

/** What `Classifier.train` returns. */
export interface ClassifierTrainOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 10]. */
  readonly logits: Rows<1, 10>;
  /** What the encoder makes of its tokens: [batch, 128]. */
  readonly features: Rows<1, 128>;
}

/** The classifier of vit-pico: 10 classes. */
export class Classifier {
  readonly encoder: Encoder;
  readonly fcNorm: LayerNorm;
  /** One logit a class. */
  readonly head: NarrowingLinear<128, 10>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.fcNorm = new LayerNorm(parameters, 'fc_norm');
    this.head = new NarrowingLinear(parameters, 'head', 128, 10);
  }

  /** images [batch, 3, 64, 64] → logits, features. */
  forward(images: Images<3, 64, 64>): ClassifierOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65, 1, 64);
    const features = this.fcNorm.forward(meanTokens(part, 64));
    return {
      logits: this.head.forward(features),
      features,
    };
  }

  /** images [batch, 3, 64, 64] and targets [batch, 10] → loss, logits, features. */
  train(images: Images<3, 64, 64>, targets: Rows<1, 10>): ClassifierTrainOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65, 1, 64);
    const features = this.fcNorm.forward(meanTokens(part, 64));
    const logits = this.head.forward(features);
    return {
      loss: softmaxCrossEntropy(logits, targets),
      logits,
      features,
    };
  }
}
