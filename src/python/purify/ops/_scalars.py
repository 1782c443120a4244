"""What a 0-d tensor is to `isinstance`, by dtype: what NumPy's scalar of that dtype is.

`numpy.float64` derives from `float` and `numpy.complex128` from `complex`; the others are registered with the classes of
`numbers` alone.
"""

import numbers


def _registered(name, base):
    return base.register(type(name, (), {"__module__": "purify.ops", "__doc__": f"The class of 0-d tensors of {name}, as `isinstance` sees it."}))


float64 = float
complex128 = complex
float32, float16, bfloat16 = (_registered(name, numbers.Real) for name in ("float32", "float16", "bfloat16"))
complex64 = _registered("complex64", numbers.Complex)
int8, int16, int32, int64, uint8, uint16, uint32, uint64 = (
    _registered(name, numbers.Integral)
    for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
)
