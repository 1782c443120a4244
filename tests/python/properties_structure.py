"""Properties of what makes, moves, finds and orders elements: arguments and NumPy's answer, for each."""

import numpy as np
from hypothesis import strategies as st
from arrays import DTYPES, INTEGERS, NUMBERS, REALS, SIGNED, Case, along, array, axis_of, broadcast, call, small, tame, vector, whole

SIDES = st.integers(0, 4)
SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
NAMES = st.sampled_from(DTYPES)


def numpys(name, arguments, **options):
    return Case(arguments, getattr(np, name), **options)


def dtyped(function):
    """NumPy's function with the dtype given by name, as `ops` takes it too."""
    return lambda *args, dtype=None, **kwargs: function(*args, **kwargs, dtype=dtype)


# ---- creation --------------------------------------------------------------------------------------


@st.composite
def ranges(draw):
    kind = draw(st.sampled_from([int, float]))
    number = st.integers(-20, 20).map(kind) if kind is int else st.integers(-80, 80).map(lambda v: v / 8)
    start, step = draw(number), draw(number.filter(bool))
    form = draw(st.integers(1, 3))
    if form == 1:
        return (draw(number),), {}
    return (start, draw(number), step)[:form], {}


def lines(low, high):
    ends = st.integers(low, high).map(lambda v: v / 4)
    return call(ends, ends, num=st.integers(0, 9), endpoint=st.booleans())


@st.composite
def filled(draw):
    dtype = draw(NAMES)
    return (draw(SHAPES), draw(whole(dtype)).item()), {"dtype": dtype}


@st.composite
def filled_like(draw):
    dtype = draw(NAMES)
    return (draw(array()), draw(whole(dtype)).item()), {"dtype": dtype}


def blank(name):
    return numpys(name, st.tuples(st.tuples(SHAPES), st.fixed_dictionaries({"dtype": NAMES})))


def form(x):
    """The shape and dtype alone: what `empty` promises."""
    return x.shape, str(x.dtype)


@st.composite
def buffers(draw):
    x = draw(vector(NUMBERS))
    return (x.tobytes(),), {"dtype": str(x.dtype)}


@st.composite
def texts(draw):
    values = draw(st.lists(st.integers(-99, 99), min_size=1, max_size=5))
    return (" ".join(map(str, values)),), {"dtype": draw(st.sampled_from(["int64", "float64"])), "sep": " "}


