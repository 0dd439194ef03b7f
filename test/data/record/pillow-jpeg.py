"""Records what Pillow and torchvision's crops make of a JPEG: test/data/pillow-jpeg.json. Run with Pillow 11 or newer.

The picture has detail at all sizes, and is much larger than what becomes of it.
"""

import base64
import io
import json
import math
import pathlib
import random

from PIL import Image

WIDTH, HEIGHT = 480, 360

CROPS = [
    # (left, top, width, height), (width, height) that it is resized to
    ((40, 30, 400, 300), (36, 32)),
    ((0, 0, 480, 360), (48, 36)),
    ((101, 57, 333, 211), (40, 40)),
]


def picture():
    random.seed(5)
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.putdata(
        [
            tuple(
                int(
                    128
                    + 60 * math.sin(x / 37 + channel + math.cos(y / 23))
                    + 30 * math.sin((x + y * (channel + 1)) / 5)
                    + random.uniform(-15, 15)
                )
                for channel in range(3)
            )
            for y in range(HEIGHT)
            for x in range(WIDTH)
        ]
    )
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return file.getvalue()


def main():
    jpeg = picture()
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    cases = []
    for (left, top, width, height), size in CROPS:
        crop = image.crop((left, top, left + width, top + height))
        resized = crop.resize(size, Image.Resampling.BICUBIC)
        cases.append(
            {
                "source": {"left": left, "top": top, "width": width, "height": height},
                "resized": {"width": size[0], "height": size[1]},
                "expected": base64.b64encode(resized.tobytes()).decode(),
            }
        )
    target = pathlib.Path(__file__).parent.parent / "pillow-jpeg.json"
    recorded = {"height": HEIGHT, "width": WIDTH, "jpeg": base64.b64encode(jpeg).decode(), "cases": cases}
    target.write_text(json.dumps(recorded) + "\n")


main()
