"""Properties of random numbers (the same bits), files (NumPy reads what we write and the other way round) and assertions."""

import io
import warnings

import numpy as np
from hypothesis import strategies as st
from arrays import COMPLEX, INTEGERS, NUMBERS, REALS, Case, array, call, tame, vector, whole

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([None, 0, 5, (2, 3)])
POSITIVE = st.integers(1, 160).map(lambda v: v / 16)
ANY = st.integers(-160, 160).map(lambda v: v / 16)
CHANCE = st.integers(1, 15).map(lambda v: v / 16)
COUNT = st.integers(1, 40)

# Distribution -> the parameters it takes, in order.
DRAWS = {
    "beta": [POSITIVE, POSITIVE], "binomial": [COUNT, CHANCE], "chisquare": [POSITIVE], "exponential": [POSITIVE], "f": [POSITIVE, POSITIVE],
    "gamma": [POSITIVE, POSITIVE], "geometric": [CHANCE], "gumbel": [ANY, POSITIVE], "hypergeometric": [COUNT, COUNT, st.just(1)], "laplace": [ANY, POSITIVE],
    "logistic": [ANY, POSITIVE], "lognormal": [ANY, CHANCE], "logseries": [CHANCE], "negative_binomial": [COUNT, CHANCE], "noncentral_chisquare": [POSITIVE, POSITIVE],
    "noncentral_f": [POSITIVE, POSITIVE, POSITIVE], "normal": [ANY, POSITIVE], "pareto": [POSITIVE], "poisson": [POSITIVE], "power": [POSITIVE],
    "rayleigh": [POSITIVE], "standard_gamma": [POSITIVE], "standard_t": [POSITIVE], "uniform": [ANY, ANY], "vonmises": [ANY, POSITIVE], "wald": [POSITIVE, POSITIVE],
    "weibull": [POSITIVE], "zipf": [POSITIVE.map(lambda v: v + 1.5)], "randint": [st.integers(-9, 9), st.integers(10, 2**40)], "choice": [COUNT],
    "standard_cauchy": [], "standard_exponential": [], "standard_normal": [], "random": [], "triangular": [st.just(-1.0), CHANCE, st.just(2.0)],
    "dirichlet": [st.lists(POSITIVE, min_size=1, max_size=3)], "multinomial": [COUNT, st.just([0.25, 0.5, 0.25])],
    "multivariate_normal": [st.just([1.0, -1.0]), st.just([[2.0, 0.5], [0.5, 1.0]])],
}  # fmt: skip
# Drawn without a size.
SINGLE = {"bytes": [COUNT], "permutation": [COUNT], "rand": [COUNT], "randn": [COUNT]}


def drawn(name, sized):
    def run(space, seed, *args):
        space.random.seed(seed)
        size = {"size": args[-1]} if sized else {}
        return np.asarray(getattr(space.random, name)(*(args[:-1] if sized else args), **size))

    return run


def again(space, seed, name):
    """The state of the module's generator, put back: the numbers come again."""
    space.random.seed(seed)
    space.random.rand(3)
    state = space.random.get_state()
    before = space.random.randn(3)
    space.random.set_state(state)
    return np.asarray(before), np.asarray(space.random.randn(3)), np.asarray(state[1]), state[2:]


def shuffled(space, seed, n):
    space.random.seed(seed)
    x = space.arange(n)
    space.random.shuffle(x)
    return np.asarray(x)


def of_generator(space, seed, algorithm):
    rng = space.random.Generator(getattr(space.random, algorithm)(seed))
    return np.asarray(rng.random(3)), np.asarray(rng.integers(0, 1000, 4)), np.asarray(rng.standard_normal(3)), np.asarray(rng.permutation(5))


def of_default(space, seed):
    rng = space.random.default_rng(seed)
    return np.asarray(rng.random(3)), np.asarray(rng.normal(size=4))


def sequence(space, seed, words):
    s = space.random.SeedSequence(seed)
    return np.asarray(s.generate_state(words)), [np.asarray(c.generate_state(2)) for c in s.spawn(2)]


def legacy(space, seed):
    return np.asarray(space.random.RandomState(seed).randn(4))


