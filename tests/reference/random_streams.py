"""Records NumPy's random streams in `random_streams.tsv`, which the Rust tests of `src/ops/random` reproduce bit for bit.

Run with NumPy 2.4:  python tests/reference/random_streams.py

A line is  generator algorithm seed | size | method arguments... | dtype hash next first...
- generator: `G` for `numpy.random.Generator`, `R` for `numpy.random.RandomState` (legacy seeding for MT19937)
- size: lengths joined by `x`; `-` for none, `.` for a 0-d shape
- arguments: numbers, `key=value`, or tensors `@2x3:1,2,3,4,5,6` (`@i...` for int64)
- hash: the polynomial hash of the raw little-endian bytes (see `fingerprint`)
- next: the generator's own next word afterwards, which shows that exactly as many words were drawn
- first: the bits of the first elements
"""

import itertools
import pathlib
import platform
import sys

import numpy as np

M = 0x9E3779B97F4A7C15


def fingerprint(raw: bytes) -> int:
    """Horner's scheme over 64-bit words: h = h * M + word, modulo 2**64."""
    words = np.frombuffer(raw + b"\0" * (-len(raw) % 8), dtype="<u8")
    powers = np.full(len(words), M, dtype=np.uint64)
    if len(words):
        powers[0] = 1
    with np.errstate(over="ignore"):
        powers = np.cumprod(powers, dtype=np.uint64)[::-1]
        return int((words * powers).sum(dtype=np.uint64)) ^ len(raw)


def text(value) -> str:
    if value is RAMP:
        return "@ramp1000"  # 0..999 divided by their sum
    if isinstance(value, np.ndarray):
        kind = "@" if value.dtype.kind == "f" else "@i"
        shape = "x".join(map(str, value.shape)) or "."
        return kind + shape + ":" + ",".join(repr(v.item()) for v in value.ravel())
    if isinstance(value, bool):
        return str(int(value))
    return repr(value)


def size_text(size) -> str:
    if size is None:
        return "-"
    return "x".join(map(str, size)) or "."


def make(generator, algorithm, seed):
    if generator == "R":
        if algorithm == "MT19937":
            return np.random.RandomState(seed)
        return np.random.RandomState(getattr(np.random, algorithm)(seed))
    return np.random.Generator(getattr(np.random, algorithm)(seed))


RAMP = np.arange(1000.0) / np.arange(1000.0).sum()
LINES = []


def record(generator, algorithm, seed, size, method, args=(), options=None, call=None):
    """Calls the method and appends its line. `call` gives what is really called when it differs from the method."""
    rng = make(generator, algorithm, seed)
    options = options or {}
    if call is not None:
        out = call(rng)
    else:
        out = getattr(rng, method)(*args, size=size, **options)
    if isinstance(out, bytes):
        out = np.frombuffer(out, dtype=np.uint8)
    out = np.ascontiguousarray(out)
    raw = out.tobytes()
    bits = rng.bit_generator if generator == "G" else rng._bit_generator
    words = [text(a) for a in args] + [f"{k}={text(v) if not isinstance(v, (str, type)) else np.dtype(v).name if k == 'dtype' else v}"
                                       for k, v in options.items()]
    first = [out.ravel()[i].tobytes()[::-1].hex() for i in range(min(3, out.size))]

    seed_text = str(seed).replace(" ", "")
    LINES.append(" ".join([generator, algorithm, seed_text, "|", size_text(size), "|", method, *words, "|",
                           out.dtype.name, f"{fingerprint(raw):016x}", f"{bits.random_raw():016x}", *first]))


LONG = (20000,)
F = lambda *v: np.array(v, dtype=float)
I = lambda *v: np.array(v, dtype=np.int64)
ALGORITHMS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]

