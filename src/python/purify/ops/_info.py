"""`__array_namespace_info__` of the standard."""

from purify import _native

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float32", "float64"),
    "complex floating": ("complex64", "complex128"),
}
_KINDS["integral"] = _KINDS["signed integer"] + _KINDS["unsigned integer"]
_KINDS["numeric"] = _KINDS["integral"] + _KINDS["real floating"] + _KINDS["complex floating"]


class Info:
    """What the namespace can do."""

    def capabilities(self):
        """Data-dependent shapes and bool indexing are there; the number of dimensions is limited to 64."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self):
        """The device of new tensors."""
        return "cpu"

    def devices(self):
        """The devices that tensors can be on."""
        return tuple(_native._devices())

    def default_dtypes(self, *, device=None):
        """The dtypes that Python's numbers become."""
        self._check(device)
        return {
            "real floating": _native.float64,
            "complex floating": _native.complex128,
            "integral": _native.int64,
            "indexing": _native.int64,
        }

    def dtypes(self, *, device=None, kind=None):
        """The standard's dtypes by name, all of them or those of a kind (or a tuple of kinds)."""
        self._check(device)
        if kind is None:
            names = _KINDS["bool"] + _KINDS["numeric"]
        else:
            kinds = kind if isinstance(kind, tuple) else (kind,)
            unknown = [k for k in kinds if k not in _KINDS]
            if unknown:
                raise ValueError(f"dtypes: {unknown[0]!r} is not a kind of dtype; known are {', '.join(_KINDS)}")
            names = tuple(n for k in kinds for n in _KINDS[k])
        return {name: getattr(_native, name) for name in names}

    def _check(self, device):
        if device is not None and str(device) not in self.devices():
            raise ValueError(f"{device!r} is not a device; available are {', '.join(self.devices())}")


def __array_namespace_info__():
    """The inspection object of the standard."""
    return Info()
