"""GoldenExact and Rational against Python's own integers and fractions."""

import copy
import math
import pickle
import random
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest

from purify import resonant as rs
from purify.resonant import GoldenExact, Rational


class Model:
    """p + q*sqrt(5) with Fractions."""

    def __init__(self, p, q):
        self.p, self.q = Fraction(p), Fraction(q)

    @classmethod
    def of(cls, a, b):
        return cls(Fraction(a) + Fraction(b) / 2, Fraction(b) / 2)

    def __add__(self, o):
        return Model(self.p + o.p, self.q + o.q)

    def __sub__(self, o):
        return Model(self.p - o.p, self.q - o.q)

    def __mul__(self, o):
        return Model(self.p * o.p + 5 * self.q * o.q, self.p * o.q + self.q * o.p)

    def __truediv__(self, o):
        n = o.p * o.p - 5 * o.q * o.q
        return self * Model(o.p / n, -o.q / n)

    def parts(self):
        return self.p - self.q, 2 * self.q


def parts(g):
    return Fraction(*g.rational_coefficient), Fraction(*g.phi_coefficient)


def value(a, b):
    getcontext().prec = 250
    phi = (1 + Decimal(5).sqrt()) / 2
    return Decimal(a.numerator) / a.denominator + Decimal(b.numerator) / b.denominator * phi


def test_two_thousand_chained_expressions_agree_with_fractions():
    rng = random.Random(1)
    for _ in range(2000):
        a, b = Fraction(rng.randint(-99, 99), rng.randint(1, 9)), Fraction(rng.randint(-99, 99), rng.randint(1, 9))
        g, m = GoldenExact(a.numerator, a.denominator, b.numerator, b.denominator), Model.of(a, b)
        for _ in range(12):
            a, b = Fraction(rng.randint(-9, 9), rng.randint(1, 5)), Fraction(rng.randint(-9, 9), rng.randint(1, 5))
            h, n = GoldenExact(a.numerator, a.denominator, b.numerator, b.denominator), Model.of(a, b)
            op = rng.choice("+-**/")
            if op == "/" and not h:
                with pytest.raises(ZeroDivisionError):
                    g / h
                continue
            g, m = {"+": (g + h, m + n), "-": (g - h, m - n), "*": (g * h, m * n)}.get(op) or (g / h, m / n)
        assert parts(g) == m.parts()
        exact = value(*m.parts())
        assert g.sign() == (exact > 0) - (exact < 0)
        assert g.to_float() == float(exact)
        assert math.floor(g) == math.floor(exact) and math.ceil(g) == math.ceil(exact)


def test_names_of_the_original_and_their_values():
    phi = GoldenExact.golden_ratio()
    assert phi * phi == GoldenExact.golden_squared() == phi + 1
    assert phi * GoldenExact.coherence_parameter() == 1
    assert GoldenExact.root_five() ** 2 == 5
    x = GoldenExact(1, 2, -3, 4)
    assert x.conjugate() == x.galois_conjugate() and x.conjugate().conjugate() == x
    assert x.norm() == x * x.conjugate() and x.field_trace() == x + x.conjugate()
    assert x.reciprocal() * x == 1 and x.power(-3) * x.power(3) == 1
    assert (x.rational_coefficient, x.phi_coefficient) == ((1, 2), (-3, 4))
    assert GoldenExact.from_integers(2, 0).is_purely_rational() and phi.is_purely_golden()
    assert x.error_from(0.25) == abs(float(x - Fraction(1, 4)))
    assert GoldenExact.phi_to_power(-60).eval() == 2.8889603743499084e-13
    assert GoldenExact.phi_to_power(93).phi_coefficient == (12200160415121876738, 1)
    for n in range(-50, 50):
        assert GoldenExact.phi_to_power(n) == phi.power(n)


def test_numbers_mix_compare_and_hash_with_python_numbers():
    x = GoldenExact(1, 2)
    assert x == Fraction(1, 2) == x and hash(x) == hash(Fraction(1, 2)) == hash(0.5)
    assert 1 + x == Fraction(3, 2) and 1 - x == x and 2 * x == 1 and 1 / x == 2 and Rational(1, 2) * x == Fraction(1, 4)
    phi = GoldenExact.golden_ratio()
    assert 1 < phi < 2 and phi > 1.618033988749894 and phi < math.inf and not phi == math.nan
    assert sorted([phi, 1, 2, -phi]) == [-phi, 1, phi, 2]
    assert {phi: "a"}[GoldenExact(0, 1, 1, 1)] == "a"
    assert not phi == "phi" and phi != None  # noqa: E711 - the comparison is the point
    assert float(phi) == rs.PHI and int(phi) == 1 and round(GoldenExact(5, 2)) == 2 and abs(-phi) == phi
    assert copy.copy(phi) == phi == pickle.loads(pickle.dumps(phi))
    long = phi ** 4000
    assert pickle.loads(pickle.dumps(long)) == long and eval(repr(long)) == long
    assert str(GoldenExact(1, 4, -3, 2)) == "1/4 - 3/2*phi"
    with pytest.raises(TypeError):
        phi + "1"
    with pytest.raises(ZeroDivisionError):
        GoldenExact(1, 0)
    with pytest.raises(ZeroDivisionError):
        phi / 0


