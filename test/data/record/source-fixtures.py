# Writes test/data/sources/fixtures with the programs that people's data comes from:
# pyarrow (Parquet), Python's tarfile (tar), NumPy (.npy) and Pillow (resizing numbers).
# Run with: python test/data/record/source-fixtures.py; needs numpy, pillow and pyarrow.
import base64, io, json, os, tarfile
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

out = os.path.join(os.path.dirname(__file__), "..", "sources", "fixtures")
os.makedirs(out, exist_ok=True)


def pixels(i, h=8, w=10):
    y, x = np.mgrid[0:h, 0:w]
    planes = [(x * 20 + i * 17) % 256, (y * 25 + i * 5) % 256, np.full((h, w), (i * 31) % 256)]
    return np.stack(planes, -1).astype(np.uint8)


def png(i):
    buffer = io.BytesIO()
    Image.fromarray(pixels(i)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


# As Hugging Face datasets write them: a struct of bytes and path, the names of the classes in the metadata.
info = {"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog", "emu"], "_type": "ClassLabel"}}}}
image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def table(rows):
    pictures = pa.array([{"bytes": png(i), "path": f"{i}.png"} for i in rows], type=image)
    labels = pa.array([i % 3 for i in rows], pa.int64())
    return pa.table({"image": pictures, "label": labels}).replace_schema_metadata({b"huggingface": json.dumps(info).encode()})


pq.write_table(table(range(7)), f"{out}/train-00000-of-00001.parquet", row_group_size=3, compression="snappy")
pq.write_table(table(range(7, 10)), f"{out}/validation-00000-of-00001.parquet", row_group_size=3, compression="zstd")
plain = {"text": ["a", "b", "c"], "jpg": pa.array([png(i) for i in (0, 1, 2)], pa.binary()), "class": ["dog", "cat", "dog"]}
pq.write_table(pa.table(plain), f"{out}/plain.parquet", compression="gzip")
pq.write_table(pa.table({"text": ["a"], "n": [1]}), f"{out}/no-pictures.parquet")

# Names of 120 letters, one with an umlaut, in the two ways to write them.
for name, form in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for member, content in ((f"{'long' * 30}/ä.png", png(1)), (f"{'long' * 30}/ä.cls", b"1"), ("b.png", png(2)), ("b.cls", b"0")):
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        end = tar.offset
    with open(f"{out}/{name}.tar", "wb") as file:
        file.write(buffer.getvalue()[: end + 1024])


def saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return base64.b64encode(buffer.getvalue()).decode()


random = np.random.RandomState(0)
bytes_ = (np.arange(24) * 10).astype(np.uint8).reshape(4, 2, 3)
words = (np.arange(24) * 2849).astype(np.uint16).reshape(2, 3, 4)
floats = np.linspace(-1, 2, 6).astype(np.float32).reshape(2, 3)
source = random.uniform(-3, 5, (9, 11)).astype(np.float32)
resized = {}
for name, (w, h) in (("smaller", (4, 5)), ("larger", (17, 13))):
    picture = Image.fromarray(source, "F").crop((1, 2, 10, 9)).resize((w, h), Image.Resampling.BICUBIC)
    resized[name] = {"width": w, "height": h, "values": [float(v) for v in np.asarray(picture).ravel()]}
recorded = {
    "uint8 [4,2,3]": saved(bytes_),
    "uint16 [2,3,4]": saved(words),
    "big-endian uint16 [2,3,4]": saved(words.astype(">u2")),
    "float32 [2,3]": saved(floats),
    "float64": saved(floats.astype(np.float64)),
    "fortran": saved(np.asfortranarray(words)),
    "not finite": saved(np.array([[1, np.nan]], np.float32)),
    "resized floats": {"source": [float(v) for v in source.ravel()], **resized},
}
with open(f"{out}/arrays.json", "w") as file:
    json.dump(recorded, file, indent=1)
    file.write("\n")
