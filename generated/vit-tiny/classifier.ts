// Made by mae-compile 0.1.0 from spec/vit-tiny.mae (architecture 5a34fddd3046).
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
export class LayerNorm {
  readonly weight: Vector<192>;
  readonly bias: Vector<192>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.vector(`${name}.weight`, 192);
    this.bias = parameters.vector(`${name}.bias`, 192);
  }

  /** x [batch*tokens, 192] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 192>): Rows<Tokens, 192> {
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

/** Self-attention of 3 heads, 64 channels each. */
export class Attention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<192, 576>;
  /** Joins the heads. */
  readonly proj: Linear<192, 192>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 192, 576);
    this.proj = new Linear(parameters, `${name}.proj`, 192, 192);
  }

  /** x [batch*65, 192] → the same. */
  forward(x: Rows<65, 192>): Rows<65, 192> {
    return this.proj.forward(attention(this.qkv.forward(x), 65, 3));
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
export class Mlp {
  /** Widens. */
  readonly fc1: Linear<192, 768>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<768, 192>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 192, 768);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 768, 192);
  }

  /** x [batch*65, 192] → the same. */
  forward(x: Rows<65, 192>): Rows<65, 192> {
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

  /** x [batch*65, 192] → the same. */
  forward(x: Rows<65, 192>, drops?: Drops): Rows<65, 192> {
    const normalized = this.norm1.forward(x);
    const attended = dropPath(this.attn.forward(normalized), drops?.get(`drop-path:${this.name}.attn`), 65);
    const sum = add(x, attended);
    const normalized2 = this.norm2.forward(sum);
    const transformed = dropPath(this.mlp.forward(normalized2), drops?.get(`drop-path:${this.name}.mlp`), 65);
    return add(sum, transformed);
  }
}

/** The vision transformer: 12 blocks of width 192 with 3 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  readonly posEmbed: Matrix<65, 192>;
  readonly clsToken: Matrix<1, 192>;
  readonly blocks: readonly Block[];

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 65, 192);
    this.clsToken = parameters.matrix('cls_token', 1, 192);
    this.blocks = Array.from({ length: 12 }, (_, index) => new Block(parameters, `blocks.${index}`));
  }

  /** patches [batch*64, 48] → [batch*65, 192]. */
  forward(patches: Rows<64, 48>, drops?: Drops): Rows<65, 192> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
    for (const block of this.blocks) tokens = block.forward(tokens, drops);
    return tokens;
  }
}

/** What `Classifier.forward` returns. */
export interface ClassifierOutput {
  /** One number a class, before the softmax: [batch, 10]. */
  readonly logits: Rows<1, 10>;
  /** What the encoder makes of its tokens: [batch, 192]. */
  readonly features: Rows<1, 192>;
}

/** What `Classifier.train` returns. */
export interface ClassifierTrainOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 10]. */
  readonly logits: Rows<1, 10>;
  /** What the encoder makes of its tokens: [batch, 192]. */
  readonly features: Rows<1, 192>;
}

/** The classifier of vit-tiny: 10 classes. */
export class Classifier {
  readonly encoder: Encoder;
  readonly fcNorm: LayerNorm;
  /** One logit a class. */
  readonly head: NarrowingLinear<192, 10>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.fcNorm = new LayerNorm(parameters, 'fc_norm');
    this.head = new NarrowingLinear(parameters, 'head', 192, 10);
  }

  /** images [batch, 3, 32, 32] → logits, features. */
  forward(images: Images<3, 32, 32>): ClassifierOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [4, 4])), 65, 1, 64);
    const features = this.fcNorm.forward(meanTokens(part, 64));
    return {
      logits: this.head.forward(features),
      features,
    };
  }

  /** images [batch, 3, 32, 32] and targets [batch, 10] → loss, logits, features. */
  train(images: Images<3, 32, 32>, targets: Rows<1, 10>, drops?: Drops): ClassifierTrainOutput {
    const part = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [4, 4]), drops), 65, 1, 64);
    const features = this.fcNorm.forward(meanTokens(part, 64));
    const logits = this.head.forward(features);
    return {
      loss: softmaxCrossEntropy(logits, targets),
      logits,
      features,
    };
  }
}
