// Made by mae-compile 0.1.0 from spec/vit-tiny.mae (architecture 5a34fddd3046).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, gatherRows, gelu, layerNorm, linear, maskedMeanSquaredError, normalizePatches, patchify, prependTokens, restoreTokens, sliceRows, sliceTokens, splitBatch, } from 'mae-compiler/tfjs';
/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 16, removed: 48, prefix: 1 };
/** Projects each 4x4 patch of 3 channels to 192. */
export class PatchEmbedding {
    /** PyTorch’s [192, 3, 4, 4] with its axes in the order [4, 4, 3, 192], seen as a matrix. */
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.matrix(`${name}.weight`, 48, 192);
        this.bias = parameters.vector(`${name}.bias`, 192);
    }
    /** patches [batch*64, 48] → [batch*64, 192]. */
    forward(patches) {
        return linear(patches, this.weight, this.bias, 'in-out');
    }
}
/** Layer norm over the channels of each token. */
export class LayerNorm {
    weight;
    bias;
    constructor(parameters, name, width) {
        this.weight = parameters.vector(`${name}.weight`, width);
        this.bias = parameters.vector(`${name}.bias`, width);
    }
    /** x [batch*tokens, width] → the same. */
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
export class EncoderAttention {
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
export class EncoderMlp {
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
export class EncoderBlock {
    norm1;
    attn;
    norm2;
    mlp;
    constructor(parameters, name) {
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 192);
        this.attn = new EncoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 192);
        this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
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
        this.posEmbed = parameters.matrix('pos_embed', 65, 192);
        this.clsToken = parameters.matrix('cls_token', 1, 192);
        this.blocks = Array.from({ length: 12 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm', 192);
    }
    /** patches [batch*64, 48] → [batch*65, 192]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 65);
        return this.norm.forward(tokens);
    }
    /** patches [batch*64, 48] and a masking → [batch*17, 192]. */
    forwardVisible(patches, masking) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
        const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
        let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 16);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 17);
        return this.norm.forward(tokens);
    }
}
/** Self-attention of 3 heads, 32 channels each. */
export class DecoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 96, 288);
        this.proj = new Linear(parameters, `${name}.proj`, 96, 96);
    }
    /** x [batch*65, 96] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 65, 3));
    }
}
/** The token-wise MLP, 384 hidden channels. */
export class DecoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 96, 384);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 384, 96);
    }
    /** x [batch*65, 96] → the same. */
    forward(x) {
        return this.fc2.forward(gelu(this.fc1.forward(x)));
    }
}
/** A pre-norm transformer block (Dosovitskiy et al. 2021). */
export class DecoderBlock {
    norm1;
    attn;
    norm2;
    mlp;
    constructor(parameters, name) {
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 96);
        this.attn = new DecoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 96);
        this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*65, 96] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The light decoder: 2 blocks of width 96 with 3 heads, then the pixels of every patch. */
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
        this.embed = new NarrowingLinear(parameters, 'decoder_embed', 192, 96);
        this.maskToken = parameters.matrix('mask_token', 1, 96);
        this.posEmbed = parameters.matrix('decoder_pos_embed', 65, 96);
        this.blocks = Array.from({ length: 2 }, (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'decoder_norm', 96);
        this.pred = new NarrowingLinear(parameters, 'decoder_pred', 96, 48);
    }
    /** latent [batch*17, 192] and a masking → [batch*64, 48]. */
    forward(latent, masking) {
        const restored = restoreTokens(this.embed.forward(latent), this.maskToken, masking.restore, masking.restoreInverse, masking.removedToken);
        let tokens = addPerToken(restored, this.posEmbed);
        for (const block of this.blocks)
            tokens = block.forward(tokens);
        return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 65, 1, 64);
    }
}
/** The masked autoencoder vit-tiny. */
export class MaskedAutoencoder {
    encoder;
    decoder;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.decoder = new Decoder(parameters);
    }
    /** images [batch, 3, 32, 32] → [batch, 65, 192]. */
    features(images) {
        return splitBatch(this.encoder.forward(patchify(images, [8, 8], [4, 4])), 65);
    }
    /** images [batch, 3, 32, 32] and a masking → loss, prediction, latent. */
    forward(images, masking) {
        const patches = patchify(images, [8, 8], [4, 4]);
        const latent = this.encoder.forwardVisible(patches, masking);
        const prediction = this.decoder.forward(latent, masking);
        return {
            loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
            prediction: splitBatch(prediction, 64),
            latent: splitBatch(latent, 17),
        };
    }
}
