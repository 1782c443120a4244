"""Polynomials as vectors of coefficients, highest degree first, as NumPy's `poly*` functions have them."""

import math

from purify import ops as xp

from ._shared import as_float


def _vector(p):
    if isinstance(p, poly1d):
        p = p.coeffs
    p = xp.asarray(p)
    return xp.reshape(p, (1,)) if p.ndim == 0 else p


def poly(roots, /):
    """The coefficients of the polynomial with these roots, or the characteristic polynomial of a square matrix."""
    z = xp.asarray(roots)
    if z.ndim == 2:
        if z.shape[0] != z.shape[1]:
            raise ValueError(f"poly: a matrix must be square, got shape {tuple(z.shape)}")
        z = xp.linalg.eigvals(z)
    elif z.ndim == 0:
        z = xp.reshape(z, (1,))
    out = [1.0]
    for r in xp.tolist(z):
        out = [a - r * b for a, b in zip([*out, 0.0], [0.0, *out])]
    if any(isinstance(c, complex) for c in out):
        values = sorted(((complex(v).real, complex(v).imag) for v in xp.tolist(z)))
        mirrored = sorted((re, -im) for re, im in values)
        if values == mirrored:
            out = [complex(c).real for c in out]
    return xp.asarray(out)


def roots(p, /):
    """The roots: eigenvalues of the companion matrix. Real if all are."""
    p = _vector(p)
    if p.ndim != 1:
        raise ValueError("roots: the coefficients must be a vector")
    (where,) = xp.nonzero(p)
    if where.size == 0:
        return xp.zeros((0,), dtype=xp.float64)
    first, last = int(where[0]), int(where[-1])
    zeros = p.shape[0] - last - 1
    p = as_float(p[first : last + 1])
    n = p.shape[0]
    if n < 2:
        return xp.zeros((zeros,), dtype=xp.float64)
    companion = xp.zeros((n - 1, n - 1), dtype=p.dtype)
    companion[0, :] = -p[1:] / p[0]
    if n > 2:
        i = xp.arange(n - 2)
        companion[i + 1, i] = xp.ones((n - 2,), dtype=p.dtype)
    out = xp.linalg.eigvals(companion)
    if xp.isdtype(out.dtype, "complex floating") and not xp.isdtype(p.dtype, "complex floating"):
        if bool(xp.all(xp.equal(xp.imag(out), 0))):
            out = xp.real(out)
    return xp.concat([out, xp.zeros((zeros,), dtype=out.dtype)]) if zeros else out


def polyval(p, x, /):
    """The values at `x` by Horner's rule; `x` may be a `poly1d`, which gives the composed polynomial."""
    p = _vector(p)
    if isinstance(x, poly1d):
        y = poly1d([0.0])
        for c in xp.tolist(p):
            y = y * x + c
        return y
    x = xp.asarray(x)
    dtype = xp.result_type(p, x)
    y = xp.zeros(x.shape, dtype=dtype)
    for i in range(p.shape[0]):
        y = y * x + p[i]
    return y


def _aligned(a, b):
    a, b = _vector(a), _vector(b)
    dtype = xp.result_type(a, b)
    n = max(a.shape[0], b.shape[0])
    pad = lambda p: xp.concat([xp.zeros((n - p.shape[0],), dtype=dtype), xp.astype(p, dtype)])  # noqa: E731
    return pad(a), pad(b)


def _like(out, *sources):
    return poly1d(out) if any(isinstance(s, poly1d) for s in sources) else out


def polyadd(a, b, /):
    """The sum of two polynomials."""
    return _like(xp.add(*_aligned(a, b)), a, b)


def polysub(a, b, /):
    """The difference of two polynomials."""
    return _like(xp.subtract(*_aligned(a, b)), a, b)


def polymul(a, b, /):
    """The product of two polynomials."""
    return _like(xp.convolve(_trimmed(_vector(a)), _trimmed(_vector(b))), a, b)


def _trimmed(p):
    (where,) = xp.nonzero(p)
    return p[int(where[0]) :] if where.size else p[-1:]


def polydiv(u, v, /):
    """Quotient and remainder of a division of polynomials."""
    a, b = as_float(_vector(u)), as_float(_vector(v))
    dtype = xp.result_type(a, b)
    a, b = xp.asarray(xp.astype(a, dtype), copy=True), xp.astype(b, dtype)
    m, n = a.shape[0] - 1, b.shape[0] - 1
    scale = 1.0 / b[0]
    q = xp.zeros((max(m - n + 1, 1),), dtype=dtype)
    for k in range(m - n + 1):
        d = scale * a[k]
        q[k] = d
        a[k : k + n + 1] = a[k : k + n + 1] - d * b
    while a.shape[0] > 1 and abs(complex(a[0])) <= 1e-14 * 1.0 and xp.allclose(a[0], 0.0, 1e-14):
        a = a[1:]
    return _like(q, u, v), _like(a, u, v)


def polyder(p, /, m=1):
    """The `m`-th derivative."""
    if m < 0:
        raise ValueError("polyder: the order must not be negative")
    out = _vector(p)
    for _ in range(m):
        n = out.shape[0] - 1
        out = out[:-1] * xp.arange(n, 0, -1, dtype=out.dtype) if n > 0 else out[:0]
    return _like(out, p)


def polyint(p, /, m=1, k=None):
    """The `m`-th integral; `k` are the constants, the first one for the first integration."""
    if m < 0:
        raise ValueError("polyint: the order must not be negative")
    constants = [0.0] * m if k is None else list(xp.tolist(_vector(k)))
    if len(constants) == 1 and m > 1:
        constants = constants * m
    if len(constants) < m:
        raise ValueError(f"polyint: {len(constants)} constants for {m} integrations")
    out = _vector(p)
    for i in range(m):
        out = as_float(out)
        n = out.shape[0]
        out = xp.concat([out / xp.arange(n, 0, -1, dtype=out.dtype), xp.asarray([constants[i]], dtype=out.dtype)])
    return _like(out, p)


