"""Properties of linear algebra, transforms, statistics of pairs, polynomials and what is left: arguments and NumPy's answer."""

import numpy as np
from hypothesis import strategies as st
from arrays import COMPLEX, DTYPES, INTEGERS, NUMBERS, REALS, Case, along, array, broadcast, call, small, tame, vector, whole

SIDE = st.integers(1, 4)
FLOATS = [*REALS, *COMPLEX]
CLOSE = {"rtol": 2e-3, "atol": 2e-3}
"""For single precision through a decomposition of a well-conditioned matrix."""


def numpys(name, arguments, **options):
    return Case(arguments, getattr(np, name), **options)


# ---- matrices --------------------------------------------------------------------------------------


@st.composite
def products(draw, dtypes=NUMBERS):
    dtype = draw(st.sampled_from(dtypes))
    m, k, n = (draw(st.integers(0, 4)) for _ in range(3))
    batch = draw(st.sampled_from([(), (2,), (1, 2)]))
    left, right = draw(st.sampled_from([((*batch, m, k), (k, n)), ((m, k), (*batch, k, n)), ((k,), (k, n)), ((m, k), (k,)), ((k,), (k,))]))
    return (draw(array(dtype, left, elements=whole)), draw(array(dtype, right, elements=whole))), {}


@st.composite
def dotted(draw, equal=False):
    dtype = draw(st.sampled_from(NUMBERS))
    k = draw(st.integers(0, 3))
    if equal:
        shape = draw(st.sampled_from([(k,), (k, 2)]))
        return (draw(array(dtype, shape, elements=whole)), draw(array(dtype, shape, elements=whole))), {}
    left, right = draw(st.sampled_from([((k,), (k,)), ((2, k), (k,)), ((2, k), (k, 3)), ((), (2, k)), ((2, 2, k), (2, k, 2))]))
    return (draw(array(dtype, left, elements=whole)), draw(array(dtype, right, elements=whole))), {}


def last_axes(name):
    """`inner`: the last axes go."""

    @st.composite
    def draw_both(draw):
        dtype, k = draw(st.sampled_from(NUMBERS)), draw(st.integers(0, 3))
        left, right = draw(st.sampled_from([((k,), (k,)), ((2, k), (k,)), ((2, k), (3, k))]))
        return (draw(array(dtype, left, elements=whole)), draw(array(dtype, right, elements=whole))), {}

    return numpys(name, draw_both(), atol=1e-300)


@st.composite
def crossed(draw):
    dtype = draw(st.sampled_from([*INTEGERS[:4], *REALS]))
    shape = draw(st.sampled_from([(3,), (2, 3)]))
    return (draw(array(dtype, shape, elements=whole)), draw(array(dtype, shape, elements=whole))), {}


@st.composite
def conditioned(draw, dtypes=FLOATS, square=True, symmetric=False, positive=False):
    """A matrix, or a stack of two, whose condition number is small."""
    dtype = draw(st.sampled_from(dtypes))
    n = draw(SIDE)
    m = n if square else draw(SIDE)
    shape = (*draw(st.sampled_from([(), (2,)])), m, n)
    noise = draw(array(dtype, shape, elements=lambda d: st.integers(-8, 8).map(lambda v: np.dtype(d).type(v / 32))))
    spread = np.zeros((m, n), dtype)
    for i in range(min(m, n)):
        spread[i, i] = 2 + i
    x = (spread + noise / max(n, m)).astype(dtype)
    if symmetric or positive:
        x = ((x + np.conj(np.swapaxes(x, -1, -2))) / 2).astype(dtype)
    return x


def of_matrix(name, reference=None, view=None, keywords=None, **how):
    reference = reference or getattr(np.linalg, name)
    return Case(st.tuples(st.tuples(conditioned(**how)), st.fixed_dictionaries({}, optional=keywords or {})), reference, view=view, **CLOSE)


def rebuilt(parts):
    """What a decomposition multiplies back to, which is unique where its factors are not."""
    if len(parts) == 2:
        return np.asarray(parts[0]) @ np.asarray(parts[1])
    u, s, vh = map(np.asarray, parts)
    k = s.shape[-1]
    return (u[..., :, :k] * s[..., None, :]) @ vh[..., :k, :], s


