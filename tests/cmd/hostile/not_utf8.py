s = "ÿþ"
import numpy as np
print(np)
