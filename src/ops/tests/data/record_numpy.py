"""Records linalg, einsum and fft cases from NumPy (and the matrix exponential from SciPy) into linalg.json and fft.json.

    python record_numpy.py        # NumPy 2.4, SciPy; seed 20240
"""

import numpy as np
import scipy.linalg
from recording import Recorder

rng = np.random.default_rng(20240)
FLOATS = ["float32", "float64", "complex64", "complex128"]


def draw(shape, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        return rng.integers(0, 100, shape).astype(dtype)
    # Two digits keep the files small.
    x = np.round(rng.standard_normal(shape), 2)
    if dtype.kind == "c":
        x = x + 1j * np.round(rng.standard_normal(shape), 2)
    return x.astype(dtype)


def eps(dtype):
    return 2e-5 if np.dtype(dtype) in (np.float32, np.complex64) else 1e-12


def adjoint(x):
    return np.conj(np.swapaxes(x, -1, -2))


def products(r):
    for dtype in FLOATS + ["int8", "uint8", "int32", "int64", "uint64", "bool"]:
        for a, b in [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 1, 2, 3), (4, 3, 2)), ((0, 3), (3, 2)),
                     ((2, 0), (0, 3)), ((5, 2, 3), (3, 4))]:
            x, y = draw(a, dtype), draw(b, dtype)
            r.add("matmul", {"x1": x, "x2": y}, {}, np.matmul(x, y), eps(dtype))
    x, y = draw((20, 300), "float64"), draw((300, 17), "float64")
    r.add("matmul", {"x1": x, "x2": y}, {}, x @ y, 1e-12)
    i, f = draw((2, 3), "int32"), draw((3, 2), "float32")
    r.add("matmul", {"x1": i, "x2": f}, {}, i @ f, 1e-12)
    r.fails("matmul", {"x1": draw((2, 3), "float64"), "x2": draw((2, 3), "float64")}, {}, "Value")
    r.fails("matmul", {"x1": draw((), "float64"), "x2": draw((2, 3), "float64")}, {}, "Value")
    for dtype in ["float64", "int64", "complex64"]:
        x, y = draw((2, 3, 4), dtype), draw((4, 3, 2), dtype)
        for first, second in [([1], [1]), ([2, 1], [0, 1]), ([0], [2]), ([-1], [-3]), ([], [])]:
            out = np.tensordot(x, y, (first, second))
            r.add("tensordot", {"x1": x, "x2": y}, {"first": first, "second": second}, out, eps(dtype))
        x, y = draw((2, 3), dtype), draw((3, 5), dtype)
        r.add("tensordot", {"x1": x, "x2": y}, {"count": 1}, np.tensordot(x, y, 1), eps(dtype))
        r.add("tensordot", {"x1": x, "x2": y}, {"count": 0}, np.tensordot(x, y, 0), eps(dtype))
        x, y = draw((2, 1, 5), dtype), draw((3, 5), dtype)
        r.add("vecdot", {"x1": x, "x2": y}, {"axis": -1}, np.vecdot(x, y), eps(dtype))
        x, y = draw((5, 3), dtype), draw((5, 3), dtype)
        r.add("vecdot", {"x1": x, "x2": y}, {"axis": 0}, np.vecdot(x, y, axis=0), eps(dtype))
        for a, b in [((), (3,)), ((4,), (4,)), ((2, 4), (4,)), ((2, 3, 4), (4,)), ((2, 4), (4, 3)), ((2, 3, 4), (5, 4, 2)), ((4,), (3, 4, 2))]:
            x, y = draw(a, dtype), draw(b, dtype)
            r.add("dot", {"x1": x, "x2": y}, {}, np.dot(x, y), eps(dtype))
        for a, b in [((), (3,)), ((4,), (4,)), ((2, 4), (3, 4)), ((2, 3, 4), (4,))]:
            x, y = draw(a, dtype), draw(b, dtype)
            r.add("inner", {"x1": x, "x2": y}, {}, np.inner(x, y), eps(dtype))
        x, y = draw((2, 3), dtype), draw((3, 2), dtype)
        r.add("vdot", {"x1": x, "x2": y}, {}, np.vdot(x, y), eps(dtype))
        r.add("outer", {"x1": x, "x2": y}, {}, np.outer(x, y), eps(dtype))
        z = draw((2, 2, 2), dtype)
        r.add("kron", {"x1": x, "x2": z}, {}, np.kron(x, z), eps(dtype))
        x, y = draw((2, 3), dtype), draw((4, 2, 3), dtype)
        r.add("cross", {"x1": x, "x2": y}, {"axis": -1}, np.cross(x, y), 10 * eps(dtype))
        x, y = draw((3, 2), dtype), draw((3, 2), dtype)
        r.add("cross", {"x1": x, "x2": y}, {"axis": 0}, np.linalg.cross(x, y, axis=0), 10 * eps(dtype))
        x = draw((2, 3, 4), dtype)
        for offset in [0, 1, -1, 3, -3, 9, -9]:
            r.add("diagonal", {"x": x}, {"offset": offset}, np.linalg.diagonal(x, offset=offset), 0)
            r.add("trace", {"x": x}, {"offset": offset}, np.linalg.trace(x, offset=offset), eps(dtype))
        m = draw((2, 3, 3), dtype)
        for n in [0, 1, 2, 5]:
            r.add("matrix_power", {"x": m}, {"n": n}, np.linalg.matrix_power(m, n), 10 * eps(dtype))
        if dtype != "int64":
            r.add("matrix_power", {"x": m}, {"n": -2}, np.linalg.matrix_power(m, -2), 1000 * eps(dtype))
    chain = [draw(s, "float64") for s in [(10, 3), (3, 20), (20, 2), (2, 7)]]
    named = {f"x{i}": c for i, c in enumerate(chain)}
    r.add("multi_dot", named, {}, np.linalg.multi_dot(chain), 1e-12)
    chain = [draw(s, "float64") for s in [(3,), (3, 4), (4,)]]
    r.add("multi_dot", {f"x{i}": c for i, c in enumerate(chain)}, {}, np.linalg.multi_dot(chain), 1e-12)


