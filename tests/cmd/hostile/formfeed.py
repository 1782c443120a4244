import numpy as np

print(np.pi)
