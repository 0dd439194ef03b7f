"""Records what torch.amp.GradScaler makes of rows of steps and overflows, into ../loss-scale.json."""

import json
from pathlib import Path

import torch

# Steps without an overflow, each row followed by an overflow.
ROWS = [0, 0, 3, 1999, 2000, 4001, 1, 0, 6500]

scale = torch.tensor(65536.0)
tracker = torch.tensor(0, dtype=torch.int32)


def update(found_inf):
    torch._amp_update_scale_(scale, tracker, torch.tensor(float(found_inf)), 2.0, 0.5, 2000)
    return [scale.item(), tracker.item()]


states = []
for row in ROWS:
    for _ in range(row):
        state = update(0)
    if row:
        states.append(state)
    states.append(update(1))
recorded = {"torch": torch.__version__.split("+")[0], "rows": ROWS, "states": states}
(Path(__file__).parent.parent / "loss-scale.json").write_text(json.dumps(recorded) + "\n")
