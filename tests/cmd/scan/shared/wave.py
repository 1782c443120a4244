"""Waves, with a tab and wide characters before the spans."""

import numpy as np
import torch


def wave(n):
	label = "λ→"; return np.sin(np.arange(n)), label


def smooth(x: torch.Tensor) -> torch.Tensor:
    host = x.detach().cpu().numpy()
    return torch.from_numpy(host * 0.5)


kept = np.pi  # purify: ignore[PUR202] the reference value