def einsums(r):
    cases = [
        ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("ij", [(2, 3)]), ("ba", [(2, 3)]),
        ("ii", [(3, 3)]), ("ii->i", [(3, 3)]), ("ij->", [(2, 3)]), ("ij->j", [(2, 3)]), ("i,i", [(4,), (4,)]), ("i,j->ij", [(2,), (3,)]),
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]), ("...ii->...i", [(2, 3, 3)]),
        ("...,...", [(2, 3), (3,)]), ("i...->...", [(2, 3, 4)]), ("ij,ij->i", [(2, 3), (2, 3)]), ("ij,kj,lk->il", [(2, 3), (4, 3), (5, 4)]),
        ("a,ab,abc->abc", [(2,), (2, 3), (2, 3, 4)]), ("abcd,bd->ac", [(2, 3, 4, 5), (3, 5)]), ("ijk,jil->kl", [(2, 3, 4), (3, 2, 5)]),
        ("iij,jk->ik", [(3, 3, 4), (4, 2)]), ("ij,j->i", [(2, 3), (1,)]), (" i j , j k -> k i ", [(2, 3), (3, 4)]), (",ij->ij", [(), (2, 3)]),
        ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]), ("ij,jk->ik", [(0, 3), (3, 4)]), ("ij,jk->ik", [(2, 0), (0, 4)]),
        ("ab,bc,cd,de->ae", [(2, 3), (3, 4), (4, 2), (2, 3)]), ("ij...,jk...->ik...", [(2, 3, 2), (3, 4, 2)]),
    ]
    for i, (subscripts, shapes) in enumerate(cases):
        for dtype in ["float64", "complex64", "int32", "bool"] if i < 12 else ["float64"]:
            xs = [draw(s, dtype) for s in shapes]
            out = np.einsum(subscripts, *xs, optimize=len(xs) > 2)
            r.add("einsum", {f"x{i}": x for i, x in enumerate(xs)}, {"subscripts": subscripts}, out, 10 * eps(dtype))
    for subscripts, shapes in [("ij,jk", [(2, 3), (4, 5)]), ("ij", [(2, 3, 4)]), ("ij->ik", [(2, 3)]), ("i->ii", [(2,)]), ("ij,", [(2, 3)]),
                               ("i,j", [(2,)]), ("i.j", [(2, 3)]), ("i%", [(2, 3)]), ("...i->i", [(2, 3)])]:
        r.fails("einsum", {f"x{i}": draw(s, "float64") for i, s in enumerate(shapes)}, {"subscripts": subscripts}, "Value")