EXACT = {"rtol": 1e-15}
RANDOM = {
    **{f"random.{n}": [Case(call(SEEDS, *p, SIZES), drawn(n, True), view=None, **EXACT)] for n, p in DRAWS.items()},
    **{f"random.{n}": [Case(call(SEEDS, *p), drawn(n, False), view=None, **EXACT)] for n, p in SINGLE.items()},
    **{f"random.{n}": [Case(call(SEEDS, st.just(n)), again, **EXACT)] for n in ("get_state", "set_state", "seed")},
    "random.shuffle": [Case(call(SEEDS, st.integers(0, 20)), shuffled)],
    **{f"random.{n}": [Case(call(SEEDS, st.just(n)), of_generator, **EXACT)] for n in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")},
    "random.Generator": [Case(call(SEEDS, st.just("PCG64")), of_generator, **EXACT)],
    "random.default_rng": [Case(call(st.integers(0, 2**70)), of_default, **EXACT)],
    "random.SeedSequence": [Case(call(st.integers(0, 2**70), st.integers(1, 6)), sequence)],
    "random.RandomState": [Case(call(SEEDS), legacy, **EXACT)],
}  # fmt: skip
RANDOM["random.multivariate_normal"][0] = RANDOM["random.multivariate_normal"][0]._replace(rtol=1e-12)

# ---- files: what one library writes, the other reads -----------------------------------------------


def written(write, read):
    """`write(space, file, ...)` by one and `read(space, file)` by the other, in both directions, against NumPy alone."""

    def run(space, *args):
        def through(writer, reader):
            file = io.BytesIO()
            write(writer, file, *(writer.asarray(a) if isinstance(a, np.ndarray) else a for a in map(np_of, args)))
            file.seek(0)
            return read(reader, file)

        return through(space, np), through(np, space)

    return run


def np_of(value):
    return np.asarray(value) if hasattr(value, "dtype") and hasattr(value, "shape") else value


def archive(loaded):
    return [np.asarray(loaded[k]) for k in sorted(loaded)]


def table(space, file, x):
    space.savetxt(file, x, delimiter=",")


FILES = call(array())
TABLES = call(array(["float64", "int64"], min_dims=2, max_dims=2, min_side=1, elements=tame))
IO = {
    **{n: [Case(FILES, written(lambda s, f, x: s.save(f, x), lambda s, f: s.load(f)))] for n in ("save", "load")},
    **{n: [Case(call(array(), array()), written(lambda s, f, x, y, n=n: getattr(s, n)(f, x, other=y), lambda s, f: archive(s.load(f))))] for n in ("savez", "savez_compressed")},
    "savetxt": [Case(TABLES, written(table, lambda s, f: s.loadtxt(f, delimiter=",", ndmin=2)))],
    "loadtxt": [Case(TABLES, written(table, lambda s, f: s.loadtxt(f, delimiter=",", ndmin=2, usecols=[0])))],
    "genfromtxt": [Case(TABLES, written(table, lambda s, f: s.genfromtxt(f, delimiter=",")))],
    "fromfile": [Case(call(vector(["float64"])), None)],
}  # fmt: skip
del IO["fromfile"]


def from_a_file(space, x):
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(np.asarray(x).tobytes())
        file.flush()
        return space.fromfile(file.name, dtype=str(x.dtype))


IO["fromfile"] = [Case(call(vector(NUMBERS)), from_a_file)]

# ---- assertions: they pass exactly when NumPy's do -------------------------------------------------


def outcome(name):
    def run(space, *args, **kwargs):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error" if "warning" in name else "ignore")
                getattr(space.testing, name)(*args, **kwargs)
        except (AssertionError, Warning) as error:
            return type(error).__name__
        return "passes"

    return run


NEAR = st.sampled_from([0.0, 1e-9, 1e-6, 1e-3, 1.0])


@st.composite
def nearby(draw, dtypes=REALS, **keywords):
    x = draw(array(dtypes, min_dims=1, elements=tame))
    y = (x * (1 + draw(NEAR)) if draw(st.booleans()) else x + draw(NEAR)).astype(x.dtype)
    return (x, y), draw(st.fixed_dictionaries({}, optional=keywords))


DECIMALS = st.integers(1, 8)
ASSERTIONS = {
    "assert_": call(st.booleans()),
    "assert_allclose": nearby(rtol=st.sampled_from([1e-7, 1e-2]), atol=st.sampled_from([0.0, 1e-5])),
    "assert_almost_equal": nearby(decimal=DECIMALS),
    "assert_array_almost_equal": nearby(decimal=DECIMALS),
    "assert_approx_equal": call(ANY, ANY, significant=DECIMALS),
    "assert_array_equal": nearby([*REALS, *INTEGERS, *COMPLEX]),
    "assert_equal": nearby([*REALS, *INTEGERS]),
    "assert_array_less": nearby([*REALS, *INTEGERS]),
    "assert_array_almost_equal_nulp": nearby(["float64"], nulp=st.sampled_from([1, 10**7])),
    "assert_array_max_ulp": nearby(["float64"], maxulp=st.sampled_from([1, 10**7])),
    "assert_string_equal": call(st.sampled_from(["a", "ab", "b\n"]), st.sampled_from(["a", "ab", "b\n"])),
    "assert_raises": call(st.just(ValueError), st.just(int), st.sampled_from(["a", "1"])),
    "assert_raises_regex": call(st.just(ValueError), st.sampled_from(["invalid", "invalid literal"]), st.just(int), st.sampled_from(["a", "1"])),
    "assert_warns": call(st.just(UserWarning), st.sampled_from([lambda: warnings.warn("w", stacklevel=1), lambda: None])),
    "assert_no_warnings": call(st.sampled_from([lambda: warnings.warn("w", stacklevel=1), lambda: None])),
}  # fmt: skip
TESTING = {f"testing.{n}": [Case(arguments, outcome(n))] for n, arguments in ASSERTIONS.items()}

SCRIPTS = {**RANDOM, **IO, **TESTING}
del whole