CREATION = {
    "arange": [numpys("arange", ranges())],
    **{n: [numpys(n, call(array(), dtype=st.sampled_from(["float64", "complex128"])))] for n in ("asarray", "ascontiguousarray")},
    "asarray_chkfinite": [Case(call(array(REALS)), np.asarray_chkfinite)],
    "array": [numpys("array", call(array(), ndmin=st.integers(0, 4)))],
    "copy": [numpys("copy", call(array()))],
    **{n: [numpys(n, call(st.integers(0, 12)), rtol=1e-12, atol=1e-12)] for n in "bartlett blackman hamming hanning".split()},
    "kaiser": [numpys("kaiser", call(st.integers(0, 12), st.integers(0, 14).map(float)), rtol=1e-9)],
    "diag": [numpys("diag", call(array(min_dims=1, max_dims=2), k=st.integers(-3, 3)))],
    "diagflat": [numpys("diagflat", call(array(max_dims=2), k=st.integers(-3, 3)))],
    "empty": [numpys("empty", st.tuples(st.tuples(SHAPES), st.fixed_dictionaries({"dtype": NAMES})), view=form)],
    "empty_like": [numpys("empty_like", call(array(), dtype=NAMES), view=form)],
    "eye": [numpys("eye", st.tuples(st.tuples(SIDES, SIDES), st.fixed_dictionaries({}, optional={"k": st.integers(-3, 3), "dtype": NAMES})))],
    "from_dlpack": [numpys("from_dlpack", call(array()))],
    "frombuffer": [Case(buffers(), np.frombuffer)],
    "fromfunction": [Case(call(st.just(lambda i, j: i * 10 + j), st.tuples(SIDES, SIDES), dtype=st.sampled_from(["int64", "float32"])), np.fromfunction)],
    "fromiter": [Case(call(st.lists(st.integers(-9, 9)), dtype=st.sampled_from(["int64", "float32"])).map(lambda c: (c[0], {"dtype": "float64", **c[1]})), np.fromiter)],
    "fromstring": [Case(texts(), np.fromstring)],
    "full": [Case(filled(), np.full)],
    "full_like": [Case(filled_like(), np.full_like)],
    "linspace": [numpys("linspace", lines(-20, 20), rtol=1e-12, atol=1e-12)],
    "logspace": [numpys("logspace", lines(-8, 8), rtol=1e-12)],
    "geomspace": [numpys("geomspace", lines(1, 40), rtol=1e-12)],
    "identity": [numpys("identity", call(SIDES, dtype=NAMES))],
    "indices": [numpys("indices", call(SHAPES, sparse=st.booleans()))],
    "meshgrid": [Case(st.tuples(st.lists(vector(max_side=3), min_size=1, max_size=3).map(tuple),
                                st.fixed_dictionaries({}, optional={"indexing": st.sampled_from(["xy", "ij"]), "sparse": st.booleans()})),
                      lambda *a, **k: list(np.meshgrid(*a, **k)), view=list)],
    **{n: [blank(n)] for n in ("zeros", "ones")},
    **{n: [numpys(n, call(array(), dtype=NAMES))] for n in ("zeros_like", "ones_like")},
    "require": [Case(call(array(), dtype=st.sampled_from(["float64", "complex128"])), np.require)],
    "tri": [numpys("tri", call(SIDES, SIDES, k=st.integers(-3, 3)))],
    **{n: [numpys(n, call(array(min_dims=2), k=st.integers(-3, 3)))] for n in ("tril", "triu")},
    "vander": [numpys("vander", call(vector(["int64", "float64"], elements=small, max_side=4), increasing=st.booleans()), rtol=1e-12)],
}  # fmt: skip

# ---- moving elements -------------------------------------------------------------------------------


@st.composite
def reshaped(draw):
    x = draw(array())
    shape = draw(st.sampled_from([(-1,), (1, -1), x.shape[::-1], (*x.shape, 1), (7,)]))
    return (x, shape), {}


@st.composite
def joined(draw, same=True, axis=True, min_dims=1):
    x = draw(array(min_dims=min_dims))
    parts = [x] + [draw(array(shape=x.shape)) for _ in range(draw(st.integers(0, 2)))]
    kwargs = {"axis": draw(st.integers(-x.ndim, x.ndim - 1))} if axis and x.ndim else {}
    return (parts,), kwargs


@st.composite
def stacked(draw):
    (parts,), _ = draw(joined(min_dims=0))
    return (parts,), {"axis": draw(st.integers(-parts[0].ndim - 1, parts[0].ndim))}


@st.composite
def cut(draw, even):
    x = draw(array(min_dims=1, min_side=1))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    places = draw(st.one_of(st.integers(1, 3), st.lists(st.integers(0, 4), max_size=2).map(sorted)))
    return (x, places), {"axis": axis}


@st.composite
def cut_at(draw, dims):
    x = draw(array(min_dims=dims, min_side=1))
    return (x, draw(st.one_of(st.integers(1, 2), st.lists(st.integers(0, 3), max_size=2).map(sorted)))), {}


@st.composite
def appended(draw):
    (x,), kwargs = draw(along(array(min_dims=1)))
    return (x, draw(array(shape=x.shape))), kwargs


@st.composite
def deleted(draw):
    (x,), kwargs = draw(along(array(min_dims=1, min_side=1)))
    n = x.shape[kwargs["axis"]] if kwargs.get("axis") is not None else x.size
    at = st.integers(-n, n - 1)
    return (x, draw(st.one_of(at, st.lists(at, max_size=3), st.builds(slice, at, at)))), kwargs


