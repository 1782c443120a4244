from .backend import numerics
