#!/usr/bin/env bash
# Everything that is tested: formatting, lints, the Rust tests, then the wheel in a fresh virtual environment and its tests.
# `./test.sh --rust` stops before the lints and the wheel. PYTHON names the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

step() { printf '\n== %s\n' "$*"; }

step "formatting"
cargo fmt --all --check

step "Rust tests"
cargo test --locked --workspace --exclude purify-python

if [[ "${1:-}" == --rust ]]; then
    printf '\nThe Rust tests passed.\n'
    exit
fi

step "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings

step "wheel"
venv=.venv-test
"${PYTHON:-python3}" -m venv --clear "$venv"
"$venv/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$venv/wheels" .
"$venv/bin/python" -m pip install --quiet "$venv"/wheels/*.whl
"$venv/bin/python" tests/python/quick_start.py

step "Python tests"
"$venv/bin/python" -m pip install --quiet -r tests/python/requirements.txt
"$venv/bin/purify" --version
"$venv/bin/python" -m pytest -n 2 tests/python

step "packages without NumPy"
"$venv/bin/python" benches/packages.py --wheel "$venv"/wheels/*.whl --quick

step "models without PyTorch"
"$venv/bin/python" benches/models.py --wheel "$venv"/wheels/*.whl

printf '\nAll tests passed.\n'