def polyfit(x, y, deg, /, rcond=None, full=False, w=None, cov=False):
    """The polynomial of degree `deg` that fits points in the least-squares sense; `y` may hold several columns."""
    x, y = as_float(x), as_float(y)
    order = int(deg) + 1
    if order < 1:
        raise ValueError("polyfit: the degree must not be negative")
    if x.ndim != 1 or x.size == 0 or y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise TypeError(f"polyfit: expected vectors of one length, got shapes {tuple(x.shape)} and {tuple(y.shape)}")
    rcond = x.shape[0] * float(xp.finfo(x.dtype).eps) if rcond is None else rcond
    left, right = xp.vander(x, order), y
    if w is not None:
        w = as_float(w)
        if w.ndim != 1 or w.shape[0] != x.shape[0]:
            raise TypeError("polyfit: the weights must be a vector as long as the points")
        left = left * xp.reshape(w, (-1, 1))
        right = right * (w if right.ndim == 1 else xp.reshape(w, (-1, 1)))
    scale = xp.sqrt(xp.sum(left * left, axis=0))
    solution, residuals, rank, s = xp.linalg.lstsq(left / scale, right, rcond)
    solution = solution / (scale if solution.ndim == 1 else xp.reshape(scale, (-1, 1)))
    if full:
        return solution, residuals, rank, s, rcond
    if not cov:
        return solution
    base = xp.linalg.inv(xp.matmul(xp.matrix_transpose(left), left))
    if cov == "unscaled":
        factor = 1.0
    else:
        if x.shape[0] <= order:
            raise ValueError("polyfit: the covariance needs more points than coefficients")
        factor = residuals / (x.shape[0] - order)
    if y.ndim == 1:
        return solution, base * factor
    return solution, xp.expand_dims(base, axis=-1) * factor


class poly1d:
    """A polynomial that can be called, added, multiplied, divided, differentiated and integrated."""

    __hash__ = None

    def __init__(self, c_or_r, r=False, variable=None):
        if isinstance(c_or_r, poly1d):
            self.variable, self.coeffs = c_or_r.variable, c_or_r.coeffs
        else:
            c = poly(c_or_r) if r else _trimmed(_vector(c_or_r))
            self.coeffs = xp.asarray(c, copy=True)
            self.variable = "x"
        if variable is not None:
            self.variable = variable

    c = coef = coefficients = property(lambda self: self.coeffs)
    order = o = property(lambda self: self.coeffs.shape[0] - 1)
    roots = r = property(lambda self: roots(self.coeffs))

    def __call__(self, value):
        return polyval(self.coeffs, value)

    def __neg__(self):
        return poly1d(-self.coeffs)

    def __pos__(self):
        return self

    def __add__(self, other):
        return poly1d(polyadd(self.coeffs, poly1d(other).coeffs))

    __radd__ = __add__

    def __sub__(self, other):
        return poly1d(polysub(self.coeffs, poly1d(other).coeffs))

    def __rsub__(self, other):
        return poly1d(polysub(poly1d(other).coeffs, self.coeffs))

    def __mul__(self, other):
        return poly1d(polymul(self.coeffs, poly1d(other).coeffs))

    __rmul__ = __mul__

    def __pow__(self, n):
        if int(n) != n or n < 0:
            raise ValueError("poly1d: the power must be a non-negative integer")
        out = poly1d([1])
        for _ in range(int(n)):
            out = out * self
        return out

    def __truediv__(self, other):
        if isinstance(other, poly1d):
            return polydiv(self, other)
        return poly1d(self.coeffs / other)

    def __eq__(self, other):
        other = poly1d(other).coeffs
        return tuple(other.shape) == tuple(self.coeffs.shape) and bool(xp.all(xp.equal(self.coeffs, other)))

    def __len__(self):
        return self.order

    def __iter__(self):
        return iter(self.coeffs)

    def __getitem__(self, power):
        n = self.order
        return self.coeffs[n - power] if 0 <= power <= n else self.coeffs.dtype.type(0)

    def __setitem__(self, power, value):
        n = self.order
        if power < 0:
            raise ValueError("poly1d: powers are not negative")
        if power > n:
            self.coeffs = xp.concat([xp.zeros((power - n,), dtype=self.coeffs.dtype), self.coeffs])
            n = power
        self.coeffs[n - power] = value

    def deriv(self, m=1):
        """The `m`-th derivative."""
        return poly1d(polyder(self.coeffs, m))

    def integ(self, m=1, k=0):
        """The `m`-th integral."""
        return poly1d(polyint(self.coeffs, m, k))

    def __repr__(self):
        return f"poly1d({xp.tolist(self.coeffs)})"

    def __str__(self):
        terms = []
        for i, c in enumerate(xp.tolist(self.coeffs)):
            power = self.order - i
            if c == 0 and self.order:
                continue
            body = f"{abs(c):.4g}" if not isinstance(c, complex) else f"({c:.4g})"
            if power and body == "1":
                body = ""
            if power:
                body = f"{body} {self.variable}".strip() + (f"^{power}" if power > 1 else "")
            negative = not isinstance(c, complex) and math.copysign(1.0, c) < 0
            sign = "-" if negative else "+"
            terms.append(f"{sign} {body}" if terms else ("-" if negative else "") + body)
        return " ".join(terms) or "0"
