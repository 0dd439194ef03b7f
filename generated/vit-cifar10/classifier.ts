// Made by mae-compile 0.1.0 from spec/vit-cifar10.mae (architecture e30cafd4f0d1).
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

/** Projects each 2x2 patch of 3 channels to 192. */
export class PatchEmbedding {
  /** PyTorch’s [192, 3, 2, 2] with its axes in the order [2, 2, 3, 192], seen as a matrix. */
  readonly weight: Matrix<12, 192>;
  readonly bias: Vector<192>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 12, 192);
    this.bias = parameters.vector(`${name}.bias`, 192);
  }

  /** patches [batch*256, 12] → [batch*256, 192]. */
  forward(patches: Rows<256, 12>): Rows<256, 192> {
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

  /** x [batch*257, 192] → the same. */
  forward(x: Rows<257, 192>): Rows<257, 192> {
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

  /** x [batch*257, inputs] → [batch*257, outputs]. */
  forward(x: Rows<257, Inputs>): Rows<257, Outputs> {
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

  /** x [batch*257, 192] → the same. */
  forward(x: Rows<257, 192>): Rows<257, 192> {
    return this.proj.forward(attention(this.qkv.forward(x), 257, 3));
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

  /** x [batch*257, 192] → the same. */
  forward(x: Rows<257, 192>): Rows<257, 192> {
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

  /** x [batch*257, 192] → the same. */
  forward(x: Rows<257, 192>): Rows<257, 192> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 12 blocks of width 192 with 3 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  readonly posEmbed: Matrix<257, 192>;
  readonly clsToken: Matrix<1, 192>;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 257, 192);
    this.clsToken = parameters.matrix('cls_token', 1, 192);
    this.blocks = Array.from({ length: 12 }, (_, index) => new Block(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm');
  }

  /** patches [batch*256, 12] → [batch*257, 192]. */
  forward(patches: Rows<256, 12>): Rows<257, 192> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return this.norm.forward(tokens);
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

/** The classifier of vit-cifar10: 10 classes. */
export class Classifier {
  readonly encoder: Encoder;
  /** One logit a class. */
  readonly head: NarrowingLinear<192, 10>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.head = new NarrowingLinear(parameters, 'head', 192, 10);
  }

  /** images [batch, 3, 32, 32] → logits, features. */
  forward(images: Images<3, 32, 32>): ClassifierOutput {
    const features = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [2, 2])), 257, 0, 1);
    return {
      logits: this.head.forward(features),
      features,
    };
  }

  /** images [batch, 3, 32, 32] and targets [batch, 10] → loss, logits, features. */
  train(images: Images<3, 32, 32>, targets: Rows<1, 10>): ClassifierTrainOutput {
    const features = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [2, 2])), 257, 0, 1);
    const logits = this.head.forward(features);
    return {
      loss: softmaxCrossEntropy(logits, targets),
      logits,
      features,
    };
  }
}
