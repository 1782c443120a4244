"""`Generator` and `default_rng`: NumPy's current random numbers."""

import warnings

from purify import ops as xp

from ._bit_generators import PCG64, BitGenerator
from ._sequences import into, is_integer, numeric, pick, reorder


class Generator:
    """Random numbers over a bit generator, with the streams of `numpy.random.Generator`.

    Parameters are numbers or arrays that broadcast; `size` is None, a length or a tuple of lengths. Without a size, number
    parameters give a Python number and array parameters an array of their broadcast shape.
    """

    _poisson_lam_max = 9.223372006484771e18

    def __init__(self, bit_generator):
        if not isinstance(bit_generator, BitGenerator):
            raise ValueError("Invalid bit generator. The bit generator must be instantiated.")
        self._bit_generator = bit_generator

    @property
    def bit_generator(self):
        """The bit generator that words are drawn from."""
        return self._bit_generator

    @property
    def _stream(self):
        return self._bit_generator._stream

    def __repr__(self):
        return f"{self} at 0x{id(self):X}"

    def __str__(self):
        return f"{type(self).__name__}({type(self._bit_generator).__name__})"

    def __reduce__(self):
        return type(self), (self._bit_generator,)

    def spawn(self, n_children):
        """A list of generators with independent streams."""
        return [type(self)(child) for child in self._bit_generator.spawn(n_children)]

    # ---- uniform and integers -----------------------------------------------------------------

    def random(self, size=None, dtype="float64", out=None):
        """Uniform numbers in [0, 1), float64 or float32."""
        return into(out, size, lambda shape: self._stream.random(shape, dtype))

    def uniform(self, low=0.0, high=1.0, size=None):
        """Uniform numbers in [low, high)."""
        return self._stream.draw("uniform", size, (low, high))

    def integers(self, low, high=None, size=None, dtype="int64", endpoint=False):
        """Integers in [low, high), or [low, high] with `endpoint`; in [0, low) when `high` is left out."""
        if high is None:
            low, high = 0, low
        out = self._stream.integers(size, low, high, dtype, endpoint)
        return bool(out) if dtype is bool and size is None and not getattr(out, "shape", ()) else out

    def bytes(self, length):
        """Random bytes."""
        return self._stream.bytes(length)

    # ---- choices and permutations -------------------------------------------------------------

    def choice(self, a, size=None, replace=True, p=None, axis=0, shuffle=True):
        """Draws from `range(a)` or from the items of `a` along `axis`, with or without replacement, weighted by `p`."""
        if is_integer(a):
            a = int(a)
            if a < 0:
                raise ValueError("a must be a positive integer unless no samples are taken")
            return self._stream.choice(size, a, replace, p, shuffle)
        array = numeric(a)
        if array is None:
            if isinstance(a, (str, bytes)) or not hasattr(a, "__len__"):
                raise ValueError(f"a must be a sequence or an integer, not {type(a)}")
            items = list(a)
            return pick(items, self._stream.choice(size, len(items), replace, p, shuffle))
        if array.ndim == 0:
            raise ValueError(f"a must be a sequence or an integer, not {type(a)}")
        return self._stream.choice_of(size, array, replace, p, axis, shuffle)

    def permutation(self, x, axis=0):
        """A shuffled copy of `x` along `axis`, or the integers below `x` in random order."""
        if is_integer(x):
            return self._stream.permutation_of(max(int(x), 0))
        array = numeric(x)
        if array is None:
            items = list(x)
            return xp.asarray([items[i] for i in self._stream.order(len(items))])
        return self._stream.permutation(array, axis)

    def permuted(self, x, *, axis=None, out=None):
        """A copy of `x` with every line along `axis` shuffled by itself; with no axis, all elements."""
        result = self._stream.permuted(xp.asarray(x), axis)
        if out is None:
            return result
        if tuple(out.shape) != tuple(result.shape):
            raise ValueError("out must have the same shape as x")
        out[...] = result
        return out

    def shuffle(self, x, axis=0):
        """Shuffles an array along `axis`, or a mutable sequence, in place."""
        if issubclass(type(x), xp.Tensor):
            return self._stream.shuffle(x, axis)
        if hasattr(x, "shape"):
            x = x.swapaxes(0, axis) if axis else x
        elif axis:
            raise NotImplementedError("Axis argument is only supported on arrays")
        reorder(x, self._stream.order(len(x)))

    # ---- continuous distributions -------------------------------------------------------------

    def standard_normal(self, size=None, dtype="float64", out=None):
        """Normal numbers of mean 0 and standard deviation 1, float64 or float32."""
        return into(out, size, lambda shape: self._stream.standard_normal(shape, dtype))

    def normal(self, loc=0.0, scale=1.0, size=None):
        """Normal numbers of mean `loc` and standard deviation `scale`."""
        return self._stream.draw("normal", size, (loc, scale))

    def standard_exponential(self, size=None, dtype="float64", method="zig", out=None):
        """Exponential numbers of mean 1 by the ziggurat ("zig") or by inversion ("inv")."""
        return into(out, size, lambda shape: self._stream.standard_exponential(shape, dtype, method != "zig"))

    def exponential(self, scale=1.0, size=None):
        """Exponential numbers of mean `scale`."""
        return self._stream.draw("exponential", size, (scale,))

    def standard_gamma(self, shape, size=None, dtype="float64", out=None):
        """Gamma numbers of scale 1, float64 or float32."""
        return into(out, size, lambda lengths: self._stream.standard_gamma(lengths, shape, dtype))

    def gamma(self, shape, scale=1.0, size=None):
        """Gamma numbers."""
        return self._stream.draw("gamma", size, (shape, scale))

    def beta(self, a, b, size=None):
        """Beta numbers on [0, 1]."""
        return self._stream.draw("beta", size, (a, b))

    def f(self, dfnum, dfden, size=None):
        """Numbers of Fisher's F distribution."""
        return self._stream.draw("f", size, (dfnum, dfden))

    def noncentral_f(self, dfnum, dfden, nonc, size=None):
        """Numbers of the noncentral F distribution."""
        return self._stream.draw("noncentral_f", size, (dfnum, dfden, nonc))

    def chisquare(self, df, size=None):
        """Chi-square numbers."""
        return self._stream.draw("chisquare", size, (df,))

    def noncentral_chisquare(self, df, nonc, size=None):
        """Noncentral chi-square numbers."""
        return self._stream.draw("noncentral_chisquare", size, (df, nonc))

    def standard_cauchy(self, size=None):
        """Cauchy numbers."""
        return self._stream.draw("standard_cauchy", size, ())

    def standard_t(self, df, size=None):
        """Numbers of Student's t distribution."""
        return self._stream.draw("standard_t", size, (df,))

    def vonmises(self, mu, kappa, size=None):
        """Angles of the von Mises distribution in [-pi, pi]."""
        return self._stream.draw("vonmises", size, (mu, kappa))

    def pareto(self, a, size=None):
        """Numbers of the Pareto II (Lomax) distribution."""
        return self._stream.draw("pareto", size, (a,))

    def weibull(self, a, size=None):
        """Weibull numbers of scale 1."""
        return self._stream.draw("weibull", size, (a,))

    def power(self, a, size=None):
        """Numbers on [0, 1] of density `a x**(a-1)`."""
        return self._stream.draw("power", size, (a,))

    def laplace(self, loc=0.0, scale=1.0, size=None):
        """Laplace numbers."""
        return self._stream.draw("laplace", size, (loc, scale))

    def gumbel(self, loc=0.0, scale=1.0, size=None):
        """Gumbel numbers."""
        return self._stream.draw("gumbel", size, (loc, scale))

    def logistic(self, loc=0.0, scale=1.0, size=None):
        """Logistic numbers."""
        return self._stream.draw("logistic", size, (loc, scale))

    def lognormal(self, mean=0.0, sigma=1.0, size=None):
        """Exponentials of normal numbers."""
        return self._stream.draw("lognormal", size, (mean, sigma))

    def rayleigh(self, scale=1.0, size=None):
        """Rayleigh numbers."""
        return self._stream.draw("rayleigh", size, (scale,))

    def wald(self, mean, scale, size=None):
        """Numbers of the Wald (inverse Gaussian) distribution."""
        return self._stream.draw("wald", size, (mean, scale))

    def triangular(self, left, mode, right, size=None):
        """Triangular numbers on [left, right]."""
        return self._stream.draw("triangular", size, (left, mode, right))

    # ---- discrete distributions ---------------------------------------------------------------

    def binomial(self, n, p, size=None):
        """Successes in `n` trials, int64."""
        return self._stream.binomial(size, n, p)

    def negative_binomial(self, n, p, size=None):
        """Failures before the `n`-th success, int64."""
        return self._stream.draw("negative_binomial", size, (n, p))

    def poisson(self, lam=1.0, size=None):
        """Poisson numbers, int64."""
        return self._stream.draw("poisson", size, (lam,))

    def zipf(self, a, size=None):
        """Zipf numbers, int64."""
        return self._stream.draw("zipf", size, (a,))

    def geometric(self, p, size=None):
        """Trials up to the first success, int64."""
        return self._stream.draw("geometric", size, (p,))

    def hypergeometric(self, ngood, nbad, nsample, size=None):
        """Good items among `nsample` drawn without replacement, int64."""
        return self._stream.hypergeometric(size, ngood, nbad, nsample)

    def logseries(self, p, size=None):
        """Numbers of the logarithmic series distribution, int64."""
        return self._stream.draw("logseries", size, (p,))

    # ---- vectors ------------------------------------------------------------------------------

    def multinomial(self, n, pvals, size=None):
        """Counts of the categories in `n` trials, int64 of shape `size + (categories,)`."""
        return self._stream.multinomial(size, n, pvals)

    def multivariate_hypergeometric(self, colors, nsample, size=None, method="marginals"):
        """Items of each color among `nsample` drawn without replacement, int64."""
        if method not in ("count", "marginals"):
            raise ValueError('method must be "count" or "marginals".')
        return self._stream.multivariate_hypergeometric(size, colors, nsample, method == "count")

    def dirichlet(self, alpha, size=None):
        """Points of the simplex, of shape `size + (len(alpha),)`."""
        return self._stream.dirichlet(size, alpha)

    def multivariate_normal(self, mean, cov, size=None, check_valid="warn", tol=1e-8, *, method="svd"):
        """Normal vectors of the given mean and covariance, of shape `size + (n,)`.

        Draws agree with NumPy's up to rounding for `method="cholesky"`, and for "svd" up to order 25 unless singular values coincide.
        The vectors of "eigh" and of larger matrices are unique up to sign, so draws there may differ in the sign of components.
        """
        out, valid = self._stream.multivariate_normal(size, mean, cov, method, tol)
        check_covariance(valid or method == "cholesky", check_valid)
        return out


def check_covariance(valid, check_valid):
    """Warns or raises as `multivariate_normal` was told to."""
    if check_valid not in ("warn", "raise", "ignore"):
        raise ValueError("check_valid must equal 'warn', 'raise', or 'ignore'")
    if valid or check_valid == "ignore":
        return
    message = "covariance is not symmetric positive-semidefinite."
    if check_valid == "raise":
        raise ValueError(message)
    warnings.warn(message, RuntimeWarning, stacklevel=3)


def default_rng(seed=None):
    """A `Generator` over PCG64 seeded by an integer, a sequence of them, a `SeedSequence` or (None) the operating system.

    A bit generator is wrapped and a `Generator` passes through.
    """
    if isinstance(seed, Generator):
        return seed
    if isinstance(seed, BitGenerator):
        return Generator(seed)
    if hasattr(seed, "_bit_generator"):
        return Generator(seed._bit_generator)
    return Generator(PCG64(seed))
