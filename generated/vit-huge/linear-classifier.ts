// Made by mae-compile 0.1.0 from spec/vit-huge.mae (architecture acead8ba8838).
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

/** Projects each 14x14 patch of 3 channels to 1280. */
export class PatchEmbedding {
  /** PyTorch’s [1280, 3, 14, 14] with its axes in the order [14, 14, 3, 1280], seen as a matrix. */
  readonly weight: Matrix<588, 1280>;
  readonly bias: Vector<1280>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.matrix(`${name}.weight`, 588, 1280);
    this.bias = parameters.vector(`${name}.bias`, 1280);
  }

  /** patches [batch*256, 588] → [batch*256, 1280]. */
  forward(patches: Rows<256, 588>): Rows<256, 1280> {
    return linear(patches, this.weight, this.bias, 'in-out');
  }
}

/** Layer norm over the channels of each token. */
export class LayerNorm {
  readonly weight: Vector<1280>;
  readonly bias: Vector<1280>;

  constructor(parameters: ParameterSource, name: string) {
    this.weight = parameters.vector(`${name}.weight`, 1280);
    this.bias = parameters.vector(`${name}.bias`, 1280);
  }

  /** x [batch*257, 1280] → the same. */
  forward(x: Rows<257, 1280>): Rows<257, 1280> {
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

/** Self-attention of 16 heads, 80 channels each. */
export class Attention {
  /** Queries, keys and values of all heads. */
  readonly qkv: Linear<1280, 3840>;
  /** Joins the heads. */
  readonly proj: Linear<1280, 1280>;

  constructor(parameters: ParameterSource, name: string) {
    this.qkv = new Linear(parameters, `${name}.qkv`, 1280, 3840);
    this.proj = new Linear(parameters, `${name}.proj`, 1280, 1280);
  }

  /** x [batch*257, 1280] → the same. */
  forward(x: Rows<257, 1280>): Rows<257, 1280> {
    return this.proj.forward(attention(this.qkv.forward(x), 257, 16));
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

/** The token-wise MLP, 5120 hidden channels. */
export class Mlp {
  /** Widens. */
  readonly fc1: Linear<1280, 5120>;
  /** Narrows. */
  readonly fc2: NarrowingLinear<5120, 1280>;

  constructor(parameters: ParameterSource, name: string) {
    this.fc1 = new Linear(parameters, `${name}.fc1`, 1280, 5120);
    this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 5120, 1280);
  }

  /** x [batch*257, 1280] → the same. */
  forward(x: Rows<257, 1280>): Rows<257, 1280> {
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

  /** x [batch*257, 1280] → the same. */
  forward(x: Rows<257, 1280>): Rows<257, 1280> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 32 blocks of width 1280 with 16 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<257, 1280>;
  readonly clsToken: Matrix<1, 1280>;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 257, 1280);
    this.clsToken = parameters.matrix('cls_token', 1, 1280);
    this.blocks = Array.from({ length: 32 }, (_, index) => new Block(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm');
  }

  /** patches [batch*256, 588] → [batch*257, 1280]. */
  forward(patches: Rows<256, 588>): Rows<257, 1280> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return this.norm.forward(tokens);
  }
}

/** What `BatchNorm.train` returns. */
export interface BatchNormTrainOutput {
  /** [batch, 1280]. */
  readonly values: Rows<1, 1280>;
  /** [1280]. */
  readonly nextMean: Vector<1280>;
  /** [1280]. */
  readonly nextVariance: Vector<1280>;
}

/** Batch norm without weight and bias (Ioffe and Szegedy 2015). */
export class BatchNorm {
  readonly runningMean: Vector<1280>;
  readonly runningVar: Vector<1280>;

  constructor(parameters: ParameterSource, name: string) {
    this.runningMean = parameters.vector(`${name}.running_mean`, 1280);
    this.runningVar = parameters.vector(`${name}.running_var`, 1280);
  }

  /** x [batch, 1280] → the same. */
  forward(x: Rows<1, 1280>): Rows<1, 1280> {
    return standardizeColumns(x, this.runningMean, this.runningVar, 1e-6);
  }

  /** x [batch, 1280] → values, nextMean, nextVariance. */
  train(x: Rows<1, 1280>): BatchNormTrainOutput {
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
  /** What the encoder makes of its tokens: [batch, 1280]. */
  readonly features: Rows<1, 1280>;
}

/** What `LinearProbe.train` returns. */
export interface LinearProbeTrainOutput {
  /** [1280]. */
  readonly nextRunningMean: Vector<1280>;
  /** [1280]. */
  readonly nextRunningVariance: Vector<1280>;
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 1280]. */
  readonly features: Rows<1, 1280>;
}

/** A linear classifier of 1000 classes on the frozen encoder of vit-huge. */
export class LinearProbe {
  readonly encoder: Encoder;
  readonly batchNorm: BatchNorm;
  /** One logit a class. */
  readonly linear: NarrowingLinear<1280, 1000>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.batchNorm = new BatchNorm(parameters, 'head.0');
    this.linear = new NarrowingLinear(parameters, 'head.1', 1280, 1000);
  }

  /** images [batch, 3, 224, 224] → logits, features. */
  forward(images: Images<3, 224, 224>): LinearProbeOutput {
    const features = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [14, 14])), 257, 0, 1);
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
    const features = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [14, 14])), 257, 0, 1);
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
