"""`ops.cuda`: the GPUs of this machine.

Tensors are put on one by name, `ops.asarray(x, device="cuda:0")` or `x.to_device("cuda:0")`, and operations run where their
operands are. This module tells what there is, how much memory is in use, and waits for what was started: operations return
before the device has done them, and their errors may show at a later one.
"""

from purify import _native

_core = _native._cuda

OutOfMemoryError = _core.OutOfMemoryError
DeviceLostError = _core.DeviceLostError
Stream = _core.Stream

__all__ = [
    "DeviceLostError", "OutOfMemoryError", "Stream", "allow_fallback", "device_count", "device_properties", "empty_cache",
    "fallbacks", "is_available", "memory_info", "memory_stats", "reset_peak_memory_stats", "synchronize", "why_unavailable",
]  # fmt: skip


def is_available():
    """Whether there is a device that can be used."""
    return _core.absence() is None


def why_unavailable():
    """What is missing and what would bring it; None if there is a device."""
    return _core.absence()


def device_count():
    """The number of devices; 0 where there is no driver."""
    return _core.device_count()


def device_properties(device="cuda:0"):
    """Name, compute capability, bytes of memory and number of multiprocessors, as a dict."""
    return _core.device_properties(device)


def memory_stats(device="cuda:0"):
    """What the caching allocator holds and has done, as a dict: bytes `in_use` by tensors, `cached` for reuse and `reserved` (both
    together), their peaks, numbers of `blocks` in use, `allocations`, how many were `reused`, `segments` taken from the driver,
    `retries` after giving back what was cached, and `failures`."""
    return _core.memory_stats(device)


def memory_info(device="cuda:0"):
    """Free and total bytes of the device, whoever holds the rest."""
    return _core.memory_info(device)


def reset_peak_memory_stats(device="cuda:0"):
    """Lets the peaks of `memory_stats` start from what is held now."""
    _core.reset_peaks(device)


def empty_cache(device="cuda:0"):
    """Gives memory that no tensor holds back to the driver; returns the number of bytes."""
    return _core.empty_cache(device)


def synchronize(device="cuda:0"):
    """Waits until the device has done everything that was started on it."""
    _core.synchronize(device)


def fallbacks(device="cuda:0"):
    """How often the host computed what has no kernel, by operation."""
    return _core.fallbacks(device)


def allow_fallback(yes, /, device="cuda:0"):
    """Whether the host computes what has no kernel (as at the start), or that is a NotImplementedError."""
    _core.allow_fallback(yes, device)