@st.composite
def inserted(draw):
    (x,), kwargs = draw(along(array(["int64", "float64"], min_dims=1, min_side=1, elements=whole)))
    n = x.shape[kwargs["axis"]] if kwargs.get("axis") is not None else x.size
    at = st.integers(-n, n)
    return (x, draw(st.one_of(at, st.lists(at, min_size=1, max_size=3))), draw(st.integers(-9, 9))), kwargs


@st.composite
def padded(draw):
    x = draw(array(["int64", "float64", "bool"], min_dims=1, min_side=1, elements=whole))
    mode = draw(st.sampled_from("constant edge reflect symmetric wrap minimum maximum".split()))
    width = draw(st.one_of(st.integers(0, 3), st.tuples(st.integers(0, 3), st.integers(0, 3))))
    return (x, width), {"mode": mode}


@st.composite
def axes_moved(draw):
    x = draw(array(min_dims=1))
    axis = st.integers(-x.ndim, x.ndim - 1)
    return (x, draw(axis), draw(axis)), {}


@st.composite
def permuted(draw):
    x = draw(array())
    return (x, tuple(draw(st.permutations(range(x.ndim))))), {}


@st.composite
def rolled(draw):
    (x,), kwargs = draw(along(array()))
    return (x, draw(st.integers(-9, 9))), kwargs


@st.composite
def repeated(draw):
    (x,), kwargs = draw(along(array(min_dims=1)))
    n = x.shape[kwargs["axis"]] if kwargs.get("axis") is not None else x.size
    return (x, draw(st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), min_size=n, max_size=n).map(lambda v: np.array(v, dtype=np.int64))))), kwargs


@st.composite
def expanded(draw):
    x = draw(array())
    return (x,), {"axis": draw(st.integers(-x.ndim - 1, x.ndim))}


@st.composite
def squeezed(draw):
    x = draw(array(max_side=2, min_side=1))
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    return (x, tuple(draw(st.lists(st.sampled_from(ones), unique=True)))) if ones else (x,), {}


@st.composite
def windows(draw):
    x = draw(array(min_dims=1, max_dims=2, min_side=1))
    axis = draw(st.integers(0, x.ndim - 1))
    return (x, draw(st.integers(1, x.shape[axis]))), {"axis": axis}


@st.composite
def turned(draw):
    x = draw(array(min_dims=2))
    return (x,), {"k": draw(st.integers(-5, 5)), "axes": tuple(draw(st.permutations(range(x.ndim)))[:2])}


@st.composite
def broadcast_shape(draw):
    (a, b), _ = draw(broadcast())
    return (a, np.broadcast_shapes(a.shape, b.shape)), {}


def bits():
    return along(array(["uint8", "bool"], min_dims=1), bitorder=st.sampled_from(["big", "little"]))


