"""Every op of the table against live NumPy, or a plain reference in it: all dtypes, shapes that broadcast, empty and 0-d
arrays, NaN, infinities and signed zeros, memory laid out in odd ways.

The cases are in `properties_*.py`. `PURIFY_EXAMPLES=500 pytest tests/python/test_properties.py` looks longer.
"""

import warnings

import numpy as np
import properties_elementwise
import properties_nn
import properties_numeric
import properties_other
import properties_structure
import pytest
from arrays import SETTINGS, agree, converted
from hypothesis import given

from purify import _native, ops

PARTS = [properties_elementwise, properties_structure, properties_numeric, properties_nn, properties_other]
CASES = {name: cases for part in PARTS for name, cases in getattr(part, "CASES", {}).items()}
SCRIPTS = {name: cases for part in PARTS for name, cases in getattr(part, "SCRIPTS", {}).items()}
# What a property cannot say anything about, and where it is tested instead.
WITHOUT = {
    **dict.fromkeys(("e", "euler_gamma", "inf", "nan", "pi", "newaxis"), "a constant: test_constants_are_numpys"),
    **dict.fromkeys(("Tensor", "AxisError", "linalg.LinAlgError", "random.BitGenerator", "object_"), "a class: the other test files use it"),
    **dict.fromkeys(("errstate", "seterr", "geterr", "seterrcall", "geterrcall"), "the handling of floating-point errors: test_floating.py and test_arrays.py"),
    **dict.fromkeys(
        "bytes_ character datetime64 flexible matrix recarray record str_ timedelta64 void".split(), "a class without a counterpart: test_ufuncs.py"
    ),
    **dict.fromkeys(("ComplexWarning", "ModuleDeprecationWarning", "VisibleDeprecationWarning"), "a class of warnings: test_ufuncs.py"),
    "numpy_version": "the version whose names are followed: test_ufuncs.py",
    "bfloat16": "NumPy has no such dtype; test_arrays.py converts it",
    "nn.dropout": "its mask comes from the system's randomness: test_dropout_keeps_the_mean",
    "nn.no_grad": "a context that does nothing, for migrated code: test_no_grad_does_nothing",
    **dict.fromkeys(
        ("nn.kaiming_uniform_", "nn.kaiming_normal_", "nn.xavier_uniform_", "nn.xavier_normal_", "nn.trunc_normal_"),
        "random numbers: test_layers.py looks at their spread",
    ),
    **{f"nn.{name}": "a model or layer: test_layers.py" for name, value in vars(ops.nn).items() if isinstance(value, type)},
}
ERRORS = (ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError, ArithmeticError)


def find(space, name):
    for part in name.split("."):
        space = getattr(space, part)
    return space


def outcome(call):
    """The result of a call, or the class of its error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(), None
        except ERRORS as error:
            return None, error


def compared(case, ours, theirs):
    expected, error = outcome(theirs)
    got, own_error = outcome(ours)
    if error is not None:
        assert own_error is not None, f"NumPy raises {error!r}, the result here is {got!r}"
        return
    if own_error is not None:
        raise own_error
    if case.view is not None:
        expected, got = case.view(expected), case.view(got)
    agree(got, expected, case.rtol, case.atol, case.dtype)


def tensor(x):
    return ops.asarray(x)


@pytest.mark.parametrize("name, index", [(n, i) for n, cases in CASES.items() for i in range(len(cases))])
def test_functions(name, index):
    case = CASES[name][index]
    function = find(ops, name)

    @SETTINGS
    @given(case.arguments)
    def check(arguments):
        args, kwargs = arguments
        ours = lambda: function(*(converted(a, tensor) for a in args), **{k: converted(v, tensor) for k, v in kwargs.items()})  # noqa: E731
        compared(case, ours, lambda: case.reference(*args, **kwargs))

    check()


@pytest.mark.parametrize("name, index", [(n, i) for n, cases in SCRIPTS.items() for i in range(len(cases))])
def test_scripts(name, index):
    case = SCRIPTS[name][index]

    @SETTINGS
    @given(case.arguments)
    def check(arguments):
        args, kwargs = arguments
        # Scripts may write: each side has arrays of its own.
        mine = lambda v: converted(v, lambda x: ops.asarray(x, copy=True))  # noqa: E731
        ours = lambda: case.reference(ops, *map(mine, args), **{k: mine(v) for k, v in kwargs.items()})  # noqa: E731
        compared(case, ours, lambda: case.reference(np, *args, **kwargs))

    check()


def test_every_op_of_the_table_has_a_property():
    names = {row[0] for row in _native._op_table()}
    covered = CASES.keys() | SCRIPTS.keys()
    assert names - covered - WITHOUT.keys() == set(), "these ops have no property; write one in properties_*.py"
    assert WITHOUT.keys() & covered == set(), "these have one, and need no excuse"


def test_constants_are_numpys():
    for name in ("e", "euler_gamma", "inf", "pi"):
        assert getattr(ops, name) == getattr(np, name)
    assert ops.nan != ops.nan
    assert ops.newaxis is None


def test_dropout_keeps_the_mean():
    x = ops.ones((20_000,))
    y = ops.nn.dropout(x, 0.25)
    assert set(np.unique(np.asarray(y)).round(12)) == {0.0, round(1 / 0.75, 12)}
    assert abs(float(ops.mean(y)) - 1) < 0.05
    assert ops.nn.dropout(x, 0.25, training=False) is not None
    assert bool(ops.all(ops.nn.dropout(x, 0.25, training=False) == 1.0))


def test_no_grad_does_nothing():
    with ops.nn.no_grad():
        assert float(ops.asarray(2.0) * 3) == 6.0
