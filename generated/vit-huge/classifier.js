// Made by mae-compile 0.1.0 from spec/vit-huge.mae (architecture acead8ba8838).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, dropPath, gelu, layerNorm, linear, meanTokens, patchify, prependTokens, sliceRows, sliceTokens, softmaxCrossEntropy, } from 'mae-compiler/tfjs';
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
    /** x [batch*tokens, 1280] → the same. */
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
    name;
    norm1;
    attn;
    norm2;
    mlp;
    constructor(parameters, name) {
        this.name = name;
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`);
        this.attn = new Attention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`);
        this.mlp = new Mlp(parameters, `${name}.mlp`);
    }
    /** x [batch*257, 1280] → the same. */
    forward(x, drops) {
        const normalized = this.norm1.forward(x);
        const attended = dropPath(this.attn.forward(normalized), drops?.get(`drop-path:${this.name}.attn`), 257);
        const sum = add(x, attended);
        const normalized2 = this.norm2.forward(sum);
        const transformed = dropPath(this.mlp.forward(normalized2), drops?.get(`drop-path:${this.name}.mlp`), 257);
        return add(sum, transformed);
    }
}
/** The vision transformer: 32 blocks of width 1280 with 16 heads. */
export class Encoder {
    patchEmbed;
    posEmbed;
    clsToken;
    blocks;
    constructor(parameters) {
        this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
        this.posEmbed = parameters.matrix('pos_embed', 257, 1280);
        this.clsToken = parameters.matrix('cls_token', 1, 1280);
        this.blocks = Array.from({ length: 32 }, (_, index) => new Block(parameters, `blocks.${index}`));
    }
    /** patches [batch*256, 588] → [batch*257, 1280]. */
    forward(patches, drops) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
        for (const block of this.blocks)
            tokens = block.forward(tokens, drops);
        return tokens;
    }
}
/** The classifier of vit-huge: 1000 classes. */
export class Classifier {
    encoder;
    fcNorm;
    /** One logit a class. */
    head;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.fcNorm = new LayerNorm(parameters, 'fc_norm');
        this.head = new NarrowingLinear(parameters, 'head', 1280, 1000);
    }
    /** images [batch, 3, 224, 224] → logits, features. */
    forward(images) {
        const part = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [14, 14])), 257, 1, 256);
        const features = this.fcNorm.forward(meanTokens(part, 256));
        return {
            logits: this.head.forward(features),
            features,
        };
    }
    /** images [batch, 3, 224, 224] and targets [batch, 1000] → loss, logits, features. */
    train(images, targets, drops) {
        const part = sliceTokens(this.encoder.forward(patchify(images, [16, 16], [14, 14]), drops), 257, 1, 256);
        const features = this.fcNorm.forward(meanTokens(part, 256));
        const logits = this.head.forward(features);
        return {
            loss: softmaxCrossEntropy(logits, targets),
            logits,
            features,
        };
    }
}
