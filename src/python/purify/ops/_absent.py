"""Names of NumPy's classes that have no counterpart here: dates, text, records, matrices.

Code asks whether a value is one of them (`isinstance(x, np.datetime64)`), mentions them in annotations, and tells them apart
from what it computes with. All of that has an answer without the classes: no value here is one. Where NumPy itself has been
imported as well, its own instances are. Making one is an error that says what to use instead.
"""

import sys

_INSTEAD = {
    "datetime64": "use the `datetime` module",
    "timedelta64": "use `datetime.timedelta`",
    "str_": "keep text in lists",
    "bytes_": "keep text in lists",
    "void": "keep one array per field",
    "record": "keep one array per field",
    "recarray": "keep one array per field",
    "matrix": "use arrays with `@`",
    "character": "keep text in lists",
    "flexible": "keep text in lists",
}

# The letters of the dtypes that each stands for.
_KINDS = {"datetime64": "M", "timedelta64": "m", "str_": "U", "bytes_": "S", "void": "V", "record": "V", "character": "US", "flexible": "USV"}


class _Absent(type):
    """The class of these names."""

    def _original(cls):
        return getattr(sys.modules.get("numpy"), cls.__name__, None)

    def __instancecheck__(cls, value):
        original = cls._original()
        return original is not None and isinstance(value, original)

    def __subclasscheck__(cls, other):
        original = cls._original()
        return type.__subclasscheck__(cls, other) or (original is not None and issubclass(other, original))

    def __call__(cls, *args, **kwargs):
        raise TypeError(f"ops has no `{cls.__name__}`: {_INSTEAD[cls.__name__]}")

    def __repr__(cls):
        return f"ops.{cls.__name__}"


for _name, _instead in _INSTEAD.items():
    _doc = f"NumPy's class of that name, which nothing here is an instance of: {_instead}."
    globals()[_name] = _Absent(_name, (), {"__doc__": _doc, "kinds": _KINDS.get(_name, "")})


class VisibleDeprecationWarning(UserWarning):
    """NumPy's warning of that name, for code that filters it; nothing here gives it."""


class ModuleDeprecationWarning(DeprecationWarning):
    """NumPy's warning of that name, for code that filters it; nothing here gives it."""


class ComplexWarning(RuntimeWarning):
    """NumPy's warning of that name, for code that filters it; nothing here gives it."""


# What code compares to choose between spellings of NumPy; the ops have those of this version.
numpy_version = "2.4.0"
