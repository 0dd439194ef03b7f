// Made by mae-compile 0.1.0 from spec/vit-large.mae (architecture 49981efd2b50).
// Change the spec and compile it again rather than this file.

import {
  add,
  addPerToken,
  attention,
  batchNorm,
  gelu,
  type Images,
  layerNorm,
  linear,
  type Matrix,
  type ParameterSource,
  patchify,
  prependTokens,
  type Rows,
  runningMean,
  runningVariance,
  type Scalar,
  sliceRows,
  sliceTokens,
  softmaxCrossEntropy,
  standardizeColumns,
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

  /** x [batch*197, 1024] → the same. */
  forward(x: Rows<197, 1024>): Rows<197, 1024> {
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

  /** x [batch*197, 1024] → the same. */
  forward(x: Rows<197, 1024>): Rows<197, 1024> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 24 blocks of width 1024 with 16 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<197, 1024>;
  readonly clsToken: Matrix<1, 1024>;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 197, 1024);
    this.clsToken = parameters.matrix('cls_token', 1, 1024);
    this.blocks = Array.from({ length: 24 }, (_, index) => new Block(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm');
  }

  /** patches [batch*196, 768] → [batch*197, 1024]. */
  forward(patches: Rows<196, 768>): Rows<197, 1024> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 196));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 196);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return this.norm.forward(tokens);
  }
}

/** What `BatchNorm.train` returns. */
export interface BatchNormTrainOutput {
  /** [batch, 1024]. */
  readonly values: Rows<1, 1024>;
  /** [1024]. */
  readonly nextMean: Vector<1024>;
  /** [1024]. */
  readonly nextVariance: Vector<1024>;
}

/** Batch norm without weight and bias (Ioffe and Szegedy 2015). */
export class BatchNorm {
  readonly runningMean: Vector<1024>;
  readonly runningVar: Vector<1024>;

  constructor(parameters: ParameterSource, name: string) {
    this.runningMean = parameters.vector(`${name}.running_mean`, 1024);
    this.runningVar = parameters.vector(`${name}.running_var`, 1024);
  }

  /** x [batch, 1024] → the same. */
  forward(x: Rows<1, 1024>): Rows<1, 1024> {
    return standardizeColumns(x, this.runningMean, this.runningVar, 1e-6);
  }

  /** x [batch, 1024] → values, nextMean, nextVariance. */
  train(x: Rows<1, 1024>): BatchNormTrainOutput {
    return {
      values: batchNorm(x, 1e-6),
      nextMean: runningMean(this.runningMean, x, 0.1),
      nextVariance: runningVariance(this.runningVar, x, 0.1),
    };
  }
}

/** What `LinearProbe.forward` returns. */
export interface LinearProbeOutput {
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 1024]. */
  readonly features: Rows<1, 1024>;
}

/** What `LinearProbe.train` returns. */
export interface LinearProbeTrainOutput {
  /** [1024]. */
  readonly nextRunningMean: Vector<1024>;
  /** [1024]. */
  readonly nextRunningVariance: Vector<1024>;
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 1024]. */
  readonly features: Rows<1, 1024>;
}

/** A linear classifier of 1000 classes on the frozen encoder of vit-large. */
export class LinearProbe {
  readonly encoder: Encoder;
  readonly batchNorm: BatchNorm;
  /** One logit a class. */
  readonly linear: NarrowingLinear<1024, 1000>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.batchNorm = new BatchNorm(parameters, 'head.0');
    this.linear = new NarrowingLinear(parameters, 'head.1', 1024, 1000);
  }

  /** images [batch, 3, 224, 224] → logits, features. */
  forward(images: Images<3, 224, 224>): LinearProbeOutput {
    const features = sliceTokens(this.encoder.forward(patchify(images, [14, 14], [16, 16])), 197, 0, 1);
    return {
      logits: this.linear.forward(this.batchNorm.forward(features)),
      features,
    };
  }

  /**
   * images [batch, 3, 224, 224] and targets [batch, 1000] → nextRunningMean, nextRunningVariance, loss,
   * logits, features.
   */
  train(images: Images<3, 224, 224>, targets: Rows<1, 1000>): LinearProbeTrainOutput {
    const features = sliceTokens(this.encoder.forward(patchify(images, [14, 14], [16, 16])), 197, 0, 1);
    const normalized = this.batchNorm.train(features);
    const logits = this.linear.forward(normalized.values);
    return {
      nextRunningMean: normalized.nextMean,
      nextRunningVariance: normalized.nextVariance,
      loss: softmaxCrossEntropy(logits, targets),
      logits,
      features,
    };
  }
}