several_axes = {"several": True}
MANIPULATION = {
    "reshape": [Case(reshaped(), np.reshape)],
    "ravel": [numpys("ravel", call(array(), st.sampled_from(["C", "F"])))],
    "resize": [numpys("resize", call(array(), SHAPES))],
    "append": [Case(appended(), np.append)],
    **{n: [Case(cut(n == "split"), getattr(np, n), view=list)] for n in ("array_split", "split")},
    **{n: [Case(cut_at(d), getattr(np, n), view=list)] for n, d in (("hsplit", 1), ("vsplit", 2), ("dsplit", 3))},
    **{n: [numpys(n, call(array()))] for n in ("atleast_1d", "atleast_2d", "atleast_3d")},
    "block": [Case(st.builds(lambda a, b: (([[a, b], [b, a]],), {}), array("int64", (2, 2)), array("float32", (2, 2))), np.block)],
    "broadcast_arrays": [Case(broadcast(), lambda *a: list(np.broadcast_arrays(*a)), view=list)],
    "broadcast_shapes": [Case(st.tuples(st.lists(SHAPES, max_size=3).map(tuple), st.just({})), np.broadcast_shapes)],
    "broadcast_to": [Case(broadcast_shape(), np.broadcast_to)],
    "concat": [Case(joined(), np.concat)],
    **{n: [Case(joined(axis=False, min_dims=0), getattr(np, n))] for n in ("hstack", "vstack", "dstack")},
    "column_stack": [Case(joined(axis=False, min_dims=1).filter(lambda c: c[0][0][0].ndim < 3), np.column_stack)],
    "stack": [Case(stacked(), np.stack)],
    "unstack": [Case(along(array(min_dims=1), none=False), np.unstack)],
    "delete": [Case(deleted(), np.delete)],
    "insert": [Case(inserted(), np.insert)],
    "expand_dims": [Case(expanded(), np.expand_dims)],
    "squeeze": [Case(squeezed(), np.squeeze)],
    "flip": [numpys("flip", along(array(), several=True))],
    "fliplr": [numpys("fliplr", call(array(min_dims=2)))],
    "flipud": [numpys("flipud", call(array(min_dims=1)))],
    **{n: [Case(axes_moved(), getattr(np, n))] for n in ("moveaxis", "swapaxes")},
    "rollaxis": [Case(axes_moved(), np.rollaxis)],
    **{n: [Case(permuted(), getattr(np, n))] for n in ("permute_dims", "transpose")},
    "packbits": [Case(bits(), np.packbits)],
    "unpackbits": [Case(along(array(["uint8"], min_dims=1), bitorder=st.sampled_from(["big", "little"])), np.unpackbits)],
    "pad": [Case(padded(), np.pad)],
    "repeat": [Case(repeated(), np.repeat)],
    "roll": [Case(rolled(), np.roll)],
    "rot90": [Case(turned(), np.rot90)],
    "sliding_window_view": [Case(windows(), np.lib.stride_tricks.sliding_window_view)],
    "tile": [numpys("tile", call(array(), st.one_of(st.integers(0, 3), st.lists(st.integers(0, 2), max_size=4).map(tuple))))],
    "trim_zeros": [numpys("trim_zeros", call(vector(["int64", "float64"], elements=lambda d: st.integers(-1, 1).map(np.dtype(d).type)), st.sampled_from(["f", "b", "fb"])))],
}  # fmt: skip

# ---- indexing --------------------------------------------------------------------------------------


@st.composite
def taken(draw):
    (x,), kwargs = draw(along(array(min_dims=1, min_side=1), none=False))
    n = x.shape[kwargs["axis"]]
    return (x, np.array(draw(st.lists(st.integers(-n, n - 1), max_size=4)), dtype=np.int64)), kwargs


@st.composite
def taken_along(draw):
    x = draw(array(min_dims=1, min_side=1))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    return (x, draw(array("int64", x.shape, elements=lambda d: st.integers(-n, n - 1)))), {"axis": axis}


@st.composite
def masked(draw, first=True):
    x = draw(array(min_dims=1, min_side=1))
    mask = draw(array("bool", x.shape))
    return ((mask, x) if first else (x, mask)), {}


@st.composite
def compressed(draw):
    (x,), kwargs = draw(along(array(min_dims=1, min_side=1)))
    n = x.shape[kwargs["axis"]] if kwargs.get("axis") is not None else x.size
    return (draw(array("bool", (n,))), x), kwargs


@st.composite
def choosing(draw):
    n = draw(st.integers(1, 3))
    x = draw(array("int64", min_dims=1, max_dims=2, elements=lambda d: st.integers(0, n - 1)))
    return (x, [draw(array("float64", x.shape)) for _ in range(n)]), {}


@st.composite
def raveled(draw):
    dims = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    n = draw(st.integers(0, 4))
    at = tuple(draw(array("int64", (n,), elements=lambda d, k=k: st.integers(0, k - 1))) for k in dims)
    return (at, dims), {"order": draw(st.sampled_from(["C", "F"]))}


