"""`ops.random` gives NumPy's numbers, bit for bit. The streams themselves are compared in Rust; this compares the Python face."""

import copy
import pickle

import numpy as np
import pytest

from purify import ops

random = ops.random
ALGORITHMS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


def same(ours, theirs):
    """Equal values, dtypes and shapes; a Python number counts as NumPy's scalar."""
    theirs = np.asarray(theirs)
    if isinstance(ours, (bool, int, float)):
        assert theirs.shape == ()
        assert ours == theirs.item() or (ours != ours and theirs.item() != theirs.item())
        return
    ours = np.asarray(ours)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


GENERATOR_CALLS = {
    "random": [{}, {"size": 3}, {"size": (2, 3), "dtype": "float32"}],
    "uniform": [{}, {"low": -1, "high": [2.0, 3.0]}, {"size": 4}],
    "integers": [{"low": 10}, {"low": -5, "high": 5, "size": 7}, {"low": 0, "high": 255, "size": 5, "dtype": "uint8", "endpoint": True}],
    "normal": [{}, {"loc": 1, "scale": 2, "size": (2, 2)}, {"loc": [0.0, 1.0]}],
    "standard_normal": [{}, {"size": 5}, {"size": 5, "dtype": "float32"}],
    "standard_exponential": [{}, {"size": 5, "method": "inv"}],
    "exponential": [{"scale": 2.0}, {"scale": [1.0, 2.0], "size": (3, 2)}],
    "standard_gamma": [{"shape": 2.0}, {"shape": [0.5, 3.0], "dtype": "float32"}],
    "gamma": [{"shape": 2, "scale": 3, "size": 4}],
    "beta": [{"a": 0.5, "b": 2, "size": 4}],
    "binomial": [{"n": 10, "p": 0.3}, {"n": 10.0, "p": 0.3}, {"n": [10, 100], "p": 0.5}, {"n": 1000, "p": 0.4, "size": 4}],
    "poisson": [{"lam": 3.0}, {"lam": [0.1, 50.0], "size": (2, 2)}],
    "negative_binomial": [{"n": 3, "p": 0.4, "size": 3}],
    "geometric": [{"p": 0.1, "size": 3}],
    "hypergeometric": [{"ngood": 10, "nbad": 20, "nsample": 5, "size": 3}],
    "multinomial": [{"n": 10, "pvals": [0.2, 0.8]}, {"n": [3, 4], "pvals": [0.2, 0.8]}, {"n": 10, "pvals": [0.5, 0.5], "size": (2, 2)}],
    "dirichlet": [{"alpha": [1.0, 2.0]}, {"alpha": (1, 2, 3), "size": 4}],
    "multivariate_hypergeometric": [{"colors": [3, 5, 7], "nsample": 6, "size": 2}, {"colors": [3, 5], "nsample": 6, "method": "count"}],
    "permutation": [{"x": 10}, {"x": [1.5, 2.5, 3.5]}, {"x": np.arange(12.0).reshape(3, 4), "axis": 1}],
    "permuted": [{"x": np.arange(12.0).reshape(3, 4), "axis": 1}, {"x": np.arange(12.0).reshape(3, 4)}],
    "choice": [
        {"a": 10},
        {"a": 10, "size": 4, "replace": False},
        {"a": [1.0, 2.0, 4.0], "size": (2, 2), "p": [0.1, 0.2, 0.7]},
        {"a": np.arange(12.0).reshape(3, 4), "size": 2, "axis": 1},
    ],
    "bytes": [{"length": 7}],
    "triangular": [{"left": 0, "mode": 1, "right": 3, "size": 3}],
    "vonmises": [{"mu": 0.5, "kappa": 2.0, "size": 3}],
    "zipf": [{"a": 2.0, "size": 5}],
    "logseries": [{"p": 0.7, "size": 5}],
    "f": [{"dfnum": 3, "dfden": 4, "size": 3}],
    "noncentral_f": [{"dfnum": 3, "dfden": 4, "nonc": 1, "size": 3}],
    "chisquare": [{"df": 3, "size": 3}],
    "noncentral_chisquare": [{"df": 3, "nonc": 2, "size": 3}],
    "standard_t": [{"df": 3, "size": 3}],
    "standard_cauchy": [{}, {"size": 3}],
    "pareto": [{"a": 3, "size": 3}],
    "weibull": [{"a": 3, "size": 3}],
    "power": [{"a": 3, "size": 3}],
    "laplace": [{"size": 3}],
    "gumbel": [{"size": 3}],
    "logistic": [{"size": 3}],
    "lognormal": [{"size": 3}],
    "rayleigh": [{"size": 3}],
    "wald": [{"mean": 1, "scale": 2, "size": 3}],
}
LEGACY_ONLY = {
    "rand": [((), {}), ((2, 3), {})],
    "randn": [((), {}), ((2, 3), {})],
    "randint": [((10,), {}), ((0, 10), {"size": 4}), ((0, 200), {"size": 4, "dtype": "uint8"}), ((2,), {"dtype": bool})],
    "random_sample": [((), {}), (((2, 2),), {})],
    "tomaxint": [((), {}), ((3,), {})],
}