def eigen(parts):
    values, vectors = np.asarray(parts[0]), np.asarray(parts[1])
    return values, (vectors * values[..., None, :]) @ np.conj(np.swapaxes(vectors, -1, -2))


def spectrum(values):
    values = np.asarray(values[0] if isinstance(values, tuple) else values).astype(complex)
    return np.sort(values.real, axis=-1)


@st.composite
def systems(draw, stack=True):
    a = draw(conditioned())
    if not stack:
        a = a.reshape(-1, *a.shape[-2:])[0]
    n = a.shape[-1]
    b = draw(array(str(a.dtype), draw(st.sampled_from([(n,), (n, 2)])) if a.ndim == 2 else (2, n, 2), elements=tame))
    return (a, b), {}


@st.composite
def chains(draw):
    sides = [draw(SIDE) for _ in range(4)]
    return ([draw(array("float64", (sides[i], sides[i + 1]), elements=whole)) for i in range(3)],), {}


@st.composite
def contracted(draw):
    dtype = draw(st.sampled_from(["int64", "float64", "complex128"]))
    a, b = draw(array(dtype, (2, 3, 4), elements=whole)), draw(array(dtype, (3, 4, 2), elements=whole))
    return (a, b), {"axes": draw(st.sampled_from([([1, 2], [0, 1]), ([0], [2]), 0]))}


@st.composite
def summed(draw):
    text, shapes = draw(st.sampled_from([
        ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("i,i->", [(4,), (4,)]), ("i,j->ij", [(2,), (3,)]),
        ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("...ij,...jk->...ik", [(2, 2, 2), (2, 2)]), ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 2)]), ("ij->", [(2, 3)]),
    ]))  # fmt: skip
    dtype = draw(st.sampled_from(["int64", "float64", "complex128"]))
    return (text, *(draw(array(dtype, s, elements=whole)) for s in shapes)), {}


@st.composite
def normed(draw):
    x = draw(array(FLOATS, min_dims=1, max_dims=2, min_side=1, elements=tame))
    order = draw(st.sampled_from([None, 1, 2, np.inf, -np.inf]))
    return (x,), {"ord": order, "axis": draw(st.sampled_from([None, -1, 0] if x.ndim == 1 or order is None else [-1, 0])), "keepdims": draw(st.booleans())}


@st.composite
def vector_normed(draw):
    (x,), kwargs = draw(along(array(FLOATS, min_dims=1, min_side=1, elements=tame), several=True, keepdims=st.booleans()))
    return (x,), {**kwargs, "ord": draw(st.sampled_from([0, 1, 2, 3, np.inf, -np.inf]))}


def matrices(dtypes=DTYPES, **options):
    return array(dtypes, min_dims=2, elements=whole, **options)


