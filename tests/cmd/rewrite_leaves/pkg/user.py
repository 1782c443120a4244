from .used import *


def zero():
    return np.get_include()
