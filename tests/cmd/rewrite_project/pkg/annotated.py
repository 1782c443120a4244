"""What goes with a name is of its place: every changed line is reported."""

from typing import Any

import numpy as np

Array = np.ndarray[
    Any,
    np.dtype[np.float64],
]
