"""A name that old and new versions of NumPy have in two places."""

import numpy as np

if np.lib.NumpyVersion(np.__version__) >= "1.25.0":
    from numpy.exceptions import AxisError
else:
    from numpy import AxisError