@pytest.mark.parametrize("method", GENERATOR_CALLS)
def test_generator_methods(method):
    ours, theirs = random.default_rng(42), np.random.default_rng(42)
    for options in GENERATOR_CALLS[method]:
        got = getattr(ours, method)(**options)
        expected = getattr(theirs, method)(**options)
        assert got == expected if method == "bytes" else same(got, expected) is None


@pytest.mark.parametrize("method", [m for m in GENERATOR_CALLS if hasattr(np.random.RandomState, m)])
def test_random_state_methods(method):
    ours, theirs = random.RandomState(42), np.random.RandomState(42)
    for options in GENERATOR_CALLS[method]:
        if {"dtype", "method", "axis", "endpoint"} & set(options) or (method == "multinomial" and not isinstance(options["n"], int)):
            continue
        if method == "choice" and np.ndim(options["a"]) > 1:
            continue
        got = getattr(ours, method)(**options)
        expected = getattr(theirs, method)(**options)
        assert got == expected if method == "bytes" else same(got, expected) is None


@pytest.mark.parametrize("method", LEGACY_ONLY)
def test_legacy_methods_and_module_functions(method):
    for ours, theirs in [(random.RandomState(7), np.random.RandomState(7)), (random, np.random)]:
        ours.seed(7), theirs.seed(7)
        for args, options in LEGACY_ONLY[method]:
            if hasattr(ours, method) and hasattr(theirs, method):
                same(getattr(ours, method)(*args, **options), getattr(theirs, method)(*args, **options))


def test_signatures_are_those_of_numpy():
    import inspect

    for ours, theirs in [(random.Generator, np.random.Generator), (random.RandomState, np.random.RandomState)]:
        for name, method in inspect.getmembers(theirs, callable):
            if name.startswith("_"):
                continue
            assert hasattr(ours, name), f"{ours.__name__} lacks {name}"
            try:
                expected = list(inspect.signature(method).parameters)
            except ValueError:
                continue
            assert list(inspect.signature(getattr(ours, name)).parameters) == expected, name


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("seed", [0, 12345, 2**100 + 7, [1, 2, 3]])
def test_bit_generators(algorithm, seed):
    ours, theirs = getattr(random, algorithm)(seed), getattr(np.random, algorithm)(seed)
    same(ours.random_raw(5), theirs.random_raw(5))
    a, b = random.Generator(ours), np.random.Generator(theirs)
    same(a.integers(0, 1000, size=3), b.integers(0, 1000, size=3))  # leaves half a word behind
    check_state(ours.state, theirs.state)
    theirs.state = theirs.state
    copied = getattr(random, algorithm)(99)
    copied.state = theirs.state
    same(copied.random_raw(3), np.asarray(ours.random_raw(3)))
    for mine, theirs_child in zip(getattr(random, algorithm)(seed).spawn(2), getattr(np.random, algorithm)(seed).spawn(2)):
        same(mine.random_raw(2), theirs_child.random_raw(2))


def check_state(ours, theirs):
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        if isinstance(value, dict):
            check_state(ours[key], value)
        elif isinstance(value, np.ndarray):
            same(ours[key], value)
        else:
            assert ours[key] == value, key


@pytest.mark.parametrize("algorithm", ["PCG64", "PCG64DXSM", "Philox"])
def test_advance_and_jump(algorithm):
    for delta in (1, 10**6, 2**100 + 3):
        same(getattr(random, algorithm)(3).advance(delta).random_raw(3), getattr(np.random, algorithm)(3).advance(delta).random_raw(3))
    same(getattr(random, algorithm)(3).jumped().random_raw(3), getattr(np.random, algorithm)(3).jumped().random_raw(3))
    same(getattr(random, algorithm)(3).jumped(4).random_raw(3), getattr(np.random, algorithm)(3).jumped(4).random_raw(3))


@pytest.mark.parametrize("draws", [0, 1, 300, 624, 1000])
def test_jumps_of_the_twister(draws):
    ours, theirs = random.MT19937(7), np.random.MT19937(7)
    ours.random_raw(draws), theirs.random_raw(draws)
    for jumps in (1, 3):
        a, b = ours.jumped(jumps), theirs.jumped(jumps)
        assert a.state["state"]["pos"] == b.state["state"]["pos"]
        same(a.state["state"]["key"], b.state["state"]["key"])
        same(a.random_raw(5), b.random_raw(5))


