// Made by mae-compile 0.1.0 from spec/vit-cifar10.mae (architecture e30cafd4f0d1).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, gatherRows, gelu, layerNorm, linear, maskedMeanSquaredError, patchify, prependTokens, restoreTokens, sliceRows, sliceTokens, splitBatch, } from 'mae-compiler/tfjs';
/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 64, removed: 192, prefix: 1 };
/** Projects each 2x2 patch of 3 channels to 192. */
export class PatchEmbedding {
    /** PyTorch’s [192, 3, 2, 2] with its axes in the order [2, 2, 3, 192], seen as a matrix. */
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.matrix(`${name}.weight`, 12, 192);
        this.bias = parameters.vector(`${name}.bias`, 192);
    }
    /** patches [batch*256, 12] → [batch*256, 192]. */
    forward(patches) {
        return linear(patches, this.weight, this.bias, 'in-out');
    }
}
/** Layer norm over the channels of each token. */
export class LayerNorm {
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.vector(`${name}.weight`, 192);
        this.bias = parameters.vector(`${name}.bias`, 192);
    }
    /** x [batch*tokens, 192] → the same. */
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
    /** x [batch*tokens, inputs] → [batch*tokens, outputs]. */
    forward(x) {
        return linear(x, this.weight, this.bias, 'in-out');
    }
}
/** Self-attention of 3 heads, 64 channels each. */
export class Attention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 192, 576);
        this.proj = new Linear(parameters, `${name}.proj`, 192, 192);
    }
    /** x [batch*tokens, 192] → the same. */
    forward(x, tokens) {
        return this.proj.forward(attention(this.qkv.forward(x), tokens, 3));
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
/** The token-wise MLP, 768 hidden channels. */
export class Mlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 192, 768);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 768, 192);
    }
    /** x [batch*tokens, 192] → the same. */
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
    /** x [batch*tokens, 192] → the same. */
    forward(x, tokens) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The vision transformer: 12 blocks of width 192 with 3 heads. */
export class Encoder {
    patchEmbed;
    /** Fixed sine-cosine positions. */
    posEmbed;
    clsToken;
    blocks;
    norm;
    constructor(parameters) {
        this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
        this.posEmbed = parameters.matrix('pos_embed', 257, 192);
        this.clsToken = parameters.matrix('cls_token', 1, 192);
        this.blocks = Array.from({ length: 12 }, (_, index) => new Block(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm');
    }
    /** patches [batch*256, 12] → [batch*257, 192]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 257);
        return this.norm.forward(tokens);
    }
    /** patches [batch*256, 12] and a masking → [batch*65, 192]. */
    forwardVisible(patches, masking) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
        let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 64);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 65);
        return this.norm.forward(tokens);
    }
}
/** The light decoder: 4 blocks of width 192 with 3 heads, then the pixels of every patch. */
export class Decoder {
    /** From the encoder’s width to the decoder’s. */
    embed;
    maskToken;
    /** Fixed sine-cosine positions. */
    posEmbed;
    blocks;
    norm;
    /** The pixels of a patch from its token. */
    pred;
    constructor(parameters) {
        this.embed = new Linear(parameters, 'decoder_embed', 192, 192);
        this.maskToken = parameters.matrix('mask_token', 1, 192);
        this.posEmbed = parameters.matrix('decoder_pos_embed', 257, 192);
        this.blocks = Array.from({ length: 4 }, (_, index) => new Block(parameters, `decoder_blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'decoder_norm');
        this.pred = new NarrowingLinear(parameters, 'decoder_pred', 192, 12);
    }
    /** latent [batch*65, 192] and a masking → [batch*256, 12]. */
    forward(latent, masking) {
        const restored = restoreTokens(this.embed.forward(latent), this.maskToken, masking.restore, masking.restoreInverse, masking.removedToken);
        let tokens = addPerToken(restored, this.posEmbed);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 257);
        return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 257, 1, 256);
    }
}
/** The masked autoencoder vit-cifar10. */
export class MaskedAutoencoder {
    encoder;
    decoder;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.decoder = new Decoder(parameters);
    }
    /** images [batch, 3, 32, 32] → [batch, 257, 192]. */
    features(images) {
        return splitBatch(this.encoder.forward(patchify(images, [16, 16], [2, 2])), 257);
    }
    /** images [batch, 3, 32, 32] and a masking → loss, prediction, latent. */
    forward(images, masking) {
        const patches = patchify(images, [16, 16], [2, 2]);
        const latent = this.encoder.forwardVisible(patches, masking);
        const prediction = this.decoder.forward(latent, masking);
        return {
            loss: maskedMeanSquaredError(prediction, patches, masking.mask),
            prediction: splitBatch(prediction, 256),
            latent: splitBatch(latent, 65),
        };
    }
}
