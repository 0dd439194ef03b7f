"""Records small checkpoints as torch.save writes them, in both formats, each with two versions of PyTorch:

python torch-checkpoints.py ../../fixtures/torch
"""

import argparse
import collections
import sys

import numpy as np
import torch

folder = sys.argv[1]
version = ".".join(torch.__version__.split(".")[:2])

base = torch.arange(24.0).reshape(4, 6)
weights = collections.OrderedDict(
    plain=torch.tensor([[0.5, -2.0, 3.25]]),
    transposed=base.t(),
    corner=base[1:3, 2:5],
    column=base[:, 3],
    scalar=torch.tensor(7.5),
    empty=torch.zeros(0, 3),
    double=torch.tensor([0.1, 1e300], dtype=torch.float64)[:1],
    half=torch.tensor([1.0, 65504.0, 2.0**-24], dtype=torch.float16),
    bfloat=torch.tensor([1.0, -3.140625], dtype=torch.bfloat16),
    long=torch.tensor([-1, 2**40]),
    int=torch.tensor([-(2**31)], dtype=torch.int32),
    short=torch.tensor([-(2**15)], dtype=torch.int16),
    char=torch.tensor([-128], dtype=torch.int8),
    byte=torch.tensor([255], dtype=torch.uint8),
    bool=torch.tensor([True, False]),
    parameter=torch.nn.Parameter(torch.ones(2)),
)
checkpoint = {
    "model": weights,
    "optimizer": {"state": {0: {"step": 3, "exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.5, "params": [0]}]},
    "epoch": 3,
    "best": np.float64(0.75),
    "args": argparse.Namespace(
        blr=0.00015, output_dir="./out", distributed=True, device=torch.device("cuda", 0), betas=(0.9, 0.95)
    ),
    "kept": {"dtype": torch.float16, "size": torch.Size([1, 2]), "array": np.arange(2.0), "big": 2**70},
}
linear = torch.nn.Linear(2, 1)
with torch.no_grad():
    linear.weight.copy_(torch.tensor([[1.5, -2.5]]))
    linear.bias.fill_(0.25)
for name, zipped in [("zip", True), ("legacy", False)]:
    save = dict(_use_new_zipfile_serialization=zipped)
    torch.save(checkpoint, f"{folder}/checkpoint-{version}-{name}.pth", **save)
    # A module's state has an attribute of its own: _metadata.
    torch.save(torch.nn.Sequential(linear).state_dict(), f"{folder}/state-{version}-{name}.pth", **save)
if not version.startswith("1."):
    torch.save(checkpoint, f"{folder}/checkpoint-{version}-protocol-5.pth", pickle_protocol=5)
    torch.save(linear, f"{folder}/module-{version}-zip.pth")
