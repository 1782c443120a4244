"""Layers and models over ResonantTensor."""

from purify.resonant.nn.layers import *  # noqa: F403
from purify.resonant.nn.module import *  # noqa: F403
from purify.resonant.nn.winding import *  # noqa: F403