@st.composite
def unraveled(draw):
    dims = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    size = int(np.prod(dims))
    return (draw(array("int64", elements=lambda d: st.integers(0, size - 1))), dims), {"order": draw(st.sampled_from(["C", "F"]))}


def in_place(name):
    """A function that writes into its first argument: the argument afterwards is the result."""

    def run(space, x, *args, **kwargs):
        x = x.copy()
        assert getattr(space, name)(x, *args, **kwargs) is None
        return x

    return run


@st.composite
def placed(draw):
    x = draw(array(["int64", "float64"], min_dims=1, min_side=1, elements=whole))
    return (x, draw(array("bool", x.shape)), draw(vector(str(x.dtype), draw(st.integers(1, 3)), elements=whole))), {}


@st.composite
def put_at(draw):
    x = draw(array(["int64", "float64"], min_dims=1, min_side=1, elements=whole))
    n = draw(st.integers(0, 4))
    return (x, draw(array("int64", (n,), elements=lambda d: st.integers(-x.size, x.size - 1))), draw(array(str(x.dtype), (n,), elements=whole))), {}


@st.composite
def put_along(draw):
    (x, at), kwargs = draw(taken_along())
    return (x, at, draw(whole(str(x.dtype)))), kwargs


@st.composite
def diagonal_filled(draw):
    n = draw(st.integers(2, 3))
    x = draw(array(["int64", "float64"], shape=draw(st.sampled_from([(n, n), (n, n, n), (4, 2), (2, 4)])), elements=whole))
    return (x, draw(st.integers(-5, 5))), {"wrap": draw(st.booleans())}


@st.composite
def copied_to(draw):
    x = draw(array(["float64"], min_dims=1, elements=whole))
    return (x, draw(array(["int64"], x.shape, elements=whole))), {"where": draw(array("bool", x.shape))}


@st.composite
def grids(draw):
    part = st.one_of(st.builds(slice, st.integers(-3, 3), st.integers(-3, 5)), st.builds(lambda a, b, n: slice(a, b, n * 1j), st.integers(-3, 3), st.integers(-3, 5), st.integers(1, 4)))
    return (draw(st.one_of(part, st.tuples(part, part))),), {}


@st.composite
def glued(draw):
    parts = st.one_of(st.integers(-9, 9), vector(["int64", "float64"], elements=whole), st.builds(slice, st.integers(0, 3), st.integers(0, 5)))
    return (tuple(draw(st.lists(parts, min_size=2, max_size=3))),), {}


@st.composite
def columns(draw):
    n = draw(st.integers(1, 3))
    return (tuple(draw(array(["int64", "float64"], (n,), elements=whole)) for _ in range(2)),), {}


def item_of(name):
    """What an object gives for a subscript."""
    return lambda space, key: getattr(space, name)[key]