CONTINUOUS = {
    "beta": [(0.5, 0.5), (0.1, 0.3), (1.0, 1.0), (2.0, 3.0), (0.5, 3.0), (1e-4, 1e-4)],
    "gamma": [(0.0, 1.0), (0.3, 2.0), (1.0, 0.5), (2.5, 2.0), (100.0, 1.0)],
    "f": [(1.0, 2.0), (10.0, 5.5)],
    "noncentral_f": [(3.0, 20.0, 0.0), (3.0, 20.0, 2.0), (0.5, 3.0, 1.5)],
    "chisquare": [(0.5,), (1.0,), (2.0,), (7.0,)],
    "noncentral_chisquare": [(3.0, 20.0), (0.7, 1.5), (3.0, 0.0), (1.0, 40.0)],
    "standard_cauchy": [()],
    "standard_t": [(10.0,), (1.5,)],
    "vonmises": [(0.0, 4.0), (1.0, 1e-9), (2.0, 1e-6), (0.0, 1e6), (-3.0, 0.5), (7.0, 2.0), (0.0, 0.0)],
    "pareto": [(3.0,), (0.2,)],
    "weibull": [(0.0,), (1.5,), (0.3,)],
    "power": [(5.0,), (0.3,)],
    "laplace": [(0.0, 1.0), (3.0, 2.5)],
    "gumbel": [(0.0, 1.0), (-2.0, 0.5)],
    "logistic": [(0.0, 1.0), (5.0, 3.0)],
    "lognormal": [(0.0, 1.0), (1.0, 0.25)],
    "rayleigh": [(0.0,), (3.0,)],
    "wald": [(3.0, 2.0), (0.1, 50.0)],
    "triangular": [(-3.0, 0.0, 8.0), (0.0, 0.0, 1.0), (0.0, 1.0, 1.0)],
    "uniform": [(0.0, 1.0), (-5.0, 3.5), (2.0, 2.0)],
    "normal": [(0.0, 1.0), (10.0, 0.1), (1.0, 0.0)],
    "exponential": [(1.0,), (0.0,), (3.5,)],
}
DISCRETE = {
    "poisson": [(0.0,), (0.1,), (3.0,), (9.99,), (10.0,), (100.0,), (1e6,), (1e15,)],
    "zipf": [(1.01,), (1.5,), (2.0,), (5.0,), (100.0,)],
    "geometric": [(0.9,), (0.35,), (1.0 / 3.0,), (0.3,), (0.01,), (1e-12,), (1.0,)],
    "logseries": [(0.1,), (0.6,), (0.999,), (0.0,)],
    "negative_binomial": [(1.0, 0.1), (100.0, 0.4), (0.5, 0.5), (7.0, 1.0)],
}
BINOMIAL = [(0, 0.5), (10, 0.0), (10, 0.5), (100, 0.25), (100, 0.35), (1000, 0.9), (1, 1.0), (100, 0.75), (10**6, 0.001),
            (10**9, 0.3), (60, 0.5), (61, 0.5), (10**12, 0.5), (2**40, 1e-11), (2**53 + 1, 0.7), (300, 0.11)]
HYPERGEOMETRIC = [(5, 5, 3), (100, 50, 20), (50, 100, 120), (1000, 2000, 9), (10**6, 2 * 10**6, 10**5), (0, 5, 3), (5, 0, 3),
                  (200, 10, 15), (100, 100, 195), (100, 100, 100), (8, 8, 16), (20, 20, 11)]
ARRAYS = {  # parameters that broadcast
    "normal": (F(0, 1, 2), F(1, 10).reshape(2, 1)),
    "gamma": (F(0.5, 1, 2), F(1, 10).reshape(2, 1)),
    "uniform": (F(0, -1), F(3, 4)),
    "triangular": (F(-1, 0).reshape(2, 1), F(0.5, 0.75), 3.0),
    "exponential": (F(1, 2, 3),),
    "beta": (F(0.5, 2), F(0.5, 1, 3).reshape(3, 1)),
    "poisson": (F(0, 3, 50),),
    "negative_binomial": (F(1, 5), F(0.2, 0.9)),
    "noncentral_f": (F(2, 3), 4.0, F(0.5, 1).reshape(2, 1)),
}


