// Made by mae-compile 0.1.0 from spec/vit-pico.mae (architecture fd05064356f6).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, gatherRows, gelu, layerNorm, linear, maskedMeanSquaredError, patchify, prependTokens, restoreTokens, sliceRows, sliceTokens, splitBatch, } from 'mae-compiler/tfjs';
/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 16, removed: 48, prefix: 1 };
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
/** Self-attention of 4 heads, 32 channels each. */
export class EncoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 128, 384);
        this.proj = new Linear(parameters, `${name}.proj`, 128, 128);
    }
    /** x [batch*tokens, 128] → the same. */
    forward(x, tokens) {
        return this.proj.forward(attention(this.qkv.forward(x), tokens, 4));
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
export class EncoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 128, 512);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 512, 128);
    }
    /** x [batch*tokens, 128] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 128);
        this.attn = new EncoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 128);
        this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*tokens, 128] → the same. */
    forward(x, tokens) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
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
        this.blocks = Array.from({ length: 4 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm', 128);
    }
    /** patches [batch*64, 192] → [batch*65, 128]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 64);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 65);
        return this.norm.forward(tokens);
    }
    /** patches [batch*64, 192] and a masking → [batch*17, 128]. */
    forwardVisible(patches, masking) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 64));
        const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
        let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 16);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 17);
        return this.norm.forward(tokens);
    }
}
/** Self-attention of 4 heads, 16 channels each. */
export class DecoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 64, 192);
        this.proj = new Linear(parameters, `${name}.proj`, 64, 64);
    }
    /** x [batch*65, 64] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 65, 4));
    }
}
/** The token-wise MLP, 256 hidden channels. */
export class DecoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 64, 256);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 256, 64);
    }
    /** x [batch*65, 64] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 64);
        this.attn = new DecoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 64);
        this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*65, 64] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The light decoder: 2 blocks of width 64 with 4 heads, then the pixels of every patch. */
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
        this.embed = new NarrowingLinear(parameters, 'decoder_embed', 128, 64);
        this.maskToken = parameters.matrix('mask_token', 1, 64);
        this.posEmbed = parameters.matrix('decoder_pos_embed', 65, 64);
        this.blocks = Array.from({ length: 2 }, (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'decoder_norm', 64);
        this.pred = new Linear(parameters, 'decoder_pred', 64, 192);
    }
    /** latent [batch*17, 128] and a masking → [batch*64, 192]. */
    forward(latent, masking) {
        const restored = restoreTokens(this.embed.forward(latent), this.maskToken, masking.restore, masking.restoreInverse, masking.removedToken);
        let tokens = addPerToken(restored, this.posEmbed);
        for (const block of this.blocks)
            tokens = block.forward(tokens);
        return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 65, 1, 64);
    }
}
/** The masked autoencoder vit-pico. */
export class MaskedAutoencoder {
    encoder;
    decoder;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.decoder = new Decoder(parameters);
    }
    /** images [batch, 3, 64, 64] → [batch, 65, 128]. */
    features(images) {
        return splitBatch(this.encoder.forward(patchify(images, [8, 8], [8, 8])), 65);
    }
    /** images [batch, 3, 64, 64] and a masking → loss, prediction, latent. */
    forward(images, masking) {
        const patches = patchify(images, [8, 8], [8, 8]);
        const latent = this.encoder.forwardVisible(patches, masking);
        const prediction = this.decoder.forward(latent, masking);
        return {
            loss: maskedMeanSquaredError(prediction, patches, masking.mask),
            prediction: splitBatch(prediction, 64),
            latent: splitBatch(latent, 17),
        };
    }
}