def solvers(r):
    for dtype in FLOATS:
        tol = 200 * eps(dtype)
        for shape in [(3, 3), (2, 4, 4), (1, 1), (0, 0), (3, 0, 0)] + ([(12, 12)] if dtype == "float64" else []):
            a = draw(shape, dtype) + (3 * np.eye(shape[-1])).astype(dtype)
            n = shape[-1]
            r.add("inv", {"x": a}, {}, np.linalg.inv(a), tol)
            r.add("det", {"x": a}, {}, np.linalg.det(a), tol)
            r.add("slogdet", {"x": a}, {}, tuple(np.linalg.slogdet(a)), tol)
            b = draw(shape[:-1] + (2,), dtype)
            r.add("solve", {"a": a, "b": b}, {}, np.linalg.solve(a, b), tol)
            v = draw((n,), dtype)
            r.add("solve", {"a": a, "b": v}, {}, np.linalg.solve(a, v), tol)
            p = (a @ adjoint(a) + np.eye(n)).astype(dtype)
            r.add("cholesky", {"x": p}, {"upper": False}, np.linalg.cholesky(p), tol)
            r.add("cholesky", {"x": np.triu(p)}, {"upper": True}, np.linalg.cholesky(p, upper=True), tol)
            h = (a + adjoint(a)).astype(dtype)
            w, v = np.linalg.eigh(h)
            r.add("eigh", {"x": np.tril(h)}, {"upper": False}, (w, v), tol, "columns")
            r.add("eigh", {"x": np.triu(h)}, {"upper": True}, (w, v), tol, "columns")
            r.add("eigvalsh", {"x": h}, {}, np.linalg.eigvalsh(h), tol)
            if n and a.size:
                # An eigenvector has a free sign (or phase): both sides are normalised before comparing.
                w, v = np.linalg.eig(a.astype("complex128" if dtype.startswith("complex") else "float64"))
                result = "complex64" if dtype in ("float32", "complex64") else "complex128"
                r.add("eig", {"x": a}, {}, (w.astype(result), v.astype(result)), tol, "spectrum")
                r.add("eigvals", {"x": a}, {}, w.astype(result), tol, "spectrum")
            r.add("matrix_exp", {"x": a}, {}, scipy.linalg.expm(a) if a.size else a, 50 * tol)
        for shape in [(4, 3), (3, 4), (2, 5, 2), (0, 3), (3, 0), (2, 0, 3), (1, 4)]:
            a = draw(shape, dtype)
            m, n = shape[-2:]
            # Complex reflections are not LAPACK's, so only reals are compared element by element.
            how = "close" if np.dtype(dtype).kind == "f" else "columns"
            if how == "close":
                for mode in ["reduced", "complete"]:
                    r.add("qr", {"x": a}, {"mode": mode}, tuple(np.linalg.qr(a, mode)), tol)
                r.add("qr", {"x": a}, {"mode": "r"}, np.linalg.qr(a, "r"), tol, "second")
            for full in [False, True]:
                r.add("svd", {"x": a}, {"full_matrices": full}, np.linalg.svd(a, full_matrices=full)[1], tol, "second")
            r.add("svdvals", {"x": a}, {}, np.linalg.svdvals(a), tol)
            r.add("pinv", {"x": a}, {}, np.linalg.pinv(a) if a.size else np.swapaxes(a, -1, -2), tol)
            r.add("matrix_rank", {"x": a}, {}, np.asarray(np.linalg.matrix_rank(a), "int64") if a.size else np.zeros(shape[:-2], "int64"), 0)
        low = (draw((5, 2), dtype) @ draw((2, 4), dtype)).astype(dtype)
        r.add("matrix_rank", {"x": low}, {}, np.asarray(2), 0)
        r.add("pinv", {"x": low}, {"rtol": 1e-3}, np.linalg.pinv(low, rtol=1e-3), 20 * tol)
        for shape in [(6, 3), (3, 6), (4, 4)]:
            a, b, v = draw(shape, dtype), draw((shape[0], 2), dtype), draw((shape[0],), dtype)
            for rhs in (b, v):
                x, res, rank, s = np.linalg.lstsq(a, rhs)
                r.add("lstsq", {"a": a, "b": rhs}, {}, (x, res, np.asarray(rank, "int64"), s), 20 * tol)
    a, b = draw((2, 3, 6), "float64"), draw((2, 3), "float64")
    r.add("tensorsolve", {"a": a, "b": b}, {}, np.linalg.tensorsolve(a, b), 1e-11)
    a, b = draw((2, 6, 3), "float64"), draw((2, 3), "float64")
    r.add("tensorsolve", {"a": a, "b": b}, {"axes": [1]}, np.linalg.tensorsolve(a, b, (1,)), 1e-11)
    a = draw((2, 3, 3, 2), "float64")
    r.add("tensorinv", {"a": a}, {"ind": 2}, np.linalg.tensorinv(a, 2), 1e-11)
    r.fails("tensorinv", {"a": draw((2, 3, 3), "float64")}, {"ind": 1}, "LinAlg")
    r.fails("inv", {"x": np.zeros((2, 2))}, {}, "LinAlg")
    r.fails("inv", {"x": np.array([[[1.0, 0], [0, 1]], [[1, 2], [2, 4]]])}, {}, "LinAlg")
    r.fails("solve", {"a": np.array([[1.0, 2], [2, 4]]), "b": np.ones(2)}, {}, "LinAlg")
    r.fails("solve", {"a": np.ones((2, 3)), "b": np.ones(3)}, {}, "LinAlg")
    r.fails("solve", {"a": np.eye(2), "b": np.ones(3)}, {}, "LinAlg")
    r.fails("cholesky", {"x": np.array([[1.0, 2], [2, 1]])}, {"upper": False}, "LinAlg")
    r.fails("cholesky", {"x": np.array([[np.nan, 0], [0, 1]])}, {"upper": False}, "LinAlg")
    r.fails("svd", {"x": np.array([[np.nan, 0], [0, 1]])}, {"full_matrices": False}, "LinAlg")
    r.fails("eigh", {"x": np.array([[np.inf, 0], [0, 1]])}, {"upper": False}, "LinAlg")
    r.fails("eig", {"x": np.array([[np.nan, 0], [0, 1]])}, {}, "LinAlg")
    r.fails("det", {"x": np.ones((2, 3))}, {}, "LinAlg")
    r.fails("det", {"x": np.ones(3)}, {}, "LinAlg")
    singular = np.array([[1.0, 2], [2, 4]])
    r.add("det", {"x": singular}, {}, np.linalg.det(singular), 1e-12)
    r.add("det", {"x": np.zeros((3, 3))}, {}, np.linalg.det(np.zeros((3, 3))), 0)
    r.add("slogdet", {"x": np.zeros((2, 2))}, {}, tuple(np.linalg.slogdet(np.zeros((2, 2)))), 1e-12)
    ints = np.array([[2, 1], [1, 3]])
    for op in ["inv", "det", "svdvals", "eigvalsh", "matrix_rank"]:
        r.add(op, {"x": ints}, {}, np.asarray(getattr(np.linalg, op)(ints)), 1e-12)
    # One rotation: a pair of conjugate eigenvalues.
    rotation = np.array([[0.0, -1], [1, 0]])
    w, v = np.linalg.eig(rotation)
    r.add("eig", {"x": rotation}, {}, (w, v), 1e-12, "spectrum")


