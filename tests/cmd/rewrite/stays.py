import numpy as np

print(np.save)
