"""`Rational`: exact fractions of any size, the rational part of Q(phi)."""

from fractions import Fraction

from purify._native._resonant import GoldenExact


class Rational(Fraction):
    """A `fractions.Fraction` under the names of the original library. Mixes with GoldenExact exactly."""

    __slots__ = ()

    def recip(self):
        """1/x; ZeroDivisionError for zero."""
        return Rational(1, 1) / self

    def floor(self):
        """The largest integer that is not greater."""
        return self.__floor__()

    def ceil(self):
        """The smallest integer that is not less."""
        return self.__ceil__()

    def eval(self):
        """The nearest double."""
        return float(self)

    @staticmethod
    def from_f64_approx(x, max_denom):
        """The last convergent of the continued fraction of `x` with a denominator up to `max_denom`."""
        return Rational(*GoldenExact.last_convergent(x, max_denom).rational_coefficient)

    @staticmethod
    def nearest(x, max_denom):
        """The fraction nearest to `x` with a denominator up to `max_denom`: not always a convergent."""
        return Rational(*GoldenExact.nearest_rational(x, max_denom).rational_coefficient)


def _same_kind(name):
    operation = getattr(Fraction, name)

    def method(self, *others):
        result = operation(self, *others)
        return Rational(result) if type(result) is Fraction else result

    method.__name__, method.__doc__ = name, operation.__doc__
    return method


for _name in "add radd sub rsub mul rmul truediv rtruediv neg pos abs pow".split():
    setattr(Rational, f"__{_name}__", _same_kind(f"__{_name}__"))
