"""Layers and models over ResonantTensor.

A layer takes tensors of the shapes its docstring names and leaves them as they are; `module.reference(x)` computes the
same in doubles without a lattice. "spec n.m" names the section of the formula in the specification of the runtime.
"""

from purify.resonant.nn.attention import *  # noqa: F403
from purify.resonant.nn.cnn import *  # noqa: F403
from purify.resonant.nn.embedding import *  # noqa: F403
from purify.resonant.nn.layers import *  # noqa: F403
from purify.resonant.nn.module import *  # noqa: F403
from purify.resonant.nn.reference import *  # noqa: F403
from purify.resonant.nn.transformer import *  # noqa: F403
from purify.resonant.nn.winding import *  # noqa: F403
