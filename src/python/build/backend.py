"""The build backend: builds the native `purify` command, then lets maturin pack the wheel around it.

A wheel can carry executables in its scripts folder, and a native one starts in about two milliseconds where a
Python entry point needs thirty. maturin packs what lies in `wheel.data`, but builds only the extension module.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import maturin
from maturin import (  # noqa: F401 - the hooks that need no change
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)

ROOT = Path(__file__).resolve().parents[3]
COMMAND = "purify.exe" if os.name == "nt" else "purify"


def build_command(profile="release"):
    """Compile the command and copy it to `wheel.data/scripts`; returns the copy's path."""
    cargo = shutil.which("cargo")
    if cargo is None:
        raise SystemExit("purify: building from source needs Rust (`cargo` was not found); see https://rustup.rs")
    subprocess.run(
        [cargo, "build", "--profile", profile, "--package", "purify", "--bin", "purify"],
        cwd=ROOT, check=True, stdout=sys.stderr,
    )
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = target / ("debug" if profile == "dev" else profile) / COMMAND
    scripts = ROOT / "wheel.data" / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    copied = scripts / COMMAND
    shutil.copy2(built, copied)
    return copied


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    build_command()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    build_command()
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    # maturin looks for the data folder even when it only writes metadata.
    (ROOT / "wheel.data" / "scripts").mkdir(parents=True, exist_ok=True)
    return maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

if __name__ == "__main__":
    print(build_command(*sys.argv[1:]))