def distributions():
    for generator, algorithm in [("G", "PCG64"), ("R", "MT19937")]:
        for method, cases in itertools.chain(CONTINUOUS.items(), DISCRETE.items()):
            for args in cases:
                for seed in (0, 987654321):
                    record(generator, algorithm, seed, LONG, method, args)
        for args in BINOMIAL:
            record(generator, algorithm, 5, (3000,), "binomial", args)
        for args in HYPERGEOMETRIC:
            record(generator, algorithm, 6, (3000,), "hypergeometric", args)
        for method, args in ARRAYS.items():
            record(generator, algorithm, 77, None, method, args)
        record(generator, algorithm, 77, (50, 3), "normal", (F(0, 1, 2), 1.0))
        record(generator, algorithm, 77, None, "binomial", (I(1, 100, 1000), F(0.3, 0.9).reshape(2, 1)))
        record(generator, algorithm, 77, (40, 2, 3), "binomial", (I(1, 100, 1000), F(0.3, 0.9).reshape(2, 1)))
        record(generator, algorithm, 77, None, "hypergeometric", (I(10, 100), I(20, 30).reshape(2, 1), 12))
    for args in [(0.5, 0.5), (1e-200, 1e-200), (1e-5, 1e-300)]:
        record("G", "PCG64", 0, (500,), "beta", args)
    record("G", "PCG64", 3, (2000,), "vonmises", (1.0, 2e6))
    record("G", "PCG64", 3, (2000,), "vonmises", (3.1, 2e6))
    record("G", "PCG64", 3, (2000,), "zipf", (1100.0,))
    for method in ["random", "standard_normal", "standard_exponential"]:
        for algorithm in ALGORITHMS:
            for dtype in ["float64", "float32"]:
                record("G", algorithm, 2**80 + 3, (200000,), method, options={"dtype": dtype})
    for dtype in ["float64", "float32"]:
        record("G", "PCG64", 1, (20000,), "standard_exponential", options={"dtype": dtype, "method": "inv"})
        for shape in (0.0, 0.3, 1.0, 1.7, 50.0):
            record("G", "PCG64", 1, (20000,), "standard_gamma", (shape,), options={"dtype": dtype})
    for algorithm in ALGORITHMS:
        record("G", algorithm, 11, (5000,), "normal", (1.5, 2.0))
        record("R", algorithm, 11, (5001,), "standard_normal")
        record("R", algorithm, 11, (5001,), "random_sample")
        record("G", algorithm, 11, (1000,), "random_raw", call=lambda rng: rng.bit_generator.random_raw(1000))
    record("G", "PCG64", 1, None, "normal", (0.0, 1.0))
    for seed in (0, 1, 2**32 - 1, [1, 2, 3], [2**32 - 1], list(range(700))):
        record("R", "MT19937", seed, (5001,), "standard_normal")
        record("R", "MT19937", seed, (5001,), "random_sample")
        record("R", "MT19937", seed, (1000,), "standard_gamma", (0.5,))
        record("R", "MT19937", seed, (1000,), "standard_exponential")
        record("R", "MT19937", seed, (1000,), "tomaxint")
    for seed in (2**31, 2**64 - 1, 2**100 + 17, [1, 2], [2**40, 3], [0], list(range(9))):
        for algorithm in ALGORITHMS:
            record("G", algorithm, seed, (100,), "random_raw", call=lambda rng: rng.bit_generator.random_raw(100))


def integers():
    ranges = {
        "int8": [(-128, 128), (-3, 100), (0, 1), (5, 7), (0, 128)],
        "uint8": [(0, 256), (0, 200), (7, 8), (0, 2), (1, 130)],
        "int16": [(-2**15, 2**15), (-100, 1000), (0, 2)],
        "uint16": [(0, 2**16), (0, 2**15 + 1), (3, 60000)],
        "int32": [(-2**31, 2**31), (-5, 2**30), (0, 1000), (4, 5)],
        "uint32": [(0, 2**32), (0, 2**31 + 1), (10, 1000)],
        "int64": [(-2**63, 2**63), (0, 2**32), (0, 2**32 - 1), (0, 2**32 + 1), (-10, 10), (0, 2**62 + 1), (3, 4), (-2**62, 2**62 + 5)],
        "uint64": [(0, 2**64), (0, 2**63 + 1), (2**63, 2**63 + 100), (0, 7)],
        "bool": [(0, 2), (0, 1), (1, 2)],
    }
    for generator, algorithm, method in [("G", "PCG64", "integers"), ("R", "MT19937", "randint"), ("G", "SFC64", "integers"),
                                         ("R", "PCG64", "randint"), ("G", "MT19937", "integers")]:
        for dtype, cases in ranges.items():
            for low, high in cases:
                record(generator, algorithm, 4, (5001,), method, (low, high), {"dtype": dtype})
                if generator == "G":
                    record(generator, algorithm, 4, (1001,), method, (low, high - 1), {"dtype": dtype, "endpoint": True})
        for dtype in ranges:
            low, high = (I(0, 0), I(1, 2)) if dtype == "bool" else (I(0, 5, 7), I(10, 100, 8))
            record(generator, algorithm, 4, None, method, (low, high), {"dtype": dtype})
            record(generator, algorithm, 4, (500, len(low)), method, (low, high), {"dtype": dtype})
        record(generator, algorithm, 4, None, method, (I(0, -5).reshape(2, 1), I(10, 2**40, 2**62)), {"dtype": "int64"})