LINALG = {
    "matmul": [Case(products(), np.matmul, atol=1e-300)],
    # A sum that starts at zero is never -0, a product of one term may be: hence the absolute errors.
    "dot": [Case(dotted(), np.dot, atol=1e-300)],
    "inner": [last_axes("inner")],
    "vdot": [Case(dotted(equal=True), np.vdot, atol=1e-300)],
    "outer": [numpys("outer", call(array(["int64", "complex64"], elements=whole), array(["int64", "float32"], elements=whole)))],
    "kron": [Case(call(array(["int64", "float32"], max_dims=2, elements=whole), array(["int64"], max_dims=2, elements=whole)), np.kron)],
    "cross": [Case(crossed(), np.cross)],
    "einsum": [Case(summed(), np.einsum, atol=1e-300)],
    "tensordot": [Case(contracted(), np.tensordot, atol=1e-300)],
    "vecdot": [Case(along(array(NUMBERS, min_dims=1, elements=whole), lambda x: array(str(x.dtype), x.shape, elements=whole), none=False), np.vecdot, atol=1e-300)],
    "matrix_transpose": [numpys("matrix_transpose", call(matrices()))],
    "diagonal": [Case(call(matrices(), st.integers(-3, 3)), np.diagonal)],
    "trace": [numpys("trace", call(matrices(), st.integers(-3, 3)))],
    "linalg.cholesky": [of_matrix("cholesky", positive=True, keywords={"upper": st.booleans()})],
    "linalg.cond": [of_matrix("cond", dtypes=["float64"])],
    "linalg.cross": [Case(crossed(), np.linalg.cross)],
    "linalg.det": [of_matrix("det")],
    "linalg.diagonal": [Case(call(matrices(), offset=st.integers(-3, 3)), np.linalg.diagonal)],
    "linalg.eig": [of_matrix("eig", dtypes=REALS, symmetric=True, view=spectrum)],
    "linalg.eigvals": [of_matrix("eigvals", dtypes=REALS, symmetric=True, view=spectrum)],
    "linalg.eigh": [of_matrix("eigh", symmetric=True, view=eigen)],
    "linalg.eigvalsh": [of_matrix("eigvalsh", symmetric=True, view=list)],
    "linalg.inv": [of_matrix("inv")],
    "linalg.lstsq": [Case(systems(stack=False), lambda a, b: np.linalg.lstsq(a, b, rcond=None), view=lambda r: (r[0], int(r[2]), r[3]), **CLOSE)],
    "linalg.matrix_norm": [of_matrix("matrix_norm", square=False, keywords={"ord": st.sampled_from(["fro", "nuc", 1, 2, -1, np.inf]), "keepdims": st.booleans()})],
    "linalg.matrix_power": [Case(st.tuples(st.tuples(conditioned(), st.integers(-2, 4)), st.just({})), np.linalg.matrix_power, rtol=5e-3, atol=5e-3)],
    "linalg.matrix_rank": [of_matrix("matrix_rank", square=False)],
    "linalg.multi_dot": [Case(chains(), np.linalg.multi_dot)],
    "linalg.norm": [Case(normed(), np.linalg.norm, rtol=1e-5)],
    "linalg.outer": [Case(call(vector(NUMBERS, 3, elements=whole), vector(["int8"], elements=whole)), np.linalg.outer)],
    "linalg.pinv": [of_matrix("pinv", square=False)],
    "linalg.qr": [of_matrix("qr", square=False, view=rebuilt)],
    "linalg.slogdet": [of_matrix("slogdet", view=list)],
    "linalg.solve": [Case(systems(), np.linalg.solve, **CLOSE)],
    "linalg.svd": [of_matrix("svd", square=False, view=rebuilt)],
    "linalg.svdvals": [of_matrix("svdvals", square=False)],
    "linalg.tensorinv": [Case(conditioned(["float64"]).filter(lambda x: x.ndim == 2).map(lambda x: ((x.reshape(*x.shape, 1)[:, :, 0],), {"ind": 1})), np.linalg.tensorinv, **CLOSE)],
    "linalg.tensorsolve": [Case(systems(stack=False).filter(lambda c: c[0][1].ndim == 1), np.linalg.tensorsolve, **CLOSE)],
    "linalg.trace": [Case(call(matrices(NUMBERS), offset=st.integers(-3, 3)), np.linalg.trace)],
    "linalg.vector_norm": [Case(vector_normed(), np.linalg.vector_norm, rtol=1e-5)],
}  # fmt: skip

# ---- transforms ------------------------------------------------------------------------------------

NORMS = st.sampled_from(["backward", "ortho", "forward"])


@st.composite
def signal(draw, dtypes, min_side=1):
    x = draw(array(dtypes, min_dims=1, min_side=min_side, max_side=7, elements=tame))
    return (x,), draw(st.fixed_dictionaries({}, optional={"n": st.integers(2, 9), "axis": st.integers(-x.ndim, x.ndim - 1), "norm": NORMS}))


@st.composite
def image(draw, dtypes, dims=2):
    x = draw(array(dtypes, min_dims=max(dims, 1), min_side=2, max_side=5, elements=tame))
    return (x,), draw(st.fixed_dictionaries({}, optional={"norm": NORMS}))


def transform(name, arguments):
    return Case(arguments, getattr(np.fft, name), rtol=1e-4, atol=5e-3)


@st.composite
def shifted(draw):
    x = draw(array(min_dims=1))
    return (x,), {"axes": draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))}


