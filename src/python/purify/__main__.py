"""`python -m purify`: runs the native command that was installed with this package."""

import os
import subprocess
import sys
import sysconfig


def find_command():
    """The path of the `purify` executable that belongs to this installation."""
    name = "purify.exe" if os.name == "nt" else "purify"
    user = sysconfig.get_preferred_scheme("user")
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", scheme=user),
        os.path.dirname(sys.executable),
    ]
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    raise SystemExit(f"purify: the command `{name}` is in none of: {', '.join(folders)}; reinstall the package")


def main():
    command = [find_command(), *sys.argv[1:]]
    if os.name == "nt":
        raise SystemExit(subprocess.run(command).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
