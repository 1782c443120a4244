"""`RandomState`: NumPy's legacy random numbers, frozen since NumPy 1.16."""

import warnings

from purify import _native
from purify import ops as xp

from ._bit_generators import MT19937, BitGenerator
from ._generator import check_covariance
from ._sequences import is_integer, numeric, pick, reorder


class RandomState:
    """Random numbers with the streams of `numpy.random.RandomState`.

    `seed` is an integer below 2**32, a sequence of them, a bit generator, or None for fresh entropy of the operating system.
    """

    _poisson_lam_max = 9.223372006484771e18

    def __init__(self, seed=None):
        if isinstance(seed, BitGenerator):
            self._initialize(seed)
            return
        bit_generator = MT19937()
        if seed is not None:
            bit_generator._legacy_seeding(seed)
        self._initialize(bit_generator)

    def _initialize(self, bit_generator):
        if not isinstance(bit_generator, BitGenerator):
            raise ValueError("Invalid bit generator. The bit generator must be instantiated.")
        self._bit_generator = bit_generator
        self._source = bit_generator._stream
        self._legacy = _native._LegacyStream(self._source)

    @property
    def _stream(self):
        # Reseeding gives the bit generator a new stream, also when another RandomState shares it.
        if self._bit_generator._stream is not self._source:
            self._initialize(self._bit_generator)
        return self._legacy

    def __repr__(self):
        return f"{self} at 0x{id(self):X}"

    def __str__(self):
        return f"{type(self).__name__}({type(self._bit_generator).__name__})"

    def __reduce__(self):
        return type(self), (self._bit_generator,), self.get_state(legacy=False)

    def __getstate__(self):
        return self.get_state(legacy=False)

    def __setstate__(self, state):
        self.set_state(state)

    def seed(self, seed=None):
        """Starts the stream of `seed`."""
        if not isinstance(self._bit_generator, MT19937):
            raise TypeError("can only re-seed a MT19937 BitGenerator")
        self._bit_generator._legacy_seeding(seed)
        self._initialize(self._bit_generator)

    def get_state(self, legacy=True):
        """The state: a tuple `("MT19937", key, pos, has_gauss, cached_gaussian)`, or a dict when `legacy` is false."""
        state = self._bit_generator.state
        gauss = self._stream.gauss
        state["has_gauss"], state["gauss"] = int(gauss is not None), gauss or 0.0
        if not legacy:
            return state
        if state["bit_generator"] != "MT19937":
            warnings.warn(
                "get_state and legacy can only be used with the MT19937 BitGenerator. To silence this warning, set `legacy` to False.",
                RuntimeWarning,
                stacklevel=2,
            )
            return state
        return state["bit_generator"], state["state"]["key"], state["state"]["pos"], state["has_gauss"], state["gauss"]

    def set_state(self, state):
        """Sets what `get_state` gives."""
        if isinstance(state, dict):
            if "bit_generator" not in state or "state" not in state:
                raise ValueError("state dictionary is not valid.")
        elif isinstance(state, (tuple, list)):
            if state[0] != "MT19937":
                raise ValueError("set_state can only be used with legacy MT19937 state instances.")
            fields = {"bit_generator": state[0], "state": {"key": state[1], "pos": state[2]}}
            if len(state) > 3:
                fields["has_gauss"], fields["gauss"] = state[3], state[4]
            state = fields
        else:
            raise TypeError("state must be a dict or a tuple.")
        self._bit_generator.state = state
        self._stream.set_gauss(float(state.get("gauss", 0.0)) if state.get("has_gauss", 0) else None)

    # ---- uniform and integers -----------------------------------------------------------------

    def random_sample(self, size=None):
        """Uniform numbers in [0, 1)."""
        return self._stream.random_sample(size)

    def random(self, size=None):
        """Uniform numbers in [0, 1)."""
        return self._stream.random_sample(size)

    def rand(self, *args):
        """Uniform numbers in [0, 1) of shape `args`."""
        return self._stream.random_sample(args or None)

    def randn(self, *args):
        """Standard normal numbers of shape `args`."""
        return self._stream.standard_normal(args or None)

    def uniform(self, low=0.0, high=1.0, size=None):
        """Uniform numbers between `low` and `high`."""
        return self._stream.draw("uniform", size, (low, high))

    def randint(self, low, high=None, size=None, dtype=int):
        """Integers in [low, high), or in [0, low) when `high` is left out."""
        if high is None:
            low, high = 0, low
        out = self._stream.randint(size, low, high, dtype)
        return bool(out) if dtype is bool and size is None and not getattr(out, "shape", ()) else out

    def random_integers(self, low, high=None, size=None):
        """Integers in [low, high], or in [1, low]; `randint` is preferred."""
        if high is None:
            low, high = 1, low
        message = f"This function is deprecated. Please call randint({low}, {high} + 1) instead"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return self.randint(low, int(high) + 1, size=size)

    def tomaxint(self, size=None):
        """Integers in [0, 2**63)."""
        return self._stream.tomaxint(size)

    def bytes(self, length):
        """Random bytes."""
        return self._bit_generator._stream.bytes(length)

    # ---- choices and permutations -------------------------------------------------------------

    def choice(self, a, size=None, replace=True, p=None):
        """Draws from `range(a)` or from the items of the vector `a`, with or without replacement, weighted by `p`."""
        if is_integer(a):
            a = int(a)
            if a < 0:
                raise ValueError("a must be greater than 0 unless no samples are taken")
            return self._stream.choice(size, a, replace, p)
        array = numeric(a)
        if array is None:
            if isinstance(a, (str, bytes)) or not hasattr(a, "__len__"):
                raise ValueError("a must be 1-dimensional or an integer")
            items = list(a)
            return pick(items, self._stream.choice(size, len(items), replace, p))
        return self._stream.choice_of(size, array, replace, p)

    def permutation(self, x):
        """A shuffled copy of `x` along the first axis, or the integers below `x` in random order."""
        stream = self._bit_generator._stream
        if is_integer(x):
            return stream.permutation_of(max(int(x), 0))
        array = numeric(x)
        if array is None:
            items = list(x)
            return xp.asarray([items[i] for i in stream.order(len(items))])
        if array.ndim < 1:
            raise IndexError("x must be an integer or at least 1-dimensional")
        return stream.permutation(array, 0)

    def shuffle(self, x):
        """Shuffles an array along the first axis, or a mutable sequence, in place."""
        stream = self._bit_generator._stream
        if issubclass(type(x), xp.Tensor):
            return stream.shuffle(x, 0)
        reorder(x, stream.order(len(x)))

    # ---- continuous distributions -------------------------------------------------------------

    def standard_normal(self, size=None):
        """Normal numbers of mean 0 and standard deviation 1."""
        return self._stream.standard_normal(size)

    def normal(self, loc=0.0, scale=1.0, size=None):
        """Normal numbers of mean `loc` and standard deviation `scale`."""
        return self._stream.draw("normal", size, (loc, scale))

    def standard_exponential(self, size=None):
        """Exponential numbers of mean 1."""
        return self._stream.draw("standard_exponential", size, ())

    def exponential(self, scale=1.0, size=None):
        """Exponential numbers of mean `scale`."""
        return self._stream.draw("exponential", size, (scale,))

    def standard_gamma(self, shape, size=None):
        """Gamma numbers of scale 1."""
        return self._stream.draw("standard_gamma", size, (shape,))

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

    # ---- discrete distributions and vectors ---------------------------------------------------

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

    def multinomial(self, n, pvals, size=None):
        """Counts of the categories in `n` trials, int64 of shape `size + (categories,)`."""
        return self._stream.multinomial(size, n, pvals)

    def dirichlet(self, alpha, size=None):
        """Points of the simplex, of shape `size + (len(alpha),)`."""
        return self._stream.dirichlet(size, alpha)

    def multivariate_normal(self, mean, cov, size=None, check_valid="warn", tol=1e-8):
        """Normal vectors of the given mean and covariance; see `Generator.multivariate_normal` for the signs."""
        out, valid = self._stream.multivariate_normal(size, mean, cov, tol)
        check_covariance(valid, check_valid)
        return out
