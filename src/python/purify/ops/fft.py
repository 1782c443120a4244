"""`ops.fft`: discrete Fourier transforms. The functions are those of the compiled core."""

from purify import _native

for _name, _value in vars(_native.fft).items():
    if not _name.startswith("_"):
        globals()[_name] = _value