def norms(r):
    inf = float("inf")
    text = lambda o: {inf: "inf", -inf: "-inf"}.get(o, o)
    for dtype in FLOATS + ["int64"]:
        tol = 10 * eps(dtype)
        x = draw((2, 2, 3), dtype)
        for ord in [2, 1, inf, -inf, 0, 3, 0.5, -1, -2]:
            for axis, keepdims in [(None, False), (None, True), ([1], True), ([0, 2], False)]:
                out = np.linalg.vector_norm(x, axis=None if axis is None else tuple(axis), keepdims=keepdims, ord=ord)
                r.add("vector_norm", {"x": x}, {"axis": axis, "keepdims": keepdims, "ord": text(ord)}, out, tol)
        for ord in ["fro", "nuc", 1, -1, 2, -2, inf, -inf]:
            out = np.linalg.matrix_norm(x, keepdims=True, ord=ord)
            r.add("matrix_norm", {"x": x}, {"keepdims": True, "ord": text(ord)}, out, 10 * tol)
            out = np.linalg.norm(x, ord, (2, 0))
            r.add("norm", {"x": x}, {"axis": [2, 0], "keepdims": False, "ord": text(ord)}, out, 10 * tol)
        r.add("norm", {"x": x}, {"keepdims": False}, np.linalg.norm(x), tol)
        r.add("norm", {"x": x}, {"keepdims": True, "axis": [1]}, np.linalg.norm(x, axis=1, keepdims=True), tol)
        r.add("norm", {"x": x[0]}, {"keepdims": False, "ord": 2}, np.linalg.norm(x[0], 2), 10 * tol)
        r.add("norm", {"x": x[0, 0]}, {"keepdims": False, "ord": 3}, np.linalg.norm(x[0, 0], 3), tol)
        square = draw((2, 3, 3), "float64" if dtype == "int64" else dtype)
        for p in [None, 2, -2, 1, -1, inf, -inf, "fro", "nuc"]:
            r.add("cond", {"x": square}, {"p": text(p)}, np.linalg.cond(square, p), 1000 * tol)
    r.fails("norm", {"x": np.ones((2, 2, 2))}, {"keepdims": False, "ord": 2}, "Value")
    r.fails("norm", {"x": np.ones((2, 2))}, {"keepdims": False, "ord": 5}, "Value")
    for shape in [(0,), (0, 3)]:
        for ord in [2, 1, 0, 3]:
            r.add("vector_norm", {"x": np.zeros(shape)}, {"keepdims": False, "ord": ord}, np.linalg.vector_norm(np.zeros(shape), ord=ord), 0)


