"""Records what torch.optim and torch.nn.utils.clip_grad_norm_ make of three steps, in float64, into ../torch-steps.json."""

import json
from pathlib import Path

import torch

STEPS = 3
RATE = 0.05
# Official name, shape, and whether weight decay applies. A layer-wise scale for all but the last.
PARAMETERS = [("patch_embed.proj.weight", [3, 5], True), ("blocks.0.norm1.bias", [7], False), ("head.weight", [4, 4], True)]
SCALES = {"patch_embed.proj.weight": 0.5625, "blocks.0.norm1.bias": 0.75}
ADAMW = {"kind": "adamw", "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.05}
CASES = {
    "SGD": {"kind": "sgd", "momentum": 0, "nesterov": False, "weightDecay": 0},
    "SGD with momentum and decay": {"kind": "sgd", "momentum": 0.9, "nesterov": False, "weightDecay": 0.1},
    "SGD with Nesterov's momentum": {"kind": "sgd", "momentum": 0.8, "nesterov": True, "weightDecay": 0.1},
    "clipped SGD with scales": {"kind": "sgd", "momentum": 0.9, "nesterov": False, "weightDecay": 0.1, "clip": 4, "scaled": True},
    "AdamW with scales": {**ADAMW, "scaled": True},
    "clipped AdamW": {**ADAMW, "clip": 4},
}

torch.manual_seed(20)


def draw(shape, deviation):
    return (torch.randn(shape) * deviation).double()


parameters = [
    # The norm of the second gradient is below the clip, those of the others above.
    {"name": name, "shape": shape, "decay": decay, "value": draw(shape, 1), "gradients": [draw(shape, s) for s in (1, 0.2, 3)]}
    for name, shape, decay in PARAMETERS
]


def run(update):
    values = [torch.nn.Parameter(p["value"].clone()) for p in parameters]
    groups = [
        {
            "params": [value],
            "lr": RATE * (SCALES.get(p["name"], 1) if update.get("scaled") else 1),
            "weight_decay": update["weightDecay"] if p["decay"] else 0,
        }
        for p, value in zip(parameters, values)
    ]
    if update["kind"] == "adamw":
        optimizer = torch.optim.AdamW(groups, betas=tuple(update["betas"]), eps=update["epsilon"])
    else:
        optimizer = torch.optim.SGD(groups, momentum=update["momentum"], nesterov=update["nesterov"])
    norms = []
    for step in range(STEPS):
        for p, value in zip(parameters, values):
            value.grad = p["gradients"][step].clone()
        if "clip" in update:
            norms.append(torch.nn.utils.clip_grad_norm_(values, update["clip"]).item())
        optimizer.step()
    return {"values": {p["name"]: value.detach().flatten().tolist() for p, value in zip(parameters, values)}, "norms": norms}


def case(name, update):
    settings = {key: value for key, value in update.items() if key != "scaled"}
    scales = {"rateScales": SCALES} if update.get("scaled") else {}
    return {"name": name, "update": {**settings, **scales, "learningRate": RATE}, **run(update)}


recorded = {
    "torch": torch.__version__.split("+")[0],
    "parameters": [
        {**p, "value": p["value"].flatten().tolist(), "gradients": [g.flatten().tolist() for g in p["gradients"]]} for p in parameters
    ],
    "cases": [case(name, update) for name, update in CASES.items()],
}
Path(__file__).with_name("..").resolve().joinpath("torch-steps.json").write_text(json.dumps(recorded) + "\n")
