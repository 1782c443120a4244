# -*- coding: latin-1 -*-
import numpy as np

name = "café"
empty = np.zeros(3)