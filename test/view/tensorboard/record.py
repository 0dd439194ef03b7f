"""Writes official.tfevents: what TensorBoard's own writer makes of a few values. Needs torch and tensorboard."""

import glob
import os
import shutil
import tempfile

import torch
from torch.utils.tensorboard import SummaryWriter

folder = tempfile.mkdtemp()
with SummaryWriter(folder, purge_step=4) as writer:
    writer.add_scalar("train/loss", 0.75, 4, walltime=1700000000.5)
    writer.add_scalar("train/lr", 1.5e-4, 5, walltime=1700000001.25)
    writer.add_scalar("train/loss", 0.5, 3_000_000_000, walltime=1700000002)
    picture = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]], [[0.0, 0.0], [1.0, 1.0]]])
    writer.add_image("reconstruction", picture, 5, walltime=1700000003)
    writer.add_text("spec", "**naïve** | Größe", 0, walltime=1700000004)
(file,) = glob.glob(os.path.join(folder, "events.out.tfevents.*"))
shutil.copy(file, os.path.join(os.path.dirname(os.path.abspath(__file__)), "official.tfevents"))
shutil.rmtree(folder)
