"""Random numbers with NumPy's streams, bit for bit.

`default_rng` and `Generator` give what `numpy.random.default_rng` of NumPy 2.4 gives for the same seed; `RandomState` and the
functions of this module (`seed`, `rand`, `randn`, ...) give the frozen legacy streams. Only `multivariate_normal` depends on a
matrix factorisation and agrees up to rounding (see its docstring for the cases in which signs may differ).
"""

from ._bit_generators import MT19937, PCG64, PCG64DXSM, SFC64, BitGenerator, Philox, SeedSequence
from ._generator import Generator, default_rng
from ._random_state import RandomState

_rand = RandomState()

beta = _rand.beta
binomial = _rand.binomial
bytes = _rand.bytes
chisquare = _rand.chisquare
choice = _rand.choice
dirichlet = _rand.dirichlet
exponential = _rand.exponential
f = _rand.f
gamma = _rand.gamma
geometric = _rand.geometric
get_state = _rand.get_state
gumbel = _rand.gumbel
hypergeometric = _rand.hypergeometric
laplace = _rand.laplace
logistic = _rand.logistic
lognormal = _rand.lognormal
logseries = _rand.logseries
multinomial = _rand.multinomial
multivariate_normal = _rand.multivariate_normal
negative_binomial = _rand.negative_binomial
noncentral_chisquare = _rand.noncentral_chisquare
noncentral_f = _rand.noncentral_f
normal = _rand.normal
pareto = _rand.pareto
permutation = _rand.permutation
poisson = _rand.poisson
power = _rand.power
rand = _rand.rand
randint = _rand.randint
randn = _rand.randn
random = _rand.random
random_integers = _rand.random_integers
random_sample = _rand.random_sample
ranf = _rand.random_sample
rayleigh = _rand.rayleigh
sample = _rand.random_sample
seed = _rand.seed
set_state = _rand.set_state
shuffle = _rand.shuffle
standard_cauchy = _rand.standard_cauchy
standard_exponential = _rand.standard_exponential
standard_gamma = _rand.standard_gamma
standard_normal = _rand.standard_normal
standard_t = _rand.standard_t
triangular = _rand.triangular
uniform = _rand.uniform
vonmises = _rand.vonmises
wald = _rand.wald
weibull = _rand.weibull
zipf = _rand.zipf


def get_bit_generator():
    """The bit generator behind the functions of this module."""
    return _rand._bit_generator


def set_bit_generator(bitgen):
    """Puts another bit generator behind the functions of this module."""
    _rand._initialize(bitgen)


__all__ = [_name for _name in globals() if not _name.startswith("_")]
