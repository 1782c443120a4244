"""Derives the polynomial coefficients of math.rs: Chebyshev fits in 60 digits, rounded to the working precision.

Run with mpmath installed; the output is pasted into math.rs. The maximal error of each fit is printed beside it.
"""

from mpmath import chebyfit, cosh, erfc, exp, log, mp, mpf, sin, cos, sqrt, tanh, erf, pi

mp.dps = 60


def show(name, f, interval, terms):
    poly, error = chebyfit(f, [mpf(a) for a in interval], terms, error=True)
    values = ", ".join(mp.nstr(c, 20) for c in reversed(poly))
    print(f"// {name}: error {mp.nstr(error, 3)}\n[{values}]\n")


half_ln2 = log(2) / 2 * mpf("1.0001")


def away(f, at_zero):
    return lambda x: f(x) if abs(x) > mpf(10) ** -25 else at_zero


# exp(r) = 1 + r + r^2 p(r)
show("EXP64", away(lambda r: (exp(r) - 1 - r) / r**2, mpf(1) / 2), [-half_ln2, half_ln2], 10)
show("EXP32", away(lambda r: (exp(r) - 1 - r) / r**2, mpf(1) / 2), [-half_ln2, half_ln2], 5)
# log((1+s)/(1-s)) = 2s + s z p(z), z = s^2
smax = (sqrt(2) - 1) / (sqrt(2) + 1) * mpf("1.001")
logp = lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z
show("LOG64", away(logp, mpf(2) / 3), [mpf(10) ** -30, smax**2], 7)
show("LOG32", away(logp, mpf(2) / 3), [mpf(10) ** -30, smax**2], 4)
# tanh(x) = x + x z p(z), z = x^2
tanhp = lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z
show("TANH64", away(tanhp, mpf(-1) / 3), [mpf(10) ** -30, mpf("0.625") ** 2], 11)
show("TANH32", away(tanhp, mpf(-1) / 3), [mpf(10) ** -30, mpf("0.625") ** 2], 5)
# sin(x) = x + x z p(z); cos(x) = 1 - z/2 + z^2 p(z)
quarter = (pi / 4 * mpf("1.001")) ** 2
show("SIN64", away(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(-1) / 6), [mpf(10) ** -30, quarter], 6)
show("COS64", away(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), [mpf(10) ** -20, quarter], 6)
show("SIN32", away(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(-1) / 6), [mpf(10) ** -30, quarter], 3)
show("COS32", away(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), [mpf(10) ** -20, quarter], 3)
# erf(x) = x p(z) on |x| < 1; log(erfc(x)) = p(x) on 1..4
erfp = lambda z: erf(sqrt(z)) / sqrt(z)
show("ERF32", away(erfp, 2 / sqrt(pi)), [mpf(10) ** -30, mpf(1)], 7)
show("ERFC32", lambda x: log(erfc(x)), [mpf("0.99"), mpf("4.01")], 9)
