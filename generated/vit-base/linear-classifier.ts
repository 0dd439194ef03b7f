// Made by mae-compile 0.1.0 from spec/vit-base.mae (architecture 451e256f7f49).
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

  /** x [batch*197, 768] → the same. */
  forward(x: Rows<197, 768>): Rows<197, 768> {
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

  /** x [batch*197, 768] → the same. */
  forward(x: Rows<197, 768>): Rows<197, 768> {
    const attended = add(x, this.attn.forward(this.norm1.forward(x)));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** The vision transformer: 12 blocks of width 768 with 12 heads. */
export class Encoder {
  readonly patchEmbed: PatchEmbedding;
  /** Fixed sine-cosine positions. */
  readonly posEmbed: Matrix<197, 768>;
  readonly clsToken: Matrix<1, 768>;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;

  constructor(parameters: ParameterSource) {
    this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
    this.posEmbed = parameters.matrix('pos_embed', 197, 768);
    this.clsToken = parameters.matrix('cls_token', 1, 768);
    this.blocks = Array.from({ length: 12 }, (_, index) => new Block(parameters, `blocks.${index}`));
    this.norm = new LayerNorm(parameters, 'norm');
  }

  /** patches [batch*196, 768] → [batch*197, 768]. */
  forward(patches: Rows<196, 768>): Rows<197, 768> {
    const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 196));
    let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 196);
    for (const block of this.blocks) tokens = block.forward(tokens);
    return this.norm.forward(tokens);
  }
}

/** What `BatchNorm.train` returns. */
export interface BatchNormTrainOutput {
  /** [batch, 768]. */
  readonly values: Rows<1, 768>;
  /** [768]. */
  readonly nextMean: Vector<768>;
  /** [768]. */
  readonly nextVariance: Vector<768>;
}

/** Batch norm without weight and bias (Ioffe and Szegedy 2015). */
export class BatchNorm {
  readonly runningMean: Vector<768>;
  readonly runningVar: Vector<768>;

  constructor(parameters: ParameterSource, name: string) {
    this.runningMean = parameters.vector(`${name}.running_mean`, 768);
    this.runningVar = parameters.vector(`${name}.running_var`, 768);
  }

  /** x [batch, 768] → the same. */
  forward(x: Rows<1, 768>): Rows<1, 768> {
    return standardizeColumns(x, this.runningMean, this.runningVar, 1e-6);
  }

  /** x [batch, 768] → values, nextMean, nextVariance. */
  train(x: Rows<1, 768>): BatchNormTrainOutput {
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
  /** What the encoder makes of its tokens: [batch, 768]. */
  readonly features: Rows<1, 768>;
}

/** What `LinearProbe.train` returns. */
export interface LinearProbeTrainOutput {
  /** [768]. */
  readonly nextRunningMean: Vector<768>;
  /** [768]. */
  readonly nextRunningVariance: Vector<768>;
  /** What training minimises. */
  readonly loss: Scalar;
  /** One number a class, before the softmax: [batch, 1000]. */
  readonly logits: Rows<1, 1000>;
  /** What the encoder makes of its tokens: [batch, 768]. */
  readonly features: Rows<1, 768>;
}

/** A linear classifier of 1000 classes on the frozen encoder of vit-base. */
export class LinearProbe {
  readonly encoder: Encoder;
  readonly batchNorm: BatchNorm;
  /** One logit a class. */
  readonly linear: Linear<768, 1000>;

  constructor(parameters: ParameterSource) {
    this.encoder = new Encoder(parameters);
    this.batchNorm = new BatchNorm(parameters, 'head.0');
    this.linear = new Linear(parameters, 'head.1', 768, 1000);
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