FFT = {
    **{f"fft.{n}": [transform(n, signal(FLOATS))] for n in ("fft", "ifft")},
    **{f"fft.{n}": [transform(n, signal(REALS))] for n in ("rfft", "ihfft")},
    **{f"fft.{n}": [transform(n, signal(COMPLEX, min_side=2))] for n in ("irfft", "hfft")},
    **{f"fft.{n}": [transform(n, image(FLOATS))] for n in ("fft2", "ifft2")},
    **{f"fft.{n}": [transform(n, image(FLOATS, 1))] for n in ("fftn", "ifftn")},
    **{f"fft.{n}": [transform(n, image(REALS, 2 if n == "rfft2" else 1))] for n in ("rfft2", "rfftn")},
    **{f"fft.{n}": [transform(n, image(COMPLEX, 2 if n == "irfft2" else 1))] for n in ("irfft2", "irfftn")},
    **{f"fft.{n}": [Case(call(st.integers(1, 12), d=st.sampled_from([0.5, 1.0, 3.0])), getattr(np.fft, n))] for n in ("fftfreq", "rfftfreq")},
    **{f"fft.{n}": [Case(shifted(), getattr(np.fft, n))] for n in ("fftshift", "ifftshift")},
}  # fmt: skip

# ---- statistics of pairs, counts -------------------------------------------------------------------


@st.composite
def observed(draw, single=False):
    n = draw(st.integers(2, 5))
    x = draw(array(["int64", "float64"], (draw(st.integers(1, 3)), n), elements=tame))
    return (x,), draw(st.fixed_dictionaries({}, optional={"rowvar": st.booleans()} if single else {"rowvar": st.booleans(), "bias": st.booleans()}))


@st.composite
def correlated(draw):
    """Rows that are not constant, which would have no correlation."""
    n = draw(st.integers(3, 5))
    x = draw(array("float64", (2, n), elements=tame)) / 9 + np.array([np.arange(n) * 100.0, np.arange(n) ** 2 * 90.0])
    return (x,), {}


@st.composite
def counted(draw):
    x = draw(vector(INTEGERS, elements=lambda d: st.integers(0, 9)))
    kwargs = draw(st.fixed_dictionaries({}, optional={"minlength": st.integers(0, 12)}))
    if draw(st.booleans()):
        kwargs["weights"] = draw(array("float64", x.shape, elements=whole))
    return (x,), kwargs


@st.composite
def binned(draw, rules=False, edges_only=False):
    x = draw(array(["int64", "float64", "float32"], max_dims=2, min_side=1, min_dims=1, elements=whole))
    edges = st.just(np.array([-3.0, 0.0, 1.5, 4.0]))
    bins = draw(st.one_of(st.integers(1, 6), edges, *([st.sampled_from(["sqrt", "sturges", "rice", "scott", "fd", "doane"])] if rules else [])))
    kwargs = {"bins": bins}
    if draw(st.booleans()):
        kwargs["range"] = (-2.0, 6.0)
    if not edges_only and draw(st.booleans()):
        kwargs["density"] = True
    if not edges_only and not isinstance(bins, str) and draw(st.booleans()):
        kwargs["weights"] = draw(array("float64", x.shape, elements=lambda d: st.integers(1, 4).map(float)))
    if kwargs.get("density"):
        # A density of nothing is a division by zero; its sign and kind are nobody's promise.
        kwargs.pop("range", None)
        kwargs["bins"] = draw(st.integers(1, 6))
    return (x,), kwargs


@st.composite
def points(draw, two):
    n = draw(st.integers(1, 6))
    if two:
        return (draw(array("float64", (n,), elements=whole)), draw(array("float64", (n,), elements=whole))), {"bins": draw(st.sampled_from([3, (2, 4)]))}
    return (draw(array("float64", (n, 2), elements=whole)),), {"bins": draw(st.sampled_from([3, (2, 4)]))}


@st.composite
def digits(draw):
    bins = np.sort(draw(vector(["float64"], min_side=1, elements=whole)))
    return (draw(array(["float64"], elements=whole)), bins if draw(st.booleans()) else bins[::-1].copy()), {"right": draw(st.booleans())}


@st.composite
def convolved(draw):
    dtype = draw(st.sampled_from(["int64", "float32", "float64", "complex128"]))
    a, v = (draw(vector(dtype, min_side=1, elements=whole)) for _ in range(2))
    return (a, v), {"mode": draw(st.sampled_from(["full", "same", "valid"]))}


@st.composite
def interpolated(draw):
    n = draw(st.integers(1, 5))
    px = np.cumsum(draw(array("float64", (n,), elements=lambda d: st.integers(1, 5).map(float))))
    py = draw(array("float64", (n,), elements=tame))
    x = draw(array("float64", max_dims=2, elements=lambda d: st.one_of(st.integers(-10, 60).map(lambda v: v / 2), st.just(np.nan))))
    return (x, px, py), draw(st.fixed_dictionaries({}, optional={"left": st.just(-7.0), "right": st.just(7.0)}))


