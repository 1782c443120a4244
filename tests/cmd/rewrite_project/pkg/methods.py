"""A method that is not called keeps its object; positions of what is not zero are one array."""

import numpy as np
import torch


def f(x: np.ndarray, nodes: torch.Tensor):
    squeeze = x.squeeze
    positions = nodes.nonzero(as_tuple=False).view(-1)
    rows, columns = nodes.nonzero(as_tuple=True)
    return callable(x.squeeze) and squeeze(), positions, rows, columns
