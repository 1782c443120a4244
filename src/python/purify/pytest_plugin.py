"""`pytest.approx` and `numpy.testing` for tensors: loaded by pytest wherever purify is installed.

pytest knows NumPy's arrays by themselves and takes every other container for a flat sequence. Tests that were written
for arrays compare tensors of any rank, so `approx` of a tensor compares as `approx` of an array does: shape by shape,
element by element, or every element with one number. `numpy.testing` asks for NumPy's own class as well; while a project
moves, tests that have not moved yet compare what moved code gives them.
"""

import functools
import importlib.util
import sys

import pytest

_approx = pytest.approx


def _is_tensor(value):
    # Nobody has tensors while the runtime has not been imported, and the plugin need not import it.
    ops = sys.modules.get("purify.ops")
    return ops is not None and (issubclass(type(value), ops.Tensor) or type(value).__name__ == "ObjectArray")


def _plain(value):
    """Numbers in place of 0-d tensors, at any depth of lists, tuples and dictionaries."""
    if _is_tensor(value) and value.ndim == 0:
        return value.item()
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    return value


class ApproxTensor:
    """What `approx` of a tensor with axes is."""

    __array_ufunc__ = None
    __hash__ = None  # as every object that is equal within a tolerance

    def __init__(self, expected, **tolerance):
        self.expected, self.tolerance = expected, tolerance

    def __eq__(self, actual):
        from purify import ops

        actual = actual if _is_tensor(actual) else ops.asarray(actual)
        if actual.ndim and actual.shape != self.expected.shape:
            return False
        wanted = _flat(self.expected)
        given = _flat(actual) if actual.ndim else [actual.item()] * len(wanted)
        return all(g == _approx(w, **self.tolerance) for g, w in zip(given, wanted))

    def __ne__(self, actual):
        return not self == actual

    def __bool__(self):
        raise AssertionError("approx() is not supported in a boolean context.\nDid you mean: `assert a == approx(b)`?")

    def __repr__(self):
        return f"approx({self.expected.tolist()!r})"


def _flat(tensor):
    return tensor.ravel().tolist()


def approx(expected, rel=None, abs=None, nan_ok=False):
    if _is_tensor(expected) and expected.ndim:
        return ApproxTensor(expected, rel=rel, abs=abs, nan_ok=nan_ok)
    return _approx(_plain(expected), rel=rel, abs=abs, nan_ok=nan_ok)


approx.__doc__ = _approx.__doc__


def _spread(compare):
    """One number, compared with every element of a tensor."""

    def __eq__(self, actual):
        if not _is_tensor(actual):
            return compare(self, actual)
        return all(compare(self, value) for value in _flat(actual)) if actual.ndim else compare(self, actual.item())

    return __eq__


class NumpyTesting:
    """Looks out for the import of `numpy.testing`, so that nobody has to import NumPy for it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "numpy.testing":
            return None
        sys.meta_path.remove(cls)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                _take_tensors(module)

            spec.loader.exec_module = exec_module
        return spec


def _take_tensors(module):
    """Makes the assertions of `numpy.testing` take tensors as the arrays over their memory."""

    def plain(value):
        if _is_tensor(value):
            return value.__array__()
        return type(value)(map(plain, value)) if type(value) in (list, tuple) else value

    def taking(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*map(plain, args), **{name: plain(value) for name, value in kwargs.items()})

        return wrapper

    for name in dir(module):
        if name.startswith("assert_") and callable(getattr(module, name)):
            setattr(module, name, taking(getattr(module, name)))


def pytest_configure(config):
    if "numpy.testing" in sys.modules:
        _take_tensors(sys.modules["numpy.testing"])
    elif NumpyTesting not in sys.meta_path:
        sys.meta_path.insert(0, NumpyTesting)
    number = type(_approx(1.0))
    if not hasattr(number.__eq__, "__wrapped__"):
        compare = _spread(number.__eq__)
        compare.__wrapped__ = number.__eq__
        # Setting `__eq__` alone keeps the class' hash, whatever it is.
        number.__eq__ = compare
    pytest.approx = approx


def pytest_unconfigure(config):
    number = type(_approx(1.0))
    number.__eq__ = getattr(number.__eq__, "__wrapped__", number.__eq__)
    pytest.approx = _approx
    if NumpyTesting in sys.meta_path:
        sys.meta_path.remove(NumpyTesting)