def test_philox_takes_key_and_counter():
    same(random.Philox(key=2**70 + 1, counter=5).random_raw(6), np.random.Philox(key=2**70 + 1, counter=5).random_raw(6))
    same(random.Philox(3, counter=[1, 2, 3, 4]).random_raw(6), np.random.Philox(3, counter=np.array([1, 2, 3, 4], dtype=np.uint64)).random_raw(6))


def test_seed_sequences():
    for entropy in (0, 2**200, [1, 2**40], [0], (1, 2), np.arange(5)):
        ours, theirs = random.SeedSequence(entropy), np.random.SeedSequence(entropy)
        same(ours.generate_state(9), theirs.generate_state(9))
        same(ours.generate_state(3, "uint64"), theirs.generate_state(3, np.uint64))
        same(ours.pool, theirs.pool)
        for a, b in zip(ours.spawn(2) + ours.spawn(1), theirs.spawn(2) + theirs.spawn(1)):
            assert a.spawn_key == b.spawn_key
            same(a.generate_state(4), b.generate_state(4))
            same(a.spawn(1)[0].generate_state(4), b.spawn(1)[0].generate_state(4))
    assert repr(random.SeedSequence(5)) == repr(np.random.SeedSequence(5))
    wide, reference = (space.SeedSequence(1, pool_size=8, spawn_key=(3,)) for space in (random, np.random))
    same(wide.generate_state(12), reference.generate_state(12))
    with pytest.raises(TypeError):
        random.SeedSequence(1.5)
    with pytest.raises(ValueError):
        random.SeedSequence(-1)
    assert random.SeedSequence().entropy != random.SeedSequence().entropy


@pytest.mark.parametrize("seed", [0, 2**32 - 1, [1, 2, 3], np.array([5, 6]), np.int64(9)])
def test_legacy_seeds(seed):
    same(random.RandomState(seed).randn(5), np.random.RandomState(seed).randn(5))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, [], [2**32], "a"])
def test_bad_legacy_seeds(seed):
    with pytest.raises((TypeError, ValueError)):
        random.RandomState(seed)


def test_states_go_both_ways():
    ours, theirs = random.RandomState(3), np.random.RandomState(3)
    ours.randn(3), theirs.randn(3)  # leaves a stored normal number
    state = theirs.get_state()
    mine = ours.get_state()
    assert mine[0] == "MT19937" and mine[2:] == state[2:]
    same(mine[1], state[1])
    fresh = random.RandomState(0)
    fresh.set_state(state)
    same(fresh.randn(4), ours.randn(4))
    theirs.set_state((mine[0], np.asarray(mine[1]), *mine[2:]))
    fresh.set_state(mine)
    same(fresh.randn(4), theirs.randn(4))


def test_pickles_and_copies_go_on_where_the_original_was():
    for rng in (random.default_rng(5), random.RandomState(5)):
        rng.normal(size=3)
        for twin in (pickle.loads(pickle.dumps(rng)), copy.deepcopy(rng)):
            twin_out = np.asarray(twin.normal(size=4))
            again = pickle.loads(pickle.dumps(rng))
            same(again.normal(size=4), twin_out)


def test_a_bit_generator_can_be_shared():
    bits, reference = random.PCG64(1), np.random.PCG64(1)
    a, b = random.Generator(bits), random.RandomState(bits)
    c, d = np.random.Generator(reference), np.random.RandomState(reference)
    for _ in range(3):
        same(a.random(), c.random())
        same(b.random_sample(), d.random_sample())
    assert random.default_rng(a) is a
    assert random.default_rng(bits).bit_generator is bits


def test_shuffles_in_place():
    for make in (lambda space: space.default_rng(3), lambda space: space.RandomState(3)):
        ours, theirs = make(random), make(np.random)
        for values in (list(range(10)), list("abcdef")):
            a, b = list(values), list(values)
            ours.shuffle(a), theirs.shuffle(b)
            assert a == b
        x = np.arange(12.0).reshape(4, 3)
        mine, foreign = ops.asarray(x.copy()), x.copy()
        ours.shuffle(mine), theirs.shuffle(x)
        same(mine, x)
        ours.shuffle(foreign)
        theirs.shuffle(y := np.arange(12.0).reshape(4, 3))
        np.testing.assert_array_equal(foreign, y)
    ours, theirs = random.default_rng(3), np.random.default_rng(3)
    mine, x = ops.asarray(np.arange(12.0).reshape(4, 3)), np.arange(12.0).reshape(4, 3)
    ours.shuffle(mine, axis=1), theirs.shuffle(x, axis=1)
    same(mine, x)
    view = ops.asarray(np.arange(10.0))
    ours.shuffle(view[::2]), theirs.shuffle((y := np.arange(10.0))[::2])
    same(view, y)