@st.composite
def differed(draw):
    (x,), kwargs = draw(along(array([*INTEGERS, *REALS], min_dims=1, elements=small), none=False, n=st.integers(0, 3)))
    return (x,), kwargs


@st.composite
def sloped(draw):
    x = draw(array(["float64", "float32"], min_dims=1, max_dims=2, min_side=3, elements=tame))
    kwargs = {"axis": draw(st.integers(-x.ndim, x.ndim - 1)), "edge_order": draw(st.integers(1, 2))}
    n = x.shape[kwargs["axis"]]
    spacing = draw(st.sampled_from([(), (0.5,), (np.cumsum(np.arange(1.0, n + 1)),)]))
    return (x, *spacing), kwargs


STATISTICS = {
    "cov": [Case(observed(), np.cov, rtol=1e-10, atol=1e-10)],
    "corrcoef": [Case(correlated(), np.corrcoef, rtol=1e-10, atol=1e-10)],
    "bincount": [Case(counted(), np.bincount)],
    "histogram": [Case(binned(rules=True), np.histogram, rtol=1e-6, view=tuple)],
    "histogram_bin_edges": [Case(binned(rules=True, edges_only=True), np.histogram_bin_edges, rtol=1e-6)],
    "histogram2d": [Case(points(True), np.histogram2d)],
    "histogramdd": [Case(points(False), np.histogramdd, view=lambda r: (r[0], list(r[1])))],
    "digitize": [Case(digits(), np.digitize)],
    **{n: [Case(convolved(), getattr(np, n))] for n in ("convolve", "correlate")},
    "interp": [Case(interpolated(), np.interp, rtol=1e-12, atol=1e-12)],
    "diff": [Case(differed(), np.diff)],
    "ediff1d": [Case(call(array(["int64", "float64"], min_dims=1, elements=small), to_end=st.just(np.array([7])), to_begin=st.just(np.array([-7]))), np.ediff1d)],
    "gradient": [Case(sloped(), np.gradient, rtol=1e-4, atol=1e-4)],
    "trapezoid": [Case(along(array(["float64", "int64"], min_dims=1, elements=tame), none=False, dx=st.sampled_from([0.5, 2.0])), np.trapezoid, rtol=1e-12)],
}  # fmt: skip

# ---- polynomials -----------------------------------------------------------------------------------

COEFFICIENTS = vector(["int64", "float64"], min_side=1, max_side=5, elements=whole)
LEADING = COEFFICIENTS.map(lambda c: np.concatenate([c[:0] + 1, np.ones(1, c.dtype), c[1:]]))


@st.composite
def rooted(draw):
    """Distinct roots, which are well-conditioned."""
    return (np.array(draw(st.lists(st.integers(-6, 6), unique=True, min_size=1, max_size=4)), dtype=float),), {}


def zeros_of(values):
    return np.sort_complex(np.round(np.asarray(values).astype(complex), 6) + 0.0)


@st.composite
def fitted(draw):
    n = draw(st.integers(3, 6))
    return (np.arange(float(n)), draw(array("float64", (n,), elements=tame)), draw(st.integers(0, 2))), {}


POLYNOMIALS = {
    **{n: [numpys(n, call(COEFFICIENTS, COEFFICIENTS))] for n in ("polyadd", "polysub", "polymul")},
    "polydiv": [numpys("polydiv", call(COEFFICIENTS, LEADING), rtol=1e-9, atol=1e-9)],
    "polyval": [numpys("polyval", call(COEFFICIENTS, array(["int64", "float64"], elements=small)))],
    "polyder": [numpys("polyder", call(COEFFICIENTS, st.integers(0, 3)))],
    "polyint": [numpys("polyint", call(COEFFICIENTS, st.integers(0, 3)), rtol=1e-12)],
    "poly": [Case(rooted(), np.poly, rtol=1e-10, atol=1e-10)],
    "roots": [Case(rooted().map(lambda c: ((np.poly(c[0][0]),), {})), np.roots, view=zeros_of, rtol=1e-5, atol=1e-5)],
    "polyfit": [Case(fitted(), np.polyfit, rtol=1e-7, atol=1e-7)],
    "poly1d": [Case(call(LEADING, array(["float64"], elements=small)).map(lambda c: c), lambda c, x: np.poly1d(c)(x), view=None)],
}  # fmt: skip
del POLYNOMIALS["poly1d"]
SCRIPTS = {
    "poly1d": [Case(call(LEADING, array(["float64"], min_dims=1, elements=small)), lambda space, c, x: (space.poly1d(c)(x), (space.poly1d(c) * 2).coeffs, space.poly1d(c).deriv()(x)), atol=1e-300)],
}  # fmt: skip

