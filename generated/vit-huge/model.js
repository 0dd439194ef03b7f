// Made by mae-compile 0.1.0 from spec/vit-huge.mae (architecture acead8ba8838).
// Change the spec and compile it again rather than this file.
import { add, addPerToken, attention, gatherRows, gelu, layerNorm, linear, maskedMeanSquaredError, normalizePatches, patchify, prependTokens, restoreTokens, sliceRows, sliceTokens, splitBatch, } from 'mae-compiler/tfjs';
/** The tokens of a picture: what `maskingTensors` needs to know of the model. */
export const TOKENS = { visible: 64, removed: 192, prefix: 1 };
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
/** Self-attention of 16 heads, 80 channels each. */
export class EncoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 1280, 3840);
        this.proj = new Linear(parameters, `${name}.proj`, 1280, 1280);
    }
    /** x [batch*tokens, 1280] → the same. */
    forward(x, tokens) {
        return this.proj.forward(attention(this.qkv.forward(x), tokens, 16));
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
export class EncoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 1280, 5120);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 5120, 1280);
    }
    /** x [batch*tokens, 1280] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 1280);
        this.attn = new EncoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 1280);
        this.mlp = new EncoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*tokens, 1280] → the same. */
    forward(x, tokens) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));
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
        this.blocks = Array.from({ length: 32 }, (_, index) => new EncoderBlock(parameters, `blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'norm', 1280);
    }
    /** patches [batch*256, 588] → [batch*257, 1280]. */
    forward(patches) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 256);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 257);
        return this.norm.forward(tokens);
    }
    /** patches [batch*256, 588] and a masking → [batch*65, 1280]. */
    forwardVisible(patches, masking) {
        const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 256));
        const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));
        let tokens = prependTokens(clsToken, gatherRows(placed, masking.visible, masking.visibleInverse), 64);
        for (const block of this.blocks)
            tokens = block.forward(tokens, 65);
        return this.norm.forward(tokens);
    }
}
/** Self-attention of 16 heads, 32 channels each. */
export class DecoderAttention {
    /** Queries, keys and values of all heads. */
    qkv;
    /** Joins the heads. */
    proj;
    constructor(parameters, name) {
        this.qkv = new Linear(parameters, `${name}.qkv`, 512, 1536);
        this.proj = new Linear(parameters, `${name}.proj`, 512, 512);
    }
    /** x [batch*257, 512] → the same. */
    forward(x) {
        return this.proj.forward(attention(this.qkv.forward(x), 257, 16));
    }
}
/** The token-wise MLP, 2048 hidden channels. */
export class DecoderMlp {
    /** Widens. */
    fc1;
    /** Narrows. */
    fc2;
    constructor(parameters, name) {
        this.fc1 = new Linear(parameters, `${name}.fc1`, 512, 2048);
        this.fc2 = new NarrowingLinear(parameters, `${name}.fc2`, 2048, 512);
    }
    /** x [batch*257, 512] → the same. */
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
        this.norm1 = new LayerNorm(parameters, `${name}.norm1`, 512);
        this.attn = new DecoderAttention(parameters, `${name}.attn`);
        this.norm2 = new LayerNorm(parameters, `${name}.norm2`, 512);
        this.mlp = new DecoderMlp(parameters, `${name}.mlp`);
    }
    /** x [batch*257, 512] → the same. */
    forward(x) {
        const attended = add(x, this.attn.forward(this.norm1.forward(x)));
        return add(attended, this.mlp.forward(this.norm2.forward(attended)));
    }
}
/** The light decoder: 8 blocks of width 512 with 16 heads, then the pixels of every patch. */
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
        this.embed = new NarrowingLinear(parameters, 'decoder_embed', 1280, 512);
        this.maskToken = parameters.matrix('mask_token', 1, 512);
        this.posEmbed = parameters.matrix('decoder_pos_embed', 257, 512);
        this.blocks = Array.from({ length: 8 }, (_, index) => new DecoderBlock(parameters, `decoder_blocks.${index}`));
        this.norm = new LayerNorm(parameters, 'decoder_norm', 512);
        this.pred = new Linear(parameters, 'decoder_pred', 512, 588);
    }
    /** latent [batch*65, 1280] and a masking → [batch*256, 588]. */
    forward(latent, masking) {
        const restored = restoreTokens(this.embed.forward(latent), this.maskToken, masking.restore, masking.restoreInverse, masking.removedToken);
        let tokens = addPerToken(restored, this.posEmbed);
        for (const block of this.blocks)
            tokens = block.forward(tokens);
        return sliceTokens(this.pred.forward(this.norm.forward(tokens)), 257, 1, 256);
    }
}
/** The masked autoencoder vit-huge. */
export class MaskedAutoencoder {
    encoder;
    decoder;
    constructor(parameters) {
        this.encoder = new Encoder(parameters);
        this.decoder = new Decoder(parameters);
    }
    /** images [batch, 3, 224, 224] → [batch, 257, 1280]. */
    features(images) {
        return splitBatch(this.encoder.forward(patchify(images, [16, 16], [14, 14])), 257);
    }
    /** images [batch, 3, 224, 224] and a masking → loss, prediction, latent. */
    forward(images, masking) {
        const patches = patchify(images, [16, 16], [14, 14]);
        const latent = this.encoder.forwardVisible(patches, masking);
        const prediction = this.decoder.forward(latent, masking);
        return {
            loss: maskedMeanSquaredError(prediction, normalizePatches(patches, 1e-6), masking.mask),
            prediction: splitBatch(prediction, 256),
            latent: splitBatch(latent, 65),
        };
    }
}