INDEXING = {
    "take": [Case(taken(), np.take)],
    "take_along_axis": [Case(taken_along(), np.take_along_axis)],
    "extract": [Case(masked(), np.extract)],
    "compress": [Case(compressed(), np.compress)],
    "choose": [Case(choosing(), np.choose)],
    "ravel_multi_index": [Case(raveled(), np.ravel_multi_index)],
    "unravel_index": [Case(unraveled(), np.unravel_index)],
    "ix_": [Case(st.tuples(st.lists(vector(["int64", "bool"]), min_size=1, max_size=3).map(tuple), st.just({})), np.ix_)],
    "diag_indices": [numpys("diag_indices", call(SIDES, st.integers(1, 3)))],
    "diag_indices_from": [Case(SIDES.flatmap(lambda n: call(array(shape=(n, n)))), np.diag_indices_from)],
    "mask_indices": [Case(call(SIDES, st.just("triu"), st.integers(-2, 2)), None)],
    **{n: [numpys(n, call(SIDES, st.integers(-2, 2), SIDES))] for n in ("tril_indices", "triu_indices")},
    **{n: [Case(call(array(min_dims=2, max_dims=2), st.integers(-2, 2)), getattr(np, n))] for n in ("tril_indices_from", "triu_indices_from")},
}  # fmt: skip
# These are not functions of arrays alone: `run(space, ...)` does the same with NumPy and with `ops`.
SCRIPTS = {
    **{n: [Case(placed(), in_place(n))] for n in ("place", "putmask")},
    "put": [Case(put_at(), in_place("put"))],
    "put_along_axis": [Case(put_along(), in_place("put_along_axis"))],
    "fill_diagonal": [Case(diagonal_filled(), in_place("fill_diagonal"))],
    "copyto": [Case(copied_to(), in_place("copyto"))],
    **{n: [Case(grids(), item_of(n), atol=1e-12)] for n in ("mgrid", "ogrid")},
    "r_": [Case(glued(), item_of("r_"))],
    "c_": [Case(columns(), item_of("c_"))],
    **{n: [Case(grids(), item_of(n), view=repr)] for n in ("s_", "index_exp")},
    "mask_indices": [Case(call(SIDES, st.sampled_from(["tril", "triu"]), st.integers(-2, 2)),
                          lambda space, n, f, k: space.mask_indices(n, lambda x, k=0: getattr(space, f)(x, k=k), k))],
}  # fmt: skip
del INDEXING["mask_indices"]

# ---- searching, sorting, sets ----------------------------------------------------------------------


@st.composite
def searched(draw):
    dtype = draw(st.sampled_from([*INTEGERS, *REALS]))
    x = np.sort(draw(vector(dtype, elements=tame)))
    return (x, draw(array(dtype, elements=tame))), {"side": draw(st.sampled_from(["left", "right"]))}


@st.composite
def ordered(draw, dtypes=DTYPES):
    x = draw(array(dtypes, min_dims=1))
    return (x,), {"axis": draw(st.integers(-x.ndim, x.ndim - 1))}


@st.composite
def parted(draw):
    x = draw(array([*INTEGERS, *REALS], min_dims=1, min_side=1))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return (x, draw(st.integers(0, x.shape[axis] - 1))), {"axis": axis}


def is_partition(name):
    """The elements up to `kth` are those of a sorted array, in some order; so are those behind."""

    def run(space, x, kth, axis):
        out = getattr(space, name)(x, kth, axis=axis)
        out = np.take_along_axis(np.asarray(x), np.asarray(out), axis=axis) if name == "argpartition" else np.asarray(out)
        at = lambda i, j: np.sort(np.moveaxis(out, axis, -1)[..., i:j], axis=-1)  # noqa: E731
        return at(0, kth), at(kth, kth + 1), at(kth + 1, None)

    return run


@st.composite
def keyed(draw):
    n = draw(st.integers(0, 5))
    return (tuple(draw(array(["int64", "float64"], (n,), elements=small)) for _ in range(draw(st.integers(1, 3)))),), {}


def where(condition, x1, x2):
    return np.where(condition, x1, x2)


@st.composite
def selected(draw):
    (c, a, b), _ = draw(broadcast(["bool"], 3))
    dtype = draw(st.sampled_from(DTYPES))
    return (c, draw(array(dtype, a.shape)), draw(array(dtype, b.shape))), {}


def pair(dtypes, **options):
    dtype = st.sampled_from(dtypes)
    return dtype.flatmap(lambda d: call(vector(d, elements=small), vector(d, elements=small), **options))


