// Made by mae-compile 0.1.0 from spec/vit-multispectral.mae (architecture de80b1a6d782).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, gatherRows, gelu, layerNorm, linear, maskedMeanSquaredError, normalizePatches, patchify, prependTokens, restoreTokens, sliceRows, sliceTokens, splitBatch, } from 'mae-compiler/tfjs';
/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 72, removed: 216, prefix: 1 };
/** Projects each 8x8 patch of 12 channels to 384. */
export class PatchEmbedding {
    /** PyTorch’s [384, 12, 8, 8] with its axes in the order [384, 8, 8, 12], seen as a matrix. */
    weight;
    bias;
    constructor(parameters, name) {
        this.weight = parameters.matrix(`${name}.weight`, 384, 768);
        this.bias = parameters.vector(`${name}.bias`, 384);
    }
    /** patches [batch*288, 768] → [batch*288, 384]. */
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
/** Self-attention of 6 heads, 64 channels each. */
export class EncoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 384, 1152);
        this.proj = new Linear(parameters, `${name}.proj`, 384, 384);
    }
    /** x [batch*tokens, 384] → the same. */
    forward(x, tokens) {
        return this.proj.forward(attention(this.qkv.forward(x), tokens, 6));
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
/** The token-wise MLP, 1536 hidden channels. */
export class EncoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 384, 1536);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 1536, 384);
    }
    /** x [batch*tokens, 384] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 384);
        this.attn = new EncoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 384);
        this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*tokens, 384] → the same. */
    forward(x, tokens) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The vision transformer: 12 blocks of width 384 with 6 heads. */
export class Encoder {
    patchEmbed;
    /** Fixed sine-cosine positions. */
    posEmbed;
    clsToken;
    blocks;
    norm;
    constructor(parameters) {
        this.patchEmbed = new PatchEmbedding(parameters, 'patch_embed.proj');
        this.posEmbed = parameters.matrix('pos_embed', 289, 384);
        this.clsToken = parameters.matrix('cls_token', 1, 384);
        this.blocks = Array.from({ length: 12 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm', 384);
    }
    /** patches [batch*288, 768] → [batch*289, 384]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 288));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 288);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 289);
        return this.norm.forward(tokens);
    }
    /** patches [batch*288, 768] and a masking → [batch*73, 384]. */
    forwardVisible(patches, masking) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 288));
        const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
        let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 72);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 73);
        return this.norm.forward(tokens);
    }
}
/** Self-attention of 8 heads, 32 channels each. */
export class DecoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 256, 768);
        this.proj = new Linear(parameters, `${name}.proj`, 256, 256);
    }
    /** x [batch*289, 256] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 289, 8));
    }
}
/** The token-wise MLP, 1024 hidden channels. */
export class DecoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 256, 1024);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 1024, 256);
    }
    /** x [batch*289, 256] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 256);
        this.attn = new DecoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 256);
        this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*289, 256] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The light decoder: 4 blocks of width 256 with 8 heads, then the pixels of every patch. */
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
        this.embed = new NarrowingLinear(parameters, 'decoder_embed', 384, 256);
        this.maskToken = parameters.matrix('mask_token', 1, 256);
        this.posEmbed = parameters.matrix('decoder_pos_embed', 289, 256);
        this.blocks = Array.from({ length: 4 }, (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'decoder_norm', 256);
        this.pred = new Linear(parameters, 'decoder_pred', 256, 768);
    }
    /** latent [batch*73, 384] and a masking → [batch*288, 768]. */
    forward(latent, masking) {
        const restored = restoreTokens(this.embed.forward(latent), this.maskToken, masking.restore, masking.restoreInverse, masking.removedToken);
        let tokens = addPerToken(restored, this.posEmbed);
        for (const block of this.blocks)
            tokens = block.forward(tokens);
        return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 289, 1, 288);
    }
}
/** The masked autoencoder vit-multispectral. */
export class MaskedAutoencoder {
    encoder;
    decoder;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.decoder = new Decoder(parameters);
    }
    /** images [batch, 12, 96, 192] → [batch, 289, 384]. */
    features(images) {
        return splitBatch(this.encoder.forward(patchify(images, [12, 24], [8, 8])), 289);
    }
    /** images [batch, 12, 96, 192] and a masking → loss, prediction, latent. */
    forward(images, masking) {
        const patches = patchify(images, [12, 24], [8, 8]);
        const latent = this.encoder.forwardVisible(patches, masking);
        const prediction = this.decoder.forward(latent, masking);
        return {
            loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
            prediction: splitBatch(prediction, 288),
            latent: splitBatch(latent, 73),
        };
    }
}
