from .waves import *
