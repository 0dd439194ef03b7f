"""Writes ../timm-layers.json: what timm 1.0.31 computes with stochastic depth, dropout, and padded and normed patches.

Parameters and inputs are sines, so that the file holds results only: number i of tensor n (by sorted name, from 1) is
0.3 sin(1.7 n + 0.9 i), scales of norms 1 more. What timm dropped is read off as output / input of its own layers.
"""

import functools
import json
import pathlib

import timm
import torch
from timm.layers import PatchEmbed

WIDTH, TOKENS, BATCH = 8, 3, 4


def wave(n, *shape):
    count = torch.Size(shape).numel()
    return (0.3 * torch.sin(1.7 * n + 0.9 * torch.arange(count, dtype=torch.float64))).float().reshape(shape)


def fill(module):
    for n, (name, parameter) in enumerate(sorted(module.named_parameters()), 1):
        scale = 1 if 'norm' in name and name.endswith('.weight') else 0
        parameter.data = wave(n, *parameter.shape) + scale


def numbers(tensor):
    return [float(f'{value:.7g}') for value in tensor.detach().flatten().tolist()]


LAYERS = {
    'drop_path1': ('drop-path', 'attn'),
    'drop_path2': ('drop-path', 'mlp'),
    'attn.proj_drop': ('dropout', 'attn.proj'),
    'mlp.drop1': ('dropout', 'mlp.fc1'),
    'mlp.drop2': ('dropout', 'mlp.fc2'),
}


def blocks():
    torch.manual_seed(4)
    model = timm.models.VisionTransformer(
        img_size=8, patch_size=4, embed_dim=WIDTH, depth=3, num_heads=2, mlp_ratio=2, num_classes=0,
        drop_path_rate=0.5, proj_drop_rate=0.2,
    ).train()
    fill(model.blocks)
    drops = {}

    def record(name, per_picture):
        def hook(_, inputs, output):
            # A picture's largest number: others may have been dropped before.
            size = lambda tensor: tensor.abs().amax(dim=(1, 2)) if per_picture else tensor
            factors = size(output) / size(inputs[0])
            assert torch.isfinite(factors).all()
            largest = factors.max()
            # 1 where it stayed; what stayed is divided by how often it does.
            drops[name] = {'factor': round(largest.item(), 5),
                           'kept': ''.join('1' if value > 0 else '0' for value in factors.flatten().tolist())}
        return hook

    for index, block in enumerate(model.blocks):
        for path, (purpose, layer) in LAYERS.items():
            module = block.get_submodule(path)
            if not isinstance(module, torch.nn.Identity):
                module.register_forward_hook(record(f'{purpose}:blocks.{index}.{layer}', purpose == 'drop-path'))
    return {'output': numbers(model.blocks(wave(1, BATCH, TOKENS, WIDTH))), 'drops': drops}


def patches():
    norm = functools.partial(torch.nn.LayerNorm, eps=1e-6)
    embed = PatchEmbed(img_size=None, patch_size=(4, 5), in_chans=2, embed_dim=WIDTH, norm_layer=norm,
                       dynamic_img_pad=True)
    fill(embed)
    return {'output': numbers(embed(wave(1, 2, 2, 6, 13)))}


path = pathlib.Path(__file__).parent.parent / 'timm-layers.json'
path.write_text(json.dumps({'blocks': blocks(), 'patches': patches()}) + '\n')