# ---- truth, types, shapes --------------------------------------------------------------------------

NAMES = st.sampled_from(DTYPES)
TWO = broadcast(REALS, elements=whole)
ABSTRACT = "generic number integer signedinteger unsignedinteger inexact floating complexfloating".split()


@st.composite
def shape_pair(draw):
    dtype = draw(NAMES)
    x = draw(array(dtype))
    return (x, draw(st.one_of(st.just(x), st.just(x.copy()), array(dtype)))), {}


def same_memory(name):
    """Views of one array share memory, copies do not."""

    def run(space, x, copy):
        return getattr(space, name)(x, x[...]), getattr(space, name)(x, x.copy()) if copy else True

    return Case(call(array(min_dims=1, min_side=1), st.booleans()), run)


def limits_of(name):
    fields = "bits eps max min smallest_normal dtype" if name == "finfo" else "bits max min"

    def run(space, dtype):
        found = getattr(space, name)(dtype)
        return tuple(str(v) if f == "dtype" else float(v) if name == "finfo" else int(v) for f in fields.split() for v in [getattr(found, f)])

    return Case(call(st.sampled_from([*REALS, *COMPLEX] if name == "finfo" else INTEGERS)), run)


SCALARS = st.one_of(st.integers(-300, 70000), st.floats(allow_nan=False), st.booleans(), st.complex_numbers(allow_nan=False, max_magnitude=1e30))

REST = {
    "allclose": [numpys("allclose", TWO)],
    **{n: [Case(shape_pair(), getattr(np, n))] for n in ("array_equal", "array_equiv")},
    "astype": [Case(call(array(["bool", *INTEGERS, *REALS], elements=tame), NAMES), np.astype)],
    **{n: [numpys(n, call(array()))] for n in ("iscomplexobj", "isrealobj", "ndim", "shape")},
    "size": [Case(along(array()), np.size)],
    # A 0-d array counts as a number here, since what NumPy gives as a scalar is one.
    "isscalar": [numpys("isscalar", call(st.one_of(SCALARS, st.text(max_size=2), st.lists(st.integers(), max_size=1), array(min_dims=1))))],
    "iterable": [numpys("iterable", call(st.one_of(SCALARS, st.text(max_size=2), st.lists(st.integers(), max_size=1), array())))],
    "can_cast": [Case(call(NAMES, NAMES, casting=st.sampled_from(["no", "safe", "same_kind", "unsafe"])), np.can_cast)],
    "isdtype": [Case(call(NAMES, st.sampled_from(["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"])),
                     lambda d, k: np.isdtype(np.dtype(d), k))],
    "result_type": [Case(st.tuples(st.lists(array(max_dims=1), min_size=1, max_size=3).map(tuple), st.just({})), np.result_type)],
    "min_scalar_type": [numpys("min_scalar_type", call(st.one_of(st.integers(-(2**63), 2**64 - 1), st.booleans())))],
    "mintypecode": [Case(call(st.lists(st.sampled_from("bdfiDF"), min_size=1, max_size=4).map("".join)), np.mintypecode)],
    "issctype": [Case(call(st.sampled_from([int, float, bool, complex, 3, "a", None])), lambda v: isinstance(v, type) and v is not type(None))],
    "apply_along_axis": [Case(call(st.just(lambda v: v.sum()), st.integers(0, 1), array(["int64", "float64"], min_dims=2, min_side=1, elements=whole)), np.apply_along_axis)],
    "base_repr": [numpys("base_repr", call(st.integers(-(10**6), 10**6), st.integers(2, 36), st.integers(0, 3)))],
    "binary_repr": [numpys("binary_repr", call(st.integers(0, 2**20), st.one_of(st.none(), st.integers(22, 25))))],
    **{n: [Case(call(array([*INTEGERS, *REALS, *COMPLEX, "bool"], max_dims=3)), getattr(np, n))] for n in ("array_str", "array2string")},
    **{n: [Case(call(st.one_of(st.floats(), st.floats(-1e4, 1e4)), st.sampled_from([None, 2, 5])), getattr(np, n))]
       for n in ("format_float_positional", "format_float_scientific")},
}  # fmt: skip
def represented(space, x):
    """The text of an array, but for the name of the class, which is one letter longer here."""
    if space is np:
        return np.array_repr(x, max_line_width=75)
    return space.array_repr(x, max_line_width=76).replace("Tensor(", "array(").replace("\n       ", "\n      ")


