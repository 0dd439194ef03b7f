// Made by mae-compile 0.1.0 from spec/vit-base.mae (architecture 451e256f7f49).
// Change the spec and compile it again rather than this file.

import {
  add,
  addPerToken,
  attention,
  type Drops,
  dropPath,
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
export class LayerNorm {
  readonly weight: Vector<768>;
  readonly bias: Vector<768>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.vector(`${name}.weight`, 768);
    this.bias = parameters.vector(`${name}.bias`, 768);
  }

  /** x [batch*tokens, 768] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 768>): Rows<Tokens, 768> {
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
export class Attention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<768, 2304>;
  /** Joins the heads. */
  readonly proj: Linear<768, 768>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 768, 2304);
    this.proj = new Linear(parameters, `${name}.proj`, 768, 768);
  }

  /** x [batch*197, 768] → the same. */
  forward(x: Rows<197, 768>): Rows<197, 768> {
    return this.proj.forward(attention(this.qkv.forward(x), 197, 12));
  }
}

/** Narrows. */
export class NarrowingLinear {
  readonly weight: Matrix<768, 3072>;
  readonly bias: Vector<768>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 768, 3072);
    this.bias = parameters.vector(`${name}.bias`, 768);
  }

  /** x [batch*197, 3072] → [batch*197, 768]. */
  forward(x: Rows<197, 3072>): Rows<197, 768> {
    return linear(x, this.weight, this.bias, 'out-in');
  }
}

/** The token-wise MLP, 3072 hidden channels. */
export class Mlp {
  /** Widens. */
  readonly fc1: Linear<768, 3072>;
  readonly fc2: NarrowingLinear;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 768, 3072);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`);
  }

  /** x [batch*197, 768] → the same. */
  forward(x: Rows<197, 768>): Rows<197, 768> {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class Block {
  readonly name: string;
  readonly norm1: LayerNorm;
  readonly attn: Attention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;

  constructor(parameters: ParameterSource, name: string) {
    this.name = name;
    this.norm1 = new LayerNorm(parameters, `${name}.norm1`);
    this.attn = new Attention(parameters, `${name}.attn`);
    this.norm2 = new LayerNorm(parameters, `${name}.norm2`);
    this.mlp = new Mlp(parameters, `${name}.mlp`);
  }

  /** x [batch*197, 768] → the same. */
  forward(x: Rows<197, 768>, drops?: Drops): Rows<197, 768> {
    const normalized = this.norm1.forward(x);
    const attended = dropPath(this.attn.forward(normalized), drops?.get(`drop-path:${this.name}.attn`), 197);
    const sum = add(x, attended);
    const normalized2 = this.norm2.forward(sum);
    const transformed = dropPath(
      this.mlp.forward(normalized2),
      drops?.get(`drop-path:${this.name}.mlp`),
      197,
    );
    return add(sum, transformed);
  }
}

/** The vision transformer: 12 blocks of width 768 with 12 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  readonly posEmbed: Matrix<197, 768>;
  readonly clsToken: Matrix<1, 768>;
  readonly blocks: readonly Block[];

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 197, 768);
    this.clsToken = parameters.matrix('cls_token', 1, 768);
    this.blocks = Array.from({ length: 12 }, (_, index) => new Block(parameters, `blocks.${index}`));
  }

  /** patches [batch*196, 768] → [batch*197, 768]. */
  forward(patches: Rows<196, 768>, drops?: Drops): Rows<197, 768> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 196));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 196);
    for (const block of this.blocks) tokens = block.forward(tokens, drops);
    return tokens;
  }
}

/** What `Classifier.forward` returns. */
export interface ClassifierOutput {
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 768]. */
  readonly features: Rows<1, 768>;
}

/** What `Classifier.train` returns. */
export interface ClassifierTrainOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 768]. */
  readonly features: Rows<1, 768>;
}

/** The classifier of vit-base: 1000 classes. */
export class Classifier {
  readonly encoder: Encoder;
  readonly fcNorm: LayerNorm;
  /** One logit a class. */
  readonly head: Linear<768, 1000>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.fcNorm = new LayerNorm(parameters, 'fc_norm');
    this.head = new Linear(parameters, 'head', 768, 1000);
  }

  /** images [batch, 3, 224, 224] → logits, features. */
  forward(images: Images<3, 224, 224>): ClassifierOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [14, 14], [16, 16])), 197, 1, 196);
    const features = this.fcNorm.forward(meanTokens(part, 196));
    return {
      logits: this.head.forward(features),
      features,
    };
  }

  /** images [batch, 3, 224, 224] and targets [batch, 1000] → loss, logits, features. */
  train(images: Images<3, 224, 224>, targets: Rows<1, 1000>, drops?: Drops): ClassifierTrainOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [14, 14], [16, 16]), drops), 197, 1, 196);
    const features = this.fcNorm.forward(meanTokens(part, 196));
    const logits = this.head.forward(features);
    return {
      loss: softmaxCrossEntropy(logits, targets),
      logits,
      features,
    };
  }
}
