"""What other files pass on is not imported any more once nothing uses it."""

from pkg import _testing
from pkg._errors import AxisError


def test_axis(call):
    try:
        call()
    except AxisError:
        _testing.assert_equal(1, 1)
