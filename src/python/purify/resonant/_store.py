"""Named resonant tensors in safetensors files: any reader of the format sees their coefficients as integer tensors."""

import os

from purify._native import _resonant as _native


def save_bytes(tensors):
    """The bytes of a safetensors file with the tensors of a dict."""
    return _native.write_tensors(list(tensors.items()))


def load_bytes(data):
    """The dict of tensors in the bytes of a safetensors file."""
    return dict(_native.read_tensors(data))


def save(path, tensors):
    """Writes a dict of tensors as a safetensors file; the file appears whole or not at all."""
    data = save_bytes(tensors)
    beside = f"{os.fspath(path)}.tmp{os.getpid()}"
    with open(beside, "wb") as file:
        file.write(data)
    os.replace(beside, path)


def load(path):
    """Reads the dict of tensors in a safetensors file."""
    with open(path, "rb") as file:
        return load_bytes(file.read())
