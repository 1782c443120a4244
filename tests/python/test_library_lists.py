"""The lists of `rules/libraries/numpy.toml` that say how NumPy's functions behave hold for the NumPy that is installed.

Calls are made up: a function is tried with the argument lists below until one works, and what comes back is looked at. A
name for which none works is an error, because nothing would have been checked.
"""

import datetime
import decimal
import fractions
import inspect
import io
import pathlib
import tomllib
import types
import warnings

import pytest

np = pytest.importorskip("numpy")

LIBRARY = tomllib.loads((pathlib.Path(__file__).parent.parent.parent / "rules/libraries/numpy.toml").read_text())
DTYPES = ["bool", "int8", "int64", "uint8", "float32", "float64", "complex64", "complex128"]
# What a name of an array's member is not enough to tell from an array, where one of these has it too.
COMMON = [
    int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, range, slice, types.FunctionType, type(iter([])),
    pathlib.Path, fractions.Fraction, decimal.Decimal, datetime.datetime, datetime.date, datetime.timedelta,
]  # fmt: skip


def listed(trait):
    """The names that have a trait, stars written out."""
    for entry in LIBRARY["traits"][trait]:
        for name in entry.split():
            if name.endswith(".*"):
                module = find(name[:-2])
                members = (f"{name[:-2]}.{member}" for member in getattr(module, "__all__", dir(module)))
                yield from (name for name in members if isinstance(find(name), types.FunctionType))
            else:
                yield name


def find(name):
    """The live object; `None` where this NumPy does not have it. Methods of generators and such belong to their class."""
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def bound(name):
    """The callable behind a name, bound to an instance where it is a method of a generator."""
    for owner, make in {"random.RandomState": np.random.RandomState, "random.Generator": np.random.default_rng}.items():
        if name.startswith(owner + "."):
            return getattr(make(0), name.removeprefix(owner + "."), None)
    return find(name)


def first_result(function, argument_lists):
    """What the first call gives that works."""
    for arguments in argument_lists:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return function(*arguments)
        except (TypeError, ValueError, IndexError, ArithmeticError, AttributeError, np.linalg.LinAlgError):
            continue
    raise AssertionError(f"no call of {function} could be made up")


def most_arguments(function):
    """How many arguments can be passed by position before the one that receives the result."""
    if isinstance(function, np.ufunc):
        return function.nin
    try:
        names = list(inspect.signature(function).parameters)
    except ValueError:
        return 2
    return names.index("out") if "out" in names else 2


def dtypes_of(result):
    """The dtypes of what came back: of an array, of a number, of each part of a tuple."""
    parts = result if isinstance(result, (tuple, list)) else [result]
    return {np.asarray(part).dtype.name for part in parts}


# `eye(3)`, `linspace(0.5, 2, 3)`, `normal(0.5, 1, 3)`, `dirichlet([0.5, 1], 3)`, files of numbers, covariances.
MAKERS = [
    lambda: (3,),
    lambda: ((3,),),
    lambda: (0.5, 3),
    lambda: (0.5, 2.0, 3),
    lambda: (0.5, 1.0, 2.0, 3),
    lambda: ([0.5, 1.0], 3),
    lambda: ([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], 3),
    lambda: (io.StringIO("1 2\n3 4"),),
]


@pytest.mark.parametrize("name", sorted(set(listed("default-float"))))
def test_makes_floats_of_the_default_dtype(name):
    function = bound(name)
    if function is None:
        pytest.skip(f"this NumPy has no {name}")
    assert dtypes_of(first_result(function, (make() for make in MAKERS))) == {LIBRARY["library"]["float"]}


@pytest.mark.parametrize("name", sorted(set(listed("takes-array"))))
def test_takes_an_array_first(name):
    function = find(name)
    if function is None:
        pytest.skip(f"this NumPy has no {name}")
    assert not (isinstance(function, np.ufunc) and function.signature is None), "it takes numbers as well as arrays"
    vector, square, counts = np.array([1.0, 2.0, 4.0]), np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([0, 2, 1])
    seconds = [[], [vector], [square], [0], [1], [50], [0.5], [[1, 2, 3]], [0, 1]]
    calls = [[first, *rest] for first in (vector, square, counts, np.ones((2, 2, 2)), [square, square]) for rest in seconds]
    first_result(function, calls)


@pytest.mark.parametrize("name", sorted(set(listed("array-only"))))
def test_only_arrays_have_it(name):
    owner, member = name.split(".")
    assert hasattr(getattr(np, owner), member)
    assert [] == [kind.__name__ for kind in COMMON if hasattr(kind, member)]


def results():
    for names, dtype in LIBRARY["result-dtypes"].items():
        for name in names.split():
            yield pytest.param(name, dtype, id=name)


@pytest.mark.parametrize("name, dtype", list(results()))
def test_gives_the_dtype_that_is_listed(name, dtype):
    owner, _, member = name.rpartition(".")
    if owner not in ("ndarray", "generic") and find(name) is None:
        pytest.skip(f"this NumPy has no {name}")
    found, followed = set(), []
    for given in DTYPES:
        x = np.array([1, 0, 1, 1]).astype(given)
        function = getattr(x if owner == "ndarray" else x[0], member) if owner in ("ndarray", "generic") else find(name)
        if isinstance(function, np.ndarray | np.generic):
            calls = None  # an attribute
        elif owner in ("ndarray", "generic"):
            calls = [[], [1], [x], ["int16"]]
        else:
            weights = np.array([0.5, 1.5, 2.5, 3.5])
            calls = [[x, x], [x, 1], [x], [x, np.array([0.5, 1.5])], [(x, x)], [(np.array([1, 0]), np.array([0, 1])), (2, 2)]]
            counts = x.real.astype(int)
            calls += [[counts, weights], [counts]]
        if calls is not None:
            calls = [arguments for arguments in calls if len(arguments) <= most_arguments(function)]
        got = set()
        for arguments in [None] if calls is None else calls:
            try:
                result = function if arguments is None else first_result(function, [arguments])
            except AssertionError:
                continue
            got |= dtypes_of(result)
        found |= got
        followed.append(got <= {np.dtype(given).name})
    assert found, "no call could be made up"
    if dtype == "unknown":
        assert len(found) > 1 and not all(followed), "it could be listed, or left out"
    else:
        assert found == {dtype}
