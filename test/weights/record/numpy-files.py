"""Records the bytes of small .npy files as numpy writes them: python numpy-files.py > ../numpy-files.json"""

import base64
import io
import json

import numpy as np
from numpy.lib import format as npy


def saved(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    return base64.b64encode(file.getvalue()).decode()


def reach(dtype):
    return np.array([[0, 1, -2], [100, -128, 127]]).astype(dtype)


arrays = {
    "float32": np.array([[1.5, -2.25, 3], [1e30, -0.0, 1e-40]], dtype="<f4"),
    "int32": np.array([-(2**31), -1, 0, 7, 2**31 - 1], dtype="<i4"),
    "scalar": np.array(0.1, dtype="<f4"),
    "empty": np.zeros((0, 4), dtype="<f4"),
    "column": np.asfortranarray(np.arange(3, dtype="<f4").reshape(3, 1)),
    **{f"read {name}": reach(name) for name in ["<f8", "<f2", "<i8", "<i2", "|i1"]},
    "read <u8": np.array([0, 2**53], dtype="<u8"),
    "read <u4": np.array([0, 2**32 - 1], dtype="<u4"),
    "read <u2": np.array([0, 2**16 - 1], dtype="<u2"),
    "read |u1": np.array([0, 255], dtype="|u1"),
    "read |b1": np.array([True, False]),
    "refused fortran": np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)),
    "refused big-endian": np.arange(3, dtype=">f4"),
    "refused text": np.array(["cat", "dog"]),
    "refused structure": np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]),
    "refused complex": np.zeros(2, dtype="<c8"),
}
cases = {name: {"numpy": saved(array)} for name, array in arrays.items()}
for name, array in arrays.items():
    if not name.startswith("refused"):
        cases[name]["shape"] = list(array.shape)
        cases[name]["values"] = [float(value) for value in array.reshape(-1)]
cases["version 2"] = {"numpy": saved(arrays["float32"], (2, 0)), "shape": [2, 3], "values": cases["float32"]["values"]}
cases["version 3"] = {"numpy": saved(arrays["float32"], (3, 0)), "shape": [2, 3], "values": cases["float32"]["values"]}
print(json.dumps({"numpy": np.__version__, "cases": cases}, indent=1))