def sequences():
    for generator, algorithm in [("G", "PCG64"), ("R", "MT19937"), ("G", "Philox")]:
        for length in (0, 1, 2, 3, 4, 5, 1000, 100003):
            record(generator, algorithm, 8, None, "permutation_of", (length,), call=lambda rng: rng.permutation(length))
        for count in (1, 3, 4, 1001):
            record(generator, algorithm, 8, None, "bytes", (count,), call=lambda rng: rng.bytes(count))
        x = np.arange(24, dtype=float).reshape(4, 3, 2)
        record(generator, algorithm, 8, None, "permutation", (x,), call=lambda rng: rng.permutation(x))
        record(generator, algorithm, 8, None, "shuffle", (x,), call=lambda rng: (y := x.copy(), rng.shuffle(y))[0])
        p5 = F(0.1, 0.0, 0.3, 0.2, 0.4)
        for population, size, replace, p in [(10, (7,), True, None), (10, (10,), False, None), (1000, (10, 10), False, None),
                                             (20000, (5000,), False, None), (20000, (100,), False, None), (20000, (300,), False, None),
                                             (5, (3000,), True, p5), (5, (4,), False, p5), (1000, (600,), False, RAMP),
                                             (1000, (7, 3), True, RAMP), (5, None, True, p5), (1, (1,), False, None)]:
            for shuffle in ([True, False] if generator == "G" and not replace and p is None else [True]):
                options = {"replace": replace, **({} if p is None else {"p": p}), **({} if shuffle else {"shuffle": False})}
                kw = dict(options)
                record(generator, algorithm, 9, size, "choice", (population,), options,
                       call=lambda rng: rng.choice(population, size, **kw))
        vector = np.arange(50.0)
        record(generator, algorithm, 9, (6, 2), "choice_of", (vector,), {"replace": False},
               call=lambda rng: rng.choice(vector, (6, 2), replace=False))
        record(generator, algorithm, 9, (200,), "multinomial", (20, F(0.2, 0.3, 0.5)))
        record(generator, algorithm, 9, (200,), "multinomial", (10000, F(0.1, 0.0, 0.2, 0.3)))
        record(generator, algorithm, 9, None, "multinomial", (7, F(1.0)))
        for alpha in (F(1, 2, 3), F(10, 5, 3.3), F(0.3, 0.05)):
            record(generator, algorithm, 9, (300,), "dirichlet", (alpha,))
    x = np.arange(60, dtype=np.int64).reshape(3, 4, 5)
    for axis in (None, 0, 1, 2, -1):
        options = {} if axis is None else {"axis": axis}
        record("G", "PCG64", 10, None, "permuted", (x,), options, call=lambda rng: rng.permuted(x, axis=axis))
        if axis is not None:
            record("G", "PCG64", 10, None, "permutation", (x,), options, call=lambda rng: rng.permutation(x, axis=axis))
            record("G", "PCG64", 10, None, "shuffle", (x,), options, call=lambda rng: (y := x.copy(), rng.shuffle(y, axis=axis))[0])
            record("G", "PCG64", 10, (2, 2), "choice_of", (x,), options, call=lambda rng: rng.choice(x, (2, 2), axis=axis))
    record("G", "PCG64", 9, None, "multinomial", (I(3, 100, 1000), F(0.2, 0.3, 0.5)))
    record("G", "PCG64", 9, (4, 2), "multinomial", (I(3, 50), F(0.2, 0.3, 0.5, 0.9, 0.1, 0.0).reshape(2, 3)))
    for alpha in (F(0.01, 0.02, 0.03), F(0.05, 0.0, 0.0), F(0.0, 0.05), F(0.0, 0.0)):
        record("G", "PCG64", 9, (300,), "dirichlet", (alpha,))
    for method in ("marginals", "count"):
        for colors, n in [(I(5, 10, 15), 6), (I(5, 10, 15), 25), (I(100, 200, 0, 300), 50), (I(3), 2), (I(5, 10, 15), 0)]:
            record("G", "PCG64", 9, (200,), "multivariate_hypergeometric", (colors, n), {"method": method})


distributions()
integers()
sequences()
header = f"# NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()} {' '.join(platform.libc_ver())}\n"
pathlib.Path(__file__).with_suffix(".tsv").write_text(header + "\n".join(LINES) + "\n")
print(len(LINES), "streams", file=sys.stderr)
