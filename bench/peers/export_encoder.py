"""Exports the encoder of a vision transformer by PyTorch's own exporters, to compare with.

Reads one JSON line {"model": ..., "weights": safetensors with the official names, "folder": ...} and prints one JSON line
{"torch": version, "files": {exporter: path}, "failed": {exporter: why}}.
"""

import contextlib
import json
import struct
import sys
import warnings

import torch
from mae_step import Block
from torch import nn


class PatchEmbedding(nn.Module):
    def __init__(self, channels, width, patch):
        super().__init__()
        self.proj = nn.Conv2d(channels, width, patch, patch)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)


class Encoder(nn.Module):
    """Everything under its official name, so that the weights are found."""

    def __init__(self, spec, tokens):
        super().__init__()
        encoder, patch = spec["encoder"], spec["patch"]
        width = encoder["width"]
        self.patch_embed = PatchEmbedding(spec["image"]["channels"], width, (patch["height"], patch["width"]))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, width))
        self.blocks = nn.Sequential(
            *[Block(width, encoder["heads"], encoder["mlpWidth"]) for _ in range(encoder["depth"])]
        )
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, images):
        x = self.patch_embed(images)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed
        return self.norm(self.blocks(x))


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(
            data, dtype=torch.float32, offset=each["data_offsets"][0], count=torch.Size(each["shape"]).numel()
        ).reshape(each["shape"])
        for name, each in header.items()
    }


def rename(name):
    """The benchmark's block keeps its perceptron in a `Sequential`: fc1, the activation, fc2."""
    return name.replace("mlp.fc1", "mlp.0").replace("mlp.fc2", "mlp.2")


def main():
    setup = json.loads(sys.stdin.readline())
    weights = {rename(name): value for name, value in read_safetensors(setup["weights"]).items()}
    model = Encoder(setup["model"], weights["pos_embed"].shape[1]).eval()
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    image = setup["model"]["image"]
    images = torch.randn(2, image["channels"], image["height"], image["width"])
    names = {"input_names": ["images"], "output_names": ["features"]}
    axes = {"dynamic_axes": {"images": {0: "batch"}, "features": {0: "batch"}}}
    exporters = {"TorchScript": lambda path: torch.onnx.export(model, (images,), path, **names, **axes)}
    if hasattr(torch, "export"):
        batch = {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}
        exporters = {
            "TorchScript": lambda path: torch.onnx.export(model, (images,), path, dynamo=False, **names, **axes),
            "torch.export": lambda path: torch.onnx.export(model, (images,), path, dynamo=True, **names, **batch),
        }
    files, failed = {}, {}
    warnings.simplefilter("ignore")
    for name, export in exporters.items():
        path = f"{setup['folder']}/{name}.onnx"
        try:
            # Exporters print what they do.
            with contextlib.redirect_stdout(sys.stderr):
                export(path)
            files[name] = path
        except Exception as error:  # Whatever is missing or fails, the others are compared.
            failed[name] = str(error).strip().split("\n")[0]
    print(json.dumps({"torch": torch.__version__, "files": files, "failed": failed}), flush=True)


main()
