"""purify: moves Python code off NumPy and PyTorch; `purify.ops` is what the moved code runs on."""

from purify._native import __version__

__all__ = ["__version__", "ops", "resonant"]


def __getattr__(name):
    if name in ("ops", "resonant"):
        import importlib

        return importlib.import_module("purify." + name)
    raise AttributeError(f"module 'purify' has no attribute {name!r}")
