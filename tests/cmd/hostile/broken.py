def broken(:
    pass

import numpy as np
np.zeros(3)
