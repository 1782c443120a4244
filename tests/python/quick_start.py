"""Runs the Python of the README's runtime section; for an environment that holds nothing but the wheel."""

import re
import sys
from pathlib import Path

readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
section = readme.partition("### Running\n")[2].partition("\n### ")[0].partition("\n## ")[0]
programs = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
if not programs:
    sys.exit("quick_start: the README has no runtime section with Python in it")
for program in programs:
    exec(compile(program, "README.md", "exec"), {"__name__": "quick_start"})
print("The Python of the README's runtime section ran.")
