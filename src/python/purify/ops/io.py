"""Arrays in files and as bytes: NumPy's formats, text, and safetensors. Nothing that is read is ever executed."""

import os

from purify import _native
from purify import ops as xp

from ._io import NpzFile, _array, _is_path, fromfile, genfromtxt, load, loadtxt, save, savetxt, savez, savez_compressed

__all__ = [
    "NpzFile",
    "fromfile",
    "genfromtxt",
    "load",
    "load_safetensors",
    "loadtxt",
    "read_npy",
    "read_safetensors",
    "safetensors_metadata",
    "save",
    "save_safetensors",
    "savetxt",
    "savez",
    "savez_compressed",
    "write_npy",
    "write_safetensors",
]


def read_npy(data):
    """The array in the bytes of an `.npy` file."""
    return xp.asarray(_native._read_npy(bytes(data)))


def write_npy(array):
    """An array as the bytes of an `.npy` file."""
    return _native._write_npy(_array(array))


def read_safetensors(data):
    """The arrays in the bytes of a safetensors file, by name."""
    return {name: xp.asarray(array) for name, array in _native._read_safetensors(bytes(data))[0].items()}


def write_safetensors(arrays, metadata=None):
    """Arrays, a mapping by name, as the bytes of a safetensors file. `metadata` maps names to text."""
    return _native._write_safetensors([(name, _array(a)) for name, a in arrays.items()], dict(metadata or {}))


def load_safetensors(file):
    """The arrays of a safetensors file, by name."""
    if not _is_path(file):
        return read_safetensors(file.read())
    return {name: xp.asarray(array) for name, array in _native._load_safetensors(os.fspath(file))[0].items()}


def safetensors_metadata(file):
    """The free text of a safetensors file, by name."""
    if not _is_path(file):
        return _native._read_safetensors(file.read())[1]
    return _native._load_safetensors(os.fspath(file))[1]


def save_safetensors(arrays, file, metadata=None):
    """Writes arrays, a mapping by name, as a safetensors file."""
    if not _is_path(file):
        file.write(write_safetensors(arrays, metadata))
        return
    named = [(name, _array(a)) for name, a in arrays.items()]
    _native._save_safetensors(os.fspath(file), named, dict(metadata or {}))
