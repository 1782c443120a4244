"""A forked child, which has the caller's thread alone, computes as its parent does (the default way to start workers on Linux below 3.14)."""

import multiprocessing

import pytest

from purify import ops

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork")


def total(n):
    x = ops.reshape(ops.arange(n * n, dtype=ops.float64), (n, n)) / (n * n)
    spectrum = ops.fft.rfft(ops.exp(x))
    return float(ops.sum(ops.matmul(x, x))), complex(ops.sum(spectrum))


def test_a_pool_of_forked_workers_computes_what_the_parent_does():
    expected = total(500)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(total, [500] * 4).get(timeout=120) == [expected] * 4
