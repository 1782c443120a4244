"""Where NumPy's names differ from the standard's."""

import numpy as np


def overrides():
    """Functions that stand in for NumPy's own."""

    def asarray(obj, /, dtype=None, device=None, copy=None):
        if type(obj).__module__ == "purify.ops":
            obj = np.asarray(obj)
        return np.asarray(obj, dtype=dtype, device=device, copy=copy)

    def clip(x, /, min=None, max=None):
        return np.clip(np.asarray(x), min, max)

    def sort(x, /, *, axis=-1, descending=False, stable=True):
        out = np.sort(x, axis=axis, stable=stable)
        return np.flip(out, axis=axis) if descending else out

    def argsort(x, /, *, axis=-1, descending=False, stable=True):
        x = np.asarray(x)
        if not descending:
            return np.argsort(x, axis=axis, stable=stable)
        # Sorting the reversed array keeps equal elements in their order after both flips.
        out = np.flip(np.argsort(np.flip(x, axis=axis), axis=axis, stable=stable), axis=axis)
        return x.shape[axis] - 1 - out

    return {"asarray": asarray, "clip": clip, "sort": sort, "argsort": argsort}
