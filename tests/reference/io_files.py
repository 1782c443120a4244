"""Records small files written by NumPy and by the safetensors package in `io_files.tsv`, for the Rust tests of `src/ops/io`.

Run with NumPy 2.4 and safetensors:  python tests/reference/io_files.py

A line is  kind name shape dtype values file, the last two as hexadecimal bytes (values little-endian in row-major order).
- `same`: the writer here must produce the very bytes; `read`: they must be read
- `npz`, `safetensors`: archives whose arrays are those of the `same` lines, by position
"""

import io
import pathlib
import warnings
import zipfile

import numpy as np
from numpy.lib import format as npy

warnings.simplefilter("ignore")
LINES = []


def line(kind, name, array, raw):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    shape = "x".join(map(str, array.shape)) or "."
    LINES.append("\t".join([kind, name, shape, array.dtype.newbyteorder("=").name, little.hex(), raw.hex()]))


def saved(array, version=None):
    out = io.BytesIO()
    npy.write_array(out, array, version=version)
    return out.getvalue()


rng = np.random.default_rng(0)
names = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
arrays = {}
for name in names:
    values = rng.integers(0, 100, (2, 3)) - 50.5 * (name[0] in "fc")
    if name[0] == "c":
        values = values + 1j * rng.normal(size=(2, 3))
    if name == "bool":
        values = values > 50
    if name[0] == "i":
        values = values - 50
    arrays[name] = values.astype(name)
for name, array in arrays.items():
    line("same", name, array, saved(array))
for shape in [(), (0,), (3,), (1,), (2, 0, 3), (1, 2, 3, 1), (12345,) * 0 + (2, 1)]:
    array = np.zeros(shape, dtype=np.float32)
    line("same", f"shape{len(shape)}", array, saved(array))
cube = np.arange(24.0).reshape(2, 3, 4)
line("same", "fortran", np.asfortranarray(cube), saved(np.asfortranarray(cube)))
line("same", "transposed", cube.T, saved(cube.T))
for name in ["int16", "float64", "complex64"]:
    swapped = arrays[name].astype(arrays[name].dtype.newbyteorder(">"))
    line("read", f"big-{name}", swapped, saved(swapped))
line("read", "version2", arrays["int32"], saved(arrays["int32"], (2, 0)))
line("read", "version3", arrays["int32"], saved(arrays["int32"], (3, 0)))
everything = list(arrays.values())
for kind, save in [("npz", np.savez), ("npz", np.savez_compressed)]:
    out = io.BytesIO()
    save(out, **arrays)
    line(kind, save.__name__, np.zeros(0), out.getvalue())
out = io.BytesIO()
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:  # without ZIP64 records
    for name, array in arrays.items():
        archive.writestr(f"{name}.npy", saved(array))
line("npz", "zipfile", np.zeros(0), out.getvalue())

try:
    from safetensors.numpy import save
except ImportError:
    raise SystemExit("the safetensors package is needed to record its files")
kept = {name: array for name, array in arrays.items() if not name.startswith("complex")}
line("safetensors", "reference", np.zeros(0), save(kept, {"format": "np", "note": "caf\u00e9 \"quoted\""}))
pathlib.Path(__file__).with_suffix(".tsv").write_text("\n".join(LINES) + "\n")
