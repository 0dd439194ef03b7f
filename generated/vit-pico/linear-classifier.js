// Made by mae-compile 0.1.0 from spec/vit-pico.mae (architecture fd05064356f6).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, batchNorm, gelu, layerNorm, linear, patchify, prependTokens, runningMean, runningVariance, sliceRows, sliceTokens, softmaxCrossEntropy, standardizeColumns, } from 'mae-compiler/tfjs';
/** Projects each 8x8 patch of 3 channels to 128. */
export class PatchEmbedding {
    /** PyTorch’s [128, 3, 8, 8] with its axes in the order [128, 8, 8, 3], seen as a matrix. */
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.matrix(`${name}.weight`, 128, 192);
        this.bias = parameters.vector(`${name}.bias`, 128);
    }
    /** patches [batch*64, 192] → [batch*64, 128]. */
    forward(patches) {
        return linear(patches, this.weight, this.bias, 'out-in');
    }
}
/** Layer norm over the channels of each token. */
export class LayerNorm {
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.vector(`${name}.weight`, 128);
        this.bias = parameters.vector(`${name}.bias`, 128);
    }
    /** x [batch*65, 128] → the same. */
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
    /** x [batch*65, inputs] → [batch*65, outputs]. */
    forward(x) {
        return linear(x, this.weight, this.bias, 'in-out');
    }
}
/** Self-attention of 4 heads, 32 channels each. */
export class Attention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 128, 384);
        this.proj = new Linear(parameters, `${name}.proj`, 128, 128);
    }
    /** x [batch*65, 128] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 65, 4));
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
/** The token-wise MLP, 512 hidden channels. */
export class Mlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 128, 512);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 512, 128);
    }
    /** x [batch*65, 128] → the same. */
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
    /** x [batch*65, 128] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The vision transformer: 4 blocks of width 128 with 4 heads. */
export class Encoder {
    patchEmbed;
    /** Fixed sine-cosine positions. */
    posEmbed;
    clsToken;
    blocks;
    norm;
    constructor(parameters) {
        this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
        this.posEmbed = parameters.matrix('pos_embed', 65, 128);
        this.clsToken = parameters.matrix('cls_token', 1, 128);
        this.blocks = Array.from({ length: 4 }, (_, index) => new Block(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm');
    }
    /** patches [batch*64, 192] → [batch*65, 128]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
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
        this.runningMean = parameters.vector(`${name}.running_mean`, 128);
        this.runningVar = parameters.vector(`${name}.running_var`, 128);
    }
    /** x [batch, 128] → the same. */
    forward(x) {
        return standardizeColumns(x, this.runningMean, this.runningVar, 1e-6);
    }
    /** x [batch, 128] → values, nextMean, nextVariance. */
    train(x) {
        return {
            values: batchNorm(x, 1e-6),
            nextMean: runningMean(this.runningMean, x, 0.1),
            nextVariance: runningVariance(this.runningVar, x, 0.1),
        };
    }
}
/** A linear classifier of 10 classes on the frozen encoder of vit-pico. */
export class LinearProbe {
    encoder;
    batchNorm;
    /** One logit a class. */
    linear;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.batchNorm = new BatchNorm(parameters, 'head.0');
        this.linear = new NarrowingLinear(parameters, 'head.1', 128, 10);
    }
    /** images [batch, 3, 64, 64] → logits, features. */
    forward(images) {
        const features = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65, 0, 1);
        return {
            logits: this.linear.forward(this.batchNorm.forward(features)),
            features,
        };
    }
    /**
     * images [batch, 3, 64, 64] and targets [batch, 10] → nextRunningMean, nextRunningVariance, loss, logits,
     * features.
     */
    train(images, targets) {
        const features = sliceTokens(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65, 0, 1);
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