def ffts(r):
    kinds = {"fft": "c", "ifft": "c", "rfft": "r", "irfft": "c", "hfft": "c", "ihfft": "r"}
    for op, kind in kinds.items():
        f = getattr(np.fft, op)
        for dtype in ["float32", "float64", "int32", "bool"] + (["complex64", "complex128"] if kind == "c" else []):
            tol = 10 * eps(dtype)
            x = draw((2, 6), dtype)
            for n, axis in [(None, -1), (4, -1), (9, -1), (None, 0), (5, 0), (1, 1), (7, 1)]:
                if n is None and x.shape[axis] == 1:
                    continue
                for norm in ["backward", "ortho", "forward"] if n == 4 else ["backward"]:
                    r.add(op, {"x": x}, {"n": n, "axis": axis, "norm": norm}, f(x, n, axis, norm), tol)
        for size in [11, 17, 32]:
            x = draw((size,), "complex128" if kind == "c" else "float64")
            r.add(op, {"x": x}, {"axis": -1, "norm": "backward"}, f(x), 1e-11)
    many = {"fftn": "c", "ifftn": "c", "rfftn": "r", "irfftn": "c"}
    for op, kind in many.items():
        f = getattr(np.fft, op)
        for dtype in ["float64", "complex64"] if kind == "c" else ["float64", "float32"]:
            x = draw((2, 2, 3), dtype)
            for s, axes in [(None, None), (None, [0, 2]), ([3, 5], [1, 2]), ([4, 2], [-1, 0]), ([2, 2, 2], None)]:
                if s is not None and axes is None:
                    axes_np = (0, 1, 2)
                else:
                    axes_np = None if axes is None else tuple(axes)
                for norm in ["backward", "ortho", "forward"] if s == [3, 5] else ["ortho"]:
                    out = f(x, None if s is None else tuple(s), axes_np, norm)
                    r.add(op, {"x": x}, {"s": s, "axes": axes, "norm": norm}, out, 20 * eps(dtype))
    for op in ["fft2", "ifft2", "rfft2", "irfft2"]:
        x = draw((2, 4, 3), "float64")
        r.add(op, {"x": x}, {"axes": [-2, -1], "norm": "backward"}, getattr(np.fft, op)(x), 1e-11)
        r.add(op, {"x": x}, {"s": [3, 4], "axes": [0, 1], "norm": "ortho"}, getattr(np.fft, op)(x, (3, 4), (0, 1), "ortho"), 1e-11)
    for n in [1, 2, 7, 8]:
        for d in [1.0, 0.25]:
            r.add("fftfreq", {}, {"n": n, "d": d}, np.fft.fftfreq(n, d), 1e-15)
            r.add("rfftfreq", {}, {"n": n, "d": d}, np.fft.rfftfreq(n, d), 1e-15)
    for shape in [(5,), (4,), (3, 4), (0,), (1,)]:
        x = np.arange(int(np.prod(shape))).reshape(shape)
        for axes in [None, [0], [-1]]:
            for op in ["fftshift", "ifftshift"]:
                r.add(op, {"x": x}, {"axes": axes}, getattr(np.fft, op)(x, None if axes is None else tuple(axes)), 0)
    r.fails("fft", {"x": np.ones(3)}, {"n": 0, "axis": -1, "norm": "backward"}, "Value")
    r.fails("rfft", {"x": np.ones(3, complex)}, {"axis": -1, "norm": "backward"}, "Type")
    r.fails("fft", {"x": np.ones(3)}, {"axis": 1, "norm": "backward"}, "Axis")


linalg = Recorder()
for record in (products, einsums, solvers, norms):
    record(linalg)
linalg.write("linalg.json")
fft = Recorder()
ffts(fft)
fft.write("fft.json")
