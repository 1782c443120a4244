"""Comments are kept, or the call stays."""

import numpy as np
import torch


def f(x: torch.Tensor, y: np.ndarray):
    rows = x.size(  # the rows
        0
    )
    flat = x.detach(  # no gradient
    )
    return rows, flat, np.sum(
        y,  # all of them
        axis=0,
    )