SEARCHING = {
    "searchsorted": [Case(searched(), np.searchsorted)],
    "argwhere": [numpys("argwhere", call(array(min_dims=1)))],
    **{n: [numpys(n, call(array(min_dims=1)))] for n in ("nonzero", "flatnonzero")},
    "where": [Case(selected(), where)],
    "sort": [Case(ordered(), np.sort), Case(ordered([*INTEGERS, *REALS]).map(lambda c: (c[0], {**c[1], "descending": True})),
                                           lambda x, axis, descending: np.flip(np.sort(x, axis=axis), axis=axis), atol=1e-300)],
    "argsort": [Case(ordered(), lambda x, axis: np.argsort(x, axis=axis, stable=True))],
    "sort_complex": [numpys("sort_complex", call(vector([*SIGNED, "float64", "complex128"], elements=tame)))],
    "lexsort": [Case(keyed(), np.lexsort)],
    "unique": [Case(call(vector([*INTEGERS, "float64", "bool"], elements=small), return_index=st.booleans(), return_inverse=st.booleans(), return_counts=st.booleans()), np.unique),
               Case(along(array(["int64", "float64"], min_dims=1, max_dims=2, elements=lambda d: st.integers(0, 1).map(np.dtype(d).type)), none=False, return_counts=st.booleans()), np.unique)],
    **{n: [Case(call(vector(["int64", "float32", "bool"], elements=small)), lambda x, n=n: tuple(getattr(np, n)(x)), view=tuple)]
       for n in ("unique_all", "unique_counts", "unique_inverse")},
    "unique_values": [Case(call(vector(["int64", "float32"], elements=small)), lambda x: np.sort(np.unique_values(x)),
                           view=lambda x: np.asarray(x) + np.asarray(x).dtype.type(0))],  # Which of the equal zeros stays is left open.
    **{n: [Case(pair([*INTEGERS, "float64"]), getattr(np, n))] for n in ("union1d", "setdiff1d", "setxor1d")},
    "intersect1d": [Case(pair([*INTEGERS, "float64"]), np.intersect1d), Case(pair(["int64"]).map(lambda c: (c[0], {"return_indices": True})), np.intersect1d)],
    "isin": [Case(pair([*INTEGERS, "float64"], invert=st.booleans()), np.isin)],
}  # fmt: skip
SCRIPTS |= {n: [Case(parted(), is_partition(n))] for n in ("partition", "argpartition")}

# ---- methods of functions of two arrays ------------------------------------------------------------


def method(theirs, ours):
    """NumPy's method of the function that is named, and the op that stands for it."""

    def run(space, function, *args, **kwargs):
        if space is np:
            return getattr(getattr(np, function), theirs)(*args, **kwargs)
        return getattr(space, ours)(getattr(space, function), *args, **kwargs)

    return run


def changed(space, function, x, *args):
    x = space.asarray(x, copy=True)
    method("at", "update_at")(space, function, x, *args)
    return x


@st.composite
def folded(draw):
    # Adding zero makes one zero of the two: which of them is the larger is left open.
    x = draw(array(["int64", "float64"], min_dims=1, elements=tame))
    x = x + x.dtype.type(0)
    return (draw(st.sampled_from(["maximum", "minimum"])), x), {"axis": draw(st.integers(-x.ndim, x.ndim - 1))}


@st.composite
def placed_in_turn(draw, functions):
    x = draw(vector(["int64"], elements=small))
    places = draw(st.lists(st.integers(0, max(len(x) - 1, 0)), min_size=1, max_size=6))
    return draw(st.sampled_from(functions)), x, places


SCRIPTS |= {
    **{n: [Case(folded(), method(n, n))] for n in ("accumulate", "reduce")},
    "reduceat": [Case(placed_in_turn(["add", "maximum"]).map(lambda c: (c, {})), method("reduceat", "reduceat"))],
    "update_at": [Case(placed_in_turn(["add", "subtract", "maximum"]).map(lambda c: ((*c, list(range(len(c[2])))), {})), changed)],
    "apply_outer": [Case(st.tuples(st.tuples(st.sampled_from(["subtract", "less"]), array(["int64"], elements=small), vector(["int64"], elements=small)), st.just({})),
                         method("outer", "apply_outer"))],
}  # fmt: skip

CASES = {**CREATION, **MANIPULATION, **INDEXING, **SEARCHING}
del axis_of, several_axes