SCRIPTS |= {
    **{n: [same_memory(n)] for n in ("shares_memory", "may_share_memory")},
    **{n: [limits_of(n)] for n in ("finfo", "iinfo")},
    "issubdtype": [Case(call(NAMES, st.sampled_from(ABSTRACT)), lambda space, d, k: space.issubdtype(getattr(space, d), getattr(space, k)))],
    **{k: [Case(call(NAMES), lambda space, d, k=k: space.issubdtype(getattr(space, d), getattr(space, k)))] for k in ABSTRACT},
    **{n: [Case(call(st.one_of(st.booleans(), st.integers(0, 99), st.just(2.5)) if n not in COMPLEX else st.complex_numbers(max_magnitude=9)),
                lambda space, v, n=n: getattr(space, n)(v))] for n in [*DTYPES, "float16"]},
    "dtype": [Case(call(NAMES), lambda space, d: (space.dtype(d).name, space.dtype(d).itemsize, space.dtype(d).kind, str(space.dtype(d)), repr(space.dtype(d))))],
    "ndindex": [Case(call(st.lists(st.integers(0, 3), max_size=3)), lambda space, s: list(space.ndindex(*s)), view=repr)],
    "broadcast": [Case(call(array(["int64"], min_dims=1, min_side=1)),
                       lambda space, x: (lambda b: (tuple(b.shape), b.size, b.ndim, [tuple(map(int, t)) for t in b]))(space.broadcast(x[:1], x, 2)),
                       view=repr)],
    "ndenumerate": [Case(call(array(["int64"])), lambda space, x: [(i, int(v)) for i, v in space.ndenumerate(x)], view=repr)],
    "nditer": [Case(call(array(["int64"], min_dims=1, min_side=1)), lambda space, x: [int(v) for v in space.nditer(x)], view=sorted)],
    "vectorize": [Case(call(array(["int64", "float64"], min_dims=1, min_side=1, elements=small), st.integers(0, 3)),
                       lambda space, x, n: space.vectorize(lambda a, b: a * 2 if a > b else a - b)(x, n))],
    "frompyfunc": [Case(call(array(["int64"], min_dims=1, min_side=1, elements=small)),
                        lambda space, x: list(map(int, space.frompyfunc(lambda a: int(a) ** 2, 1, 1)(x).ravel())))],
    "apply_over_axes": [Case(call(array(["int64"], (2, 3, 2), elements=whole), st.sampled_from([0, [0, 2], [1]])), lambda space, x, a: space.apply_over_axes(space.sum, x, a))],
    # The class is called "Tensor" here; everything else of the text is NumPy's.
    "array_repr": [Case(call(array([*INTEGERS, *REALS, *COMPLEX, "bool"])), represented)],
    **{n: [Case(call(array(["float64"], min_dims=1), st.integers(1, 8), st.booleans()), lambda space, x, p, s, n=n: printed(space, n, x, p, s))]
       for n in ("set_printoptions", "printoptions", "get_printoptions")},
}  # fmt: skip


def printed(space, name, x, precision, suppress):
    """The text of an array under print options, and the options after them."""
    if name == "printoptions":
        with space.printoptions(precision=precision, suppress=suppress):
            inside = space.array_str(x)
        return inside, space.array_str(x)
    old = space.get_printoptions()
    try:
        space.set_printoptions(precision=precision, suppress=suppress)
        return space.array_str(x), space.get_printoptions()["precision"], bool(space.get_printoptions()["suppress"])
    finally:
        space.set_printoptions(precision=old["precision"], suppress=old["suppress"])


CASES = {**LINALG, **FFT, **STATISTICS, **POLYNOMIALS, **REST}