def brute(x, p):
    """The best (error, |value|, a, b), decided with fractions of sqrt(5) good to 60 digits."""
    getcontext().prec = 60
    phi, target = (1 + Decimal(5).sqrt()) / 2, Decimal(x)
    points = ((abs(a + b * phi - target), abs(a + b * phi), a, b) for b in range(-p, p + 1) for a in range(-p, p + 1))
    return min(points)[2:]


@pytest.mark.parametrize("p", [1, 2, 3, 5, 9, 16])
def test_snapping_finds_the_optimum(p):
    rng = random.Random(p)
    for _ in range(25):
        x = rng.uniform(-p / 2, p / 2)
        g = GoldenExact.nearest(x, p)
        assert (g.rational_coefficient[0], g.phi_coefficient[0]) == brute(x, p)


def test_snapping_keeps_its_bound_and_refuses_what_it_cannot_take():
    rng = random.Random(3)
    for p in (32, 100, 1000, 2001, 10**5, 10**9):
        bound = rs.snap_error_bound(p)
        lattice, residuals = GoldenExact.snap([rng.uniform(-1, 1) for _ in range(200)], p)
        assert max(map(abs, residuals)) <= bound * (1 + 1e-12) and all(g.is_integral() for g in lattice)
    assert rs.resolution(100) == pytest.approx(0.0081306, rel=1e-4)
    assert GoldenExact.nearest(0.5, 100) == GoldenExact(28, 1, -17, 1)
    assert GoldenExact.nearest(1e300, 100) == int(1e300)
    for bad in (0, -1, 2**53):
        with pytest.raises(ValueError):
            GoldenExact.nearest(0.5, bad)
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError):
            GoldenExact.nearest(bad, 100)


def test_rationals_have_any_size_and_never_wrap():
    x = Rational(1, 3)
    assert type(x + 1) is Rational and (x * 10**40).numerator == 10**40
    assert (x.recip(), x.floor(), x.ceil(), x.eval()) == (3, 0, 1, 1 / 3)
    assert Rational.from_f64_approx(math.pi, 100) == Fraction(22, 7)
    assert Rational.nearest(math.pi, 100) == Fraction(311, 99)
    with pytest.raises(ZeroDivisionError):
        Rational(1, 0)
    with pytest.raises(ZeroDivisionError):
        Rational(0, 1).recip()


def test_constants_to_fifty_digits():
    getcontext().prec = 60
    phi = (1 + Decimal(5).sqrt()) / 2
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582")
    e_star = (pi.exp() - pi)
    q = (2 * phi + Decimal(1).exp() / (2 * phi**2)) / (phi**4 * e_star)
    for name, exact in [
        ("PHI", phi), ("PHI_INV", 1 / phi), ("PHI_SQUARED", phi**2), ("PHI_INV_SQUARED", phi**-2), ("PHI_INV_CUBED", phi**-3),
        ("SQRT5", Decimal(5).sqrt()), ("E_STAR", e_star),
    ]:
        assert getattr(rs, name) == pytest.approx(float(exact), rel=3e-16), name
    assert abs(rs.Q_DEFICIT - float(q)) < 1e-11
    assert rs.STRUCTURE["E8_dim"] == 248 and rs.golden_weight(1.0) == pytest.approx(0.539003, abs=1e-6)


def test_number_theory():
    assert [rs.mobius(n) for n in range(1, 13)] == [1, -1, -1, 0, -1, 1, -1, 0, 0, 1, -1, 0]
    assert (rs.mertens(1000), rs.fibonacci(100), rs.lucas(10)) == (2, 354224848179261915075, 123)
    n = 10**18
    assert rs.golden_map(n) == (n + math.isqrt(5 * n * n)) // 2
    assert [len(rs.enumerate_windings(r)) for r in (1, 2, 3)] == [9, 89, 425]
    with pytest.raises(OverflowError):
        rs.fermat(60)
