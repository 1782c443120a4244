"""Arrays in files: `.npy` and `.npz` as NumPy writes them, raw bytes, and text. Pickled objects are never read.

Files are given by path or as objects with `read` or `write`.
"""

import os
from collections.abc import Mapping

from purify import _native
from purify import ops as xp

from ._text_io import genfromtxt, loadtxt, savetxt

__all__ = ["fromfile", "genfromtxt", "load", "loadtxt", "save", "savetxt", "savez", "savez_compressed"]


def _is_path(file):
    return isinstance(file, (str, os.PathLike))


def _path(file, suffix):
    """The path of a file to be written, with NumPy's suffix where it is missing."""
    path = os.fspath(file)
    return path if path.endswith(suffix) else path + suffix


def _array(value):
    """Whatever can be saved, as an array of the core."""
    return value if issubclass(type(value), _native.Tensor) else _native.asarray(value)


class NpzFile(Mapping):
    """An opened `.npz` archive: a mapping from names to arrays, which are read when asked for."""

    def __init__(self, archive):
        self._archive = archive
        self.files = archive.names()

    def _opened(self):
        if self._archive is None:
            raise ValueError("the archive is closed")
        return self._archive

    def __getitem__(self, name):
        name = name.removesuffix(".npy") if isinstance(name, str) and name not in self.files else name
        if name not in self.files:
            raise KeyError(f"{name} is not a file in the archive; it holds {', '.join(self.files)}")
        return xp.asarray(self._opened().get(name))

    def __getattr__(self, name):
        if name == "f":
            return _Fields(self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self.files)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Lets go of the file's bytes."""
        self._archive = None

    def __repr__(self):
        return f"NpzFile with keys: {', '.join(self.files)}"


class _Fields:
    """The arrays of an archive as attributes: `archive.f.weights`."""

    def __init__(self, archive):
        self._archive = archive

    def __getattr__(self, name):
        try:
            return self._archive[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self):
        return list(self._archive)


def load(file, mmap_mode=None, allow_pickle=False, fix_imports=True, encoding="ASCII", *, max_header_size=10000):
    """The array of an `.npy` file, or the archive of an `.npz` file as a mapping.

    Object arrays are refused, also with `allow_pickle=True`: unpickling runs code from the file. `mmap_mode` is taken and the file
    read as a whole.
    """
    if _is_path(file):
        with open(file, "rb") as opened:
            start = opened.read(6)
        _check_start(start, file)
        if start.startswith(b"PK"):
            return NpzFile(_native._Npz.load(os.fspath(file)))
        return xp.asarray(_native._load_npy(os.fspath(file)))
    start = file.read(6)
    _check_start(start, file)
    if start.startswith(b"PK"):
        return NpzFile(_native._Npz(start + file.read()))
    return xp.asarray(_native._read_npy(start + _one_array(file)))


def _one_array(file):
    """The rest of one array, so that arrays written one after another are read one after another."""
    begin = file.tell() if hasattr(file, "tell") and getattr(file, "seekable", lambda: False)() else None
    rest = file.read()
    if begin is not None:
        array = _native._read_npy(b"\x93NUMPY" + rest)
        wide = 2 if rest[0] == 1 else 4
        header = int.from_bytes(rest[2 : 2 + wide], "little")
        size = 2 + wide + header + array.size * array.itemsize
        file.seek(begin + size)
    return rest


def _check_start(start, file):
    if not start:
        raise EOFError("No data left in file")
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06") or start == b"\x93NUMPY":
        return
    raise ValueError(f"{file}: neither an npy nor an npz file; pickled objects are not read, because unpickling runs code from the file")


def save(file, arr, allow_pickle=True, fix_imports=True):
    """Writes an array as an `.npy` file, byte for byte as NumPy does. A path gets the suffix `.npy` if it lacks it."""
    array = _array(arr)
    if _is_path(file):
        _native._save_npy(_path(file, ".npy"), array)
    else:
        file.write(_native._write_npy(array))


def savez(file, *args, allow_pickle=True, **kwds):
    """Writes several arrays as an `.npz` file: positional ones as `arr_0`, `arr_1`, ..., others under their keyword."""
    _save_archive(file, args, kwds, False)


def savez_compressed(file, *args, allow_pickle=True, **kwds):
    """Like `savez`, compressed."""
    _save_archive(file, args, kwds, True)


def _save_archive(file, args, kwds, compressed):
    arrays = dict(kwds)
    for i, value in enumerate(args):
        if f"arr_{i}" in arrays:
            raise ValueError(f"Cannot use un-named variables and keyword arr_{i}")
        arrays[f"arr_{i}"] = value
    named = [(name, _array(value)) for name, value in arrays.items()]
    if _is_path(file):
        _native._save_npz(_path(file, ".npz"), named, compressed)
    else:
        file.write(_native._write_npz(named, compressed))


def fromfile(file, dtype=float, count=-1, sep="", offset=0):
    """The numbers of a file without a header: raw bytes, or text when `sep` is given. Gives a vector."""
    dtype = xp.dtype(dtype)
    if sep:
        text = _read(file, "r")
        parts = text.split() if not sep.strip() else [p for p in text.split(sep.strip()) if p.strip()]
        parts = parts[: count if count >= 0 else None]
        number = float if xp.isdtype(dtype, "real floating") else complex if xp.isdtype(dtype, "complex floating") else int
        return xp.asarray([number(p) for p in parts], dtype=dtype)
    data = _read(file, "rb")[offset:]
    whole = len(data) // dtype.itemsize
    return xp.frombuffer(data, dtype=dtype, count=whole if count < 0 else min(count, whole)).copy()


def _read(file, mode):
    if not _is_path(file):
        return file.read()
    with open(file, mode) as opened:
        return opened.read()
