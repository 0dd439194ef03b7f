"""Reads pictures as PyTorch programs do, to compare with: Pillow, torchvision (timm for fine-tuning) and a DataLoader.

Reads one JSON line with the set-up, then for each line "N" on standard input goes N times through the pictures and prints one
JSON line {"seconds": [...], "cpuSeconds": ..., "peakBytes": ...}. The first line it prints says which versions these are.
"""

import json
import os
import sys
import time

import PIL
import torch
import torchvision
from PIL import Image, ImageOps
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Pictures(Dataset):
    def __init__(self, paths, transform):
        self.paths = paths
        self.transform = transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with open(self.paths[index], "rb") as file:
            return self.transform(Image.open(file).convert("RGB"))


def transform_of(setup):
    size, mean, deviation = setup["size"], setup["mean"], setup["deviation"]
    if setup["preset"] == "fine-tuning":
        from timm.data import create_transform

        # timm asks for 0 bits at its strongest, which Pillow refuses since version 13.
        posterize = ImageOps.posterize
        ImageOps.posterize = lambda picture, bits: posterize(picture, max(bits, 1))

        return create_transform(
            input_size=size,
            is_training=True,
            color_jitter=None,
            auto_augment="rand-m9-mstd0.5-inc1",
            interpolation="bicubic",
            re_prob=0.25,
            re_mode="pixel",
            re_count=1,
            mean=mean,
            std=deviation,
        )
    return transforms.Compose(
        [
            transforms.RandomResizedCrop(
                size, scale=(0.2, 1.0), interpolation=transforms.InterpolationMode.BICUBIC
            ),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(mean, deviation),
        ]
    )


def processor_seconds(pids):
    """Processor time of these processes so far, as Linux counts it."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_bytes(pids):
    """The most resident memory of these processes; what they share counts in each."""
    peak = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as file:
            peak += sum(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    return peak


def main():
    setup = json.loads(sys.stdin.readline())
    loader = DataLoader(
        Pictures(setup["paths"], transform_of(setup)),
        batch_size=setup["batch"],
        shuffle=True,
        num_workers=setup["threads"],
        persistent_workers=True,
    )
    # Starts the workers, which stay.
    before = set(children())
    for _ in loader:
        pass
    pids = [os.getpid(), *(set(children()) - before)]
    version = f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}, PyTorch {torch.__version__}"
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        seconds = []
        cpu = processor_seconds(pids)
        for _ in range(int(line)):
            start = time.perf_counter()
            read = sum(len(images) for images in loader)
            assert read == len(setup["paths"])
            seconds.append(time.perf_counter() - start)
        spent = processor_seconds(pids) - cpu
        print(json.dumps({"seconds": seconds, "cpuSeconds": spent, "peakBytes": peak_bytes(pids)}), flush=True)


def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return file.read().split()


main()
