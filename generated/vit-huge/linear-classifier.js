// Made by mae-compile 0.1.0 from spec/vit-huge.mae (architecture acead8ba8838).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, batchNorm, gelu, layerNorm, linear, patchify, prependTokens, runningMean, runningVariance, sliceRows, sliceTokens, softmaxCrossEntropy, standardizeColumns, } from 'mae-compiler/tfjs';
/** Projects each 14x14 patch of 3 channels to 1280. */
export class PatchEmbedding {
    /** PyTorch’s [1280, 3, 14, 14] with its axes in the order [14, 14, 3, 1280], seen as a matrix. */
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.matrix(`${name}.weight`, 588, 1280);
        this.bias = parameters.vector(`${name}.bias`, 1280);
    }
    /** patches [batch*256, 588] → [batch*256, 1280]. */
    forward(patches) {
        return linear(patches, this.weight, this.bias, 'in-out');
    }
}
/** Layer norm over the channels of each token. */
export class LayerNorm {
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.vector(`${name}.weight`, 1280);
        this.bias = parameters.vector(`${name}.bias`, 1280);
    }
    /** x [batch*257, 1280] → the same. */
    forward(x) {
        return layerNorm(x, this.weight, this.bias, 1e-6);
    }
}
/** A fully connected layer. */
export class Linear {
    /** PyTorch’s, transposed. */
    weight;
    bias;
    constructor(parameters, name, inputs, outputs) {
        this.weight = parameters.matrix(`${name}.weight`, inputs, outputs);
        this.bias = parameters.vector(`${name}.bias`, outputs);
    }
    /** x [batch*257, inputs] → [batch*257, outputs]. */
    forward(x) {
        return linear(x, this.weight, this.bias, 'in-out');
    }
}
/** Self-attention of 16 heads, 80 channels each. */
export class Attention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 1280, 3840);
        this.proj = new Linear(parameters, `${name}.proj`, 1280, 1280);
    }
    /** x [batch*257, 1280] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 257, 16));
    }
}
/** A fully connected layer to fewer channels. Its weight, like all, is held with the longer side last. */
export class NarrowingLinear {
    weight;
    bias;
    constructor(parameters, name, inputs, outputs) {
        this.weight = parameters.matrix(`${name}.weight`, outputs, inputs);
        this.bias = parameters.vector(`${name}.bias`, outputs);
    }
    /** x [batch*tokens, inputs] → [batch*tokens, outputs]. */
    forward(x) {
        return linear(x, this.weight, this.bias, 'out-in');
    }
}
/** The token-wise MLP, 5120 hidden channels. */
export class Mlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 1280, 5120);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 5120, 1280);
    }
    /** x [batch*257, 1280] → the same. */
    forward(x) {
        return this.fc2.forward(gelu(this.fc1.forward(x)));
    }
}
/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class Block {
    norm1;
    attn;
    norm2;
    mlp;
    constructor(parameters, name) {
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`);
        this.attn = new Attention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`);
        this.mlp = new Mlp(parameters, `${name}.mlp`);
    }
    /** x [batch*257, 1280] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The vision transformer: 32 blocks of width 1280 with 16 heads. */
export class Encoder {
    patchEmbed;
    /** Fixed sine-cosine positions. */
    posEmbed;
    clsToken;
    blocks;
    norm;
    constructor(parameters) {
        this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
        this.posEmbed = parameters.matrix('pos_embed', 257, 1280);
        this.clsToken = parameters.matrix('cls_token', 1, 1280);
        this.blocks = Array.from({ length: 32 }, (_, index) => new Block(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm');
    }
    /** patches [batch*256, 588] → [batch*257, 1280]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
        for (const block of this.blocks)
            tokens = block.forward(tokens);
        return this.norm.forward(tokens);
    }
}
/** Batch norm without weight and bias (Ioffe and Szegedy 2015). */
export class BatchNorm {
    runningMean;
    runningVar;
    constructor(parameters, name) {
        this.runningMean = parameters.vector(`${name}.running_mean`, 1280);
        this.runningVar = parameters.vector(`${name}.running_var`, 1280);
    }
    /** x [batch, 1280] → the same. */
    forward(x) {
        return standardizeColumns(x, this.runningMean, this.runningVar, 1e-6);
    }
    /** x [batch, 1280] → values, nextMean, nextVariance. */
    train(x) {
        return {
            values: batchNorm(x, 1e-6),
            nextMean: runningMean(this.runningMean, x, 0.1),
            nextVariance: runningVariance(this.runningVar, x, 0.1),
        };
    }
}
/** A linear classifier of 1000 classes on the frozen encoder of vit-huge. */
export class LinearProbe {
    encoder;
    batchNorm;
    /** One logit a class. */
    linear;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.batchNorm = new BatchNorm(parameters, 'head.0');
        this.linear = new NarrowingLinear(parameters, 'head.1', 1280, 1000);
    }
    /** images [batch, 3, 224, 224] → logits, features. */
    forward(images) {
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
    train(images, targets) {
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
