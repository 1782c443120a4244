"""`from purify import ops`: array operations with the names of the Python array API standard, and NumPy's beyond it.

The functions of the compiled core are here directly, so a call costs no more than a builtin. Extensions written in
Python are loaded on first use from one file per category. Under another backend (`set_backend`, `using_backend`)
the same names lead to that backend's functions, and the extensions run on top of them.
"""

import math as _math

from purify import _native
from purify._native import *  # noqa: F403 - the core's functions, dtypes and classes

# The core's sub-modules are wrapped by files of this package, which are loaded on first use.
# The core's versions of the other names take less than NumPy's functions do; the extensions take all of it.
_WRAPPED = ("fft", "io", "linalg", "nn", "random", "angle", "bitwise_count", "cross", "einsum")
for _name in _WRAPPED:
    globals().pop(_name, None)

__array_api_version__ = "2025.12"

pi = _math.pi
e = _math.e
inf = _math.inf
nan = _math.nan
euler_gamma = 0.5772156649015329
newaxis = None
little_endian = True

# Where the names that the core does not give are written: file -> names. A file is read on first use.
_FILES = {
    "_elementwise": "allclose angle around bitwise_count cbrt deg2rad degrees divmod exp2 fabs fix float_power fmax fmin fmod "
    "frexp gcd heaviside i0 iscomplex iscomplexobj isclose isneginf isposinf isreal isrealobj lcm ldexp logaddexp2 modf "
    "nan_to_num rad2deg radians real_if_close rint sinc spacing",
    "_creation": "array asarray_chkfinite ascontiguousarray atleast_1d atleast_2d atleast_3d bartlett blackman c_ copy diag diag_indices diagflat "
    "fromfunction fromiter fromstring geomspace hamming hanning identity index_exp indices ix_ kaiser logspace mgrid "
    "ogrid r_ s_ tri tril_indices tril_indices_from triu_indices triu_indices_from vander",
    "_manipulation": "append array_split block column_stack concatenate delete dsplit dstack fliplr flipud hsplit hstack insert pad "
    "packbits ravel resize rollaxis rot90 row_stack sliding_window_view split swapaxes transpose trim_zeros unpackbits unwrap vsplit vstack",
    "_indexing": "argwhere choose compress copyto diag_indices_from diagonal extract fill_diagonal flatnonzero index_update ndenumerate ndindex "
    "mask_indices piecewise place put put_along_axis putmask ravel_multi_index select unravel_index",
    "_statistics": "amax amin average bincount corrcoef correlate cov cumprod cumsum digitize gradient histogram histogram2d "
    "histogram_bin_edges histogramdd interp median nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin "
    "nanpercentile nanprod nanquantile nanstd nansum nanvar percentile product convolve cov ediff1d ptp quantile trapezoid",
    "_sets": "array_equal array_equiv in1d intersect1d setdiff1d setxor1d union1d unique",
    "_sorting": "argpartition lexsort partition sort_complex topk msort",
    "_linear": "cross dot einsum inner kron norm outer trace vdot",
    "_polynomial": "poly poly1d polyadd polyder polydiv polyfit polyint polymul polysub polyval roots",
    "_functional": "apply_along_axis apply_over_axes base_repr binary_repr broadcast frompyfunc iterable nditer vectorize",
    "_floating": "errstate geterr geterrcall seterr seterrcall",
    "_printing": "array2string array_repr array_str format_float_positional format_float_scientific get_printoptions "
    "printoptions set_printoptions",
    "_dtypes": "complexfloating finfo floating generic iinfo inexact integer issctype issubdtype isscalar min_scalar_type "
    "number signedinteger unsignedinteger mintypecode",
    "_ufuncs": "accumulate apply_outer reduce reduceat update_at",
    "_absent": "ComplexWarning ModuleDeprecationWarning VisibleDeprecationWarning bytes_ character datetime64 flexible matrix "
    "numpy_version recarray record str_ timedelta64 void",
    "_interchange": "frombuffer get_device item ndim shape size to_device to_numpy tolist require may_share_memory shares_memory "
    "byte_bounds",
    "_backend": "available_backends get_backend set_backend using_backend",
    "_object": "object_",
    "_info": "__array_namespace_info__",
    "_io": "fromfile genfromtxt load loadtxt save savetxt savez savez_compressed",
}
_WHERE = {_name: _file for _file, _names in _FILES.items() for _name in _names.split()}
_SPACES = ("fft", "linalg", "nn", "random", "testing", "io", "lib", "polynomial", "cuda")

# The functions that code compares with NumPy's under other names.
_ALIASES = {
    "absolute": "abs", "conjugate": "conj", "power": "pow", "true_divide": "divide", "mod": "remainder",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "bitwise_not": "bitwise_invert", "invert": "bitwise_invert", "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift", "asanyarray": "asarray",
}  # fmt: skip


def _load(name):
    """The default backend's object of that name, from the core or from the file that defines it."""
    from importlib import import_module

    value = getattr(_native, name, None)
    if value is not None and name not in _WRAPPED:
        return value
    if name in _SPACES:
        return import_module("purify.ops." + name)
    if name in _WHERE:
        return getattr(import_module("purify.ops." + _WHERE[name]), name)
    if name in _ALIASES:
        return _load(_ALIASES[name])
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    raise AttributeError(f"module 'purify.ops' has no attribute {name!r}")


_originals = {}


def _default(name):
    """The default function of that name, whatever was put in its place."""
    if name not in _originals:
        _originals[name] = _load(name)
    return _originals[name]


def _replace(name, function):
    """Puts a function in place of a default one (see `_object`)."""
    _default(name)
    place = globals() if _resolve is None else _resolve.__globals__["_public"]
    place[name] = function


# None, or the function that finds names while another backend is in use anywhere (see `_backend`).
_resolve = None


def __getattr__(name):
    if name.startswith("__") and name not in _WHERE:
        raise AttributeError(f"module 'purify.ops' has no attribute {name!r}")
    if _resolve is not None:
        return _resolve(name)
    value = _load(name)
    globals()[name] = value
    return value


def __dir__():
    public = {n for n in (*globals(), *_WHERE, *_SPACES, *_DEFAULTS) if not n.startswith("_")}
    return sorted(public | {"__array_api_version__", "__array_namespace_info__"})


# What lies in this module without a file of its own, for `_backend` to take away and put back.
_DEFAULTS = {_name: _value for _name, _value in globals().items() if not _name.startswith("_")}

from . import _methods as _methods  # noqa: E402 - the methods of Tensor that are written in Python