def test_choice_of_text():
    ours, theirs = random.default_rng(3), np.random.default_rng(3)
    assert ours.choice(["a", "b", "c"]) == str(theirs.choice(["a", "b", "c"]))
    ours, theirs = random.RandomState(3), np.random.RandomState(3)
    assert ours.choice(["a", "b", "c"], p=[0.2, 0.3, 0.5]) == str(theirs.choice(["a", "b", "c"], p=[0.2, 0.3, 0.5]))


def test_out_is_filled():
    ours, theirs = random.default_rng(3), np.random.default_rng(3)
    out, reference = ops.zeros((2, 3)), np.zeros((2, 3))
    assert ours.standard_normal(out=out) is out
    theirs.standard_normal(out=reference)
    same(out, reference)
    with pytest.raises(ValueError):
        ours.random(size=4, out=out)


ERRORS = [
    ("normal", {"scale": -1.0}, ValueError),
    ("normal", {"scale": [1.0, -1.0]}, ValueError),
    ("normal", {"size": -1}, ValueError),
    ("normal", {"loc": [0.0, 1.0], "size": 3}, ValueError),
    ("uniform", {"low": 0, "high": float("inf")}, OverflowError),
    ("integers", {"low": 5, "high": 5}, ValueError),
    ("integers", {"low": 0, "high": 300, "dtype": "int8"}, ValueError),
    ("integers", {"low": 3, "dtype": "float64"}, TypeError),
    ("choice", {"a": 3, "size": 4, "replace": False}, ValueError),
    ("choice", {"a": 3, "p": [0.5, 0.5]}, ValueError),
    ("choice", {"a": 2, "p": [0.5, 0.6]}, ValueError),
    ("choice", {"a": []}, ValueError),
    ("binomial", {"n": -1, "p": 0.5}, ValueError),
    ("binomial", {"n": 1, "p": 1.5}, ValueError),
    ("binomial", {"n": np.array([1.5]), "p": 0.5}, TypeError),
    ("poisson", {"lam": -1.0}, ValueError),
    ("multinomial", {"n": 3, "pvals": [0.7, 0.7, 0.1]}, ValueError),
    ("hypergeometric", {"ngood": 1, "nbad": 1, "nsample": 3}, ValueError),
    ("triangular", {"left": 3, "mode": 2, "right": 5}, ValueError),
    ("standard_normal", {"dtype": "int32"}, TypeError),
    ("multivariate_normal", {"mean": [0.0], "cov": [[1.0, 0.0]]}, ValueError),
    ("multivariate_normal", {"mean": [0.0, 0.0], "cov": [[1.0, 2.0], [2.0, 1.0]], "check_valid": "raise"}, ValueError),
]


@pytest.mark.parametrize(("method", "options", "error"), ERRORS)
def test_errors_are_numpys(method, options, error):
    with pytest.raises(error):
        getattr(np.random.default_rng(0), method)(**options)
    rng = random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(error):
        getattr(rng, method)(**options)
    if method != "multivariate_normal":
        assert rng.bit_generator.state == before, "a refused call draws nothing"


def test_multivariate_normal():
    cov = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 3.0]])
    ours, theirs = random.default_rng(3), np.random.default_rng(3)
    a = np.asarray(ours.multivariate_normal([1.0, 2.0, 3.0], cov, size=(4, 5), method="cholesky"))
    b = theirs.multivariate_normal([1.0, 2.0, 3.0], cov, size=(4, 5), method="cholesky")
    np.testing.assert_allclose(a, b, rtol=1e-12)
    for method in ("svd", "eigh"):
        draws = np.asarray(random.default_rng(0).multivariate_normal(np.zeros(3), cov, size=200_000, method=method))
        np.testing.assert_allclose(np.cov(draws.T), cov, atol=0.05)
    values = np.random.RandomState(0)
    for n in (1, 2, 3, 5, 12):
        root = values.randn(n, n)
        cov = root @ root.T
        for make in (lambda space: space.default_rng(n), lambda space: space.RandomState(n)):
            ours = make(random).multivariate_normal(np.arange(n), cov, size=3)
            theirs = make(np.random).multivariate_normal(np.arange(n), cov, size=3)
            np.testing.assert_allclose(np.asarray(ours), theirs, atol=1e-6)
    with pytest.warns(RuntimeWarning, match="positive-semidefinite"):
        random.RandomState(0).multivariate_normal([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]])


def test_threads_draw_every_number_once():
    from concurrent.futures import ThreadPoolExecutor

    rng = random.default_rng(1)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda _: np.asarray(rng.random(50_000)), range(16)))
    expected = np.random.default_rng(1).random(800_000)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.sort(expected))
