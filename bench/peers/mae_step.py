"""The training step of a masked autoencoder in PyTorch, to compare with: He et al. 2022, written for this benchmark.

Reads one JSON line with the model, the batch, the threads, whether to compile, and optionally the device (cpu or cuda) and
the precision (float32, or bfloat16 by autocast); then for each line "N" on standard input takes N steps and prints one JSON line
{"seconds": [...], "loss": ..., "peakBytes": ...}. The first line it prints says which PyTorch this is.
"""

import json
import resource
import sys
import time
from contextlib import nullcontext

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v)
        else:
            mixed = ((q * (width // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class MaskedAutoencoder(nn.Module):
    def __init__(self, spec):
        super().__init__()
        image, patch, encoder, decoder = spec["image"], spec["patch"], spec["encoder"], spec["decoder"]
        self.patch = (patch["height"], patch["width"])
        self.patches = (image["height"] // self.patch[0]) * (image["width"] // self.patch[1])
        self.visible = int(self.patches * (1 - spec["mask"]["ratio"]))
        self.normalize = spec["loss"]["target"] == "normalized-pixels"
        values = self.patch[0] * self.patch[1] * image["channels"]
        width, decoder_width = encoder["width"], decoder["width"]
        self.embed = nn.Conv2d(image["channels"], width, self.patch, self.patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.register_buffer("positions", torch.randn(1, self.patches + 1, width) * 0.02)
        self.blocks = nn.Sequential(
            *[Block(width, encoder["heads"], encoder["mlpWidth"]) for _ in range(encoder["depth"])]
        )
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.decoder_embed = nn.Linear(width, decoder_width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_width))
        self.register_buffer("decoder_positions", torch.randn(1, self.patches + 1, decoder_width) * 0.02)
        self.decoder_blocks = nn.Sequential(
            *[Block(decoder_width, decoder["heads"], decoder["mlpWidth"]) for _ in range(decoder["depth"])]
        )
        self.decoder_norm = nn.LayerNorm(decoder_width, eps=1e-6)
        self.pixels = nn.Linear(decoder_width, values)

    def patchify(self, images):
        batch, channels, height, width = images.shape
        rows, columns = self.patch
        grid = images.view(batch, channels, height // rows, rows, width // columns, columns)
        return grid.permute(0, 2, 4, 3, 5, 1).reshape(batch, self.patches, -1)

    def forward(self, images, noise):
        batch = images.shape[0]
        order = noise.argsort(1)
        restore = order.argsort(1)
        tokens = self.embed(images).flatten(2).transpose(1, 2) + self.positions[:, 1:]
        kept = order[:, : self.visible, None].expand(-1, -1, tokens.shape[2])
        prefix = (self.cls + self.positions[:, :1]).expand(batch, -1, -1)
        latent = self.norm(self.blocks(torch.cat([prefix, tokens.gather(1, kept)], 1)))
        x = self.decoder_embed(latent)
        masks = self.mask_token.expand(batch, self.patches - self.visible, -1)
        shuffled = torch.cat([x[:, 1:], masks], 1)
        ordered = shuffled.gather(1, restore[:, :, None].expand(-1, -1, x.shape[2]))
        x = torch.cat([x[:, :1], ordered], 1) + self.decoder_positions
        prediction = self.pixels(self.decoder_norm(self.decoder_blocks(x)))[:, 1:]
        target = self.patchify(images)
        if self.normalize:
            mean, variance = target.mean(-1, keepdim=True), target.var(-1, keepdim=True)
            target = (target - mean) / (variance + 1e-6) ** 0.5
        removed = (restore >= self.visible).to(prediction.dtype)
        return (((prediction - target) ** 2).mean(-1) * removed).sum() / removed.sum()


def autocast(setup):
    """float32 weights and optimizer; matrix products in bfloat16 where asked for."""
    if setup.get("precision", "float32") == "float32":
        return nullcontext()
    return torch.autocast(setup.get("device", "cpu"), dtype=torch.bfloat16)


def describe(device):
    return torch.cuda.get_device_name() if device == "cuda" else "CPU"


def main():
    setup = json.loads(sys.stdin.readline())
    torch.manual_seed(0)
    torch.set_num_threads(setup["threads"])
    spec, batch, device = setup["model"], setup["batch"], setup.get("device", "cpu")
    model = MaskedAutoencoder(spec).to(device)
    step_model = torch.compile(model) if setup["compile"] else model
    decayed = [p for p in model.parameters() if p.dim() > 1]
    spared = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": spared, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95))
    image = spec["image"]
    images = torch.randn(batch, image["channels"], image["height"], image["width"])
    about = {"torch": torch.__version__, "threads": torch.get_num_threads(), "on": describe(device)}
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            optimizer.zero_grad(set_to_none=True)
            with autocast(setup):
                loss = step_model(images.to(device), torch.rand(batch, model.patches).to(device))
            loss.backward()
            optimizer.step()
            if device == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"seconds": seconds, "loss": loss.item(), "peakBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
