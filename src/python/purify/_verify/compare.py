"""Whether a result of purify.ops is that of the library, and how far it is off."""

import math

# Relative tolerance by dtype: sums and transcendental functions may round elsewhere.
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-11, "complex64": 2e-6, "complex128": 1e-11}


class Differs(AssertionError):
    """The results do not agree; the message says in what."""


class Distance:
    """The largest errors seen."""

    def __init__(self):
        self.absolute = 0.0
        self.ulp = 0.0

    def note(self, got, wanted, bits):
        """Takes a pair of finite floats in."""
        error = min(abs(got - wanted), 1e308)
        self.absolute = max(self.absolute, error)
        if error:
            spacing = math.ulp(abs(wanted)) if bits == 64 else max(abs(wanted), 2.0**-126) * 2.0**-23
            self.ulp = max(self.ulp, min(error / spacing, 1e308))


def compare(got, wanted, ops, np, distance, where="result", tolerance=None):
    """Raises `Differs` unless the two agree in structure, dtype, shape and values, within `tolerance` or that of their dtype."""
    if isinstance(wanted, float) and isinstance(got, float):  # NumPy's float64 scalars are Python floats
        number(got, wanted, "float64", distance, where, tolerance)
    elif isinstance(wanted, (np.ndarray, np.generic)):
        array(got, wanted, ops, np, distance, where, tolerance)
    elif isinstance(wanted, (tuple, list)):
        if not isinstance(got, (tuple, list)) or len(got) != len(wanted):
            raise Differs(f"{where}: {type(got).__name__} for a sequence of {len(wanted)}")
        for i, (one, other) in enumerate(zip(got, wanted)):
            compare(one, other, ops, np, distance, f"{where}[{i}]", tolerance)
    elif isinstance(wanted, dict):
        if list(got) != list(wanted):
            raise Differs(f"{where}: keys {list(got)} for {list(wanted)}")
        compare(list(got.values()), list(wanted.values()), ops, np, distance, where, tolerance)
    elif isinstance(wanted, np.dtype):
        if got.name != wanted.name:
            raise Differs(f"{where}: dtype {got.name} for {wanted.name}")
    elif isinstance(wanted, (bool, int, float, complex)):
        number(got.item() if hasattr(got, "item") else got, wanted, "float64", distance, where, tolerance)
    elif isinstance(wanted, (str, bytes)):
        if got != wanted:
            raise Differs(f"{where}: {got!r} for {wanted!r}")
    elif (got is None) != (wanted is None):
        raise Differs(f"{where}: {got!r} for {wanted!r}")


def array(got, wanted, ops, np, distance, where, tolerance):
    """Compares arrays and NumPy scalars."""
    dtype = wanted.dtype.name.replace("bool_", "bool")
    if not hasattr(got, "dtype"):
        raise Differs(f"{where}: {type(got).__name__} for an array of {dtype}")
    if got.dtype.name != dtype:
        raise Differs(f"{where}: dtype {got.dtype.name} for {dtype}")
    if tuple(got.shape) != wanted.shape:
        raise Differs(f"{where}: shape {tuple(got.shape)} for {wanted.shape}")
    for one, other in zip(ops.reshape(got, (-1,)).tolist(), np.ravel(wanted).tolist(), strict=True):
        number(one, other, dtype, distance, where, tolerance)


def number(got, wanted, dtype, distance, where, tolerance=None):
    """Compares two Python scalars; NaN agrees with NaN."""
    if isinstance(wanted, complex):
        if not isinstance(got, (complex, float, int)):
            raise Differs(f"{where}: {got!r} for {wanted!r}")
        got = complex(got)
        scale = max(abs(wanted), 1e-300) if math.isfinite(abs(wanted)) else 1.0
        for one, other in ((got.real, wanted.real), (got.imag, wanted.imag)):
            real(one, other, dtype, distance, where, scale, tolerance)
    elif isinstance(wanted, float):
        real(got, wanted, dtype, distance, where, 0.0, tolerance)
    elif got != wanted:
        raise Differs(f"{where}: {got!r} for {wanted!r}")


def real(got, wanted, dtype, distance, where, scale, tolerance):
    """Compares two floats; `scale` is the size of the complex number that they are parts of."""
    if math.isnan(wanted) or math.isnan(got) or math.isinf(wanted) or math.isinf(got):
        if not (math.isnan(wanted) and math.isnan(got)) and got != wanted:
            raise Differs(f"{where}: {got!r} for {wanted!r}")
        return
    tolerance = TOLERANCE.get(dtype, 0.0) if tolerance is None else tolerance
    if not math.isclose(got, wanted, rel_tol=tolerance, abs_tol=max(tolerance / 10, tolerance * scale)):
        raise Differs(f"{where}: {got!r} for {wanted!r}")
    distance.note(got, wanted, 32 if dtype in ("float32", "complex64") else 64)
