// Made by mae-compile 0.1.0 from spec/vit-large.mae (architecture 49981efd2b50).
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

/** Projects each 16x16 patch of 3 channels to 1024. */
export class PatchEmbedding {
  /** PyTorch’s [1024, 3, 16, 16] with its axes in the order [16, 16, 3, 1024], seen as a matrix. */
  readonly weight: Matrix<768, 1024>;
  readonly bias: Vector<1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 768, 1024);
    this.bias = parameters.vector(`${name}.bias`, 1024);
  }

  /** patches [batch*196, 768] → [batch*196, 1024]. */
  forward(patches: Rows<196, 768>): Rows<196, 1024> {
    return linear(patches, this.weight, this.bias, 'in-out');
  }
}

/** Layer norm over the channels of each token. */
export class LayerNorm {
  readonly weight: Vector<1024>;
  readonly bias: Vector<1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.vector(`${name}.weight`, 1024);
    this.bias = parameters.vector(`${name}.bias`, 1024);
  }

  /** x [batch*tokens, 1024] → the same. */
  forward<Tokens extends number>(x: Rows<Tokens, 1024>): Rows<Tokens, 1024> {
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

  /** x [batch*197, inputs] → [batch*197, outputs]. */
  forward(x: Rows<197, Inputs>): Rows<197, Outputs> {
    return linear(x, this.weight, this.bias, 'in-out');
  }
}

/** Self-attention of 16 heads, 64 channels each. */
export class Attention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<1024, 3072>;
  /** Joins the heads. */
  readonly proj: Linear<1024, 1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 1024, 3072);
    this.proj = new Linear(parameters, `${name}.proj`, 1024, 1024);
  }

  /** x [batch*197, 1024] → the same. */
  forward(x: Rows<197, 1024>): Rows<197, 1024> {
    return this.proj.forward(attention(this.qkv.forward(x), 197, 16));
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
export class Mlp {
  /** Widens. */
  readonly fc1: Linear<1024, 4096>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<4096, 1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 1024, 4096);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 4096, 1024);
  }

  /** x [batch*197, 1024] → the same. */
  forward(x: Rows<197, 1024>): Rows<197, 1024> {
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

  /** x [batch*197, 1024] → the same. */
  forward(x: Rows<197, 1024>, drops?: Drops): Rows<197, 1024> {
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

/** The vision transformer: 24 blocks of width 1024 with 16 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  readonly posEmbed: Matrix<197, 1024>;
  readonly clsToken: Matrix<1, 1024>;
  readonly blocks: readonly Block[];

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 197, 1024);
    this.clsToken = parameters.matrix('cls_token', 1, 1024);
    this.blocks = Array.from({ length: 24 }, (_, index) => new Block(parameters, `blocks.${index}`));
  }

  /** patches [batch*196, 768] → [batch*197, 1024]. */
  forward(patches: Rows<196, 768>, drops?: Drops): Rows<197, 1024> {
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
  /** What the encoder makes of its tokens: [batch, 1024]. */
  readonly features: Rows<1, 1024>;
}

/** What `Classifier.train` returns. */
export interface ClassifierTrainOutput {
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 1024]. */
  readonly features: Rows<1, 1024>;
}

/** The classifier of vit-large: 1000 classes. */
export class Classifier {
  readonly encoder: Encoder;
  readonly fcNorm: LayerNorm;
  /** One logit a class. */
  readonly head: NarrowingLinear<1024, 1000>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.fcNorm = new LayerNorm(parameters, 'fc_norm');
    this.head = new NarrowingLinear(parameters, 'head', 1024, 1000);
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
