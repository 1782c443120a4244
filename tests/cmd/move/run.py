import importlib

import pkg.old
from pkg.old import f  # the one

print(pkg.old.f(), f(), importlib.import_module("pkg.old"))
HINT = "pkg.old.f"
