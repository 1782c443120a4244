from .util import norm

__all__ = ["norm"]
