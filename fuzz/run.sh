#!/usr/bin/env bash
# Fuzzes the scan of one file: `fuzz/run.sh [SECONDS]` (600 by default), with stable Rust and a C++ compiler; needs neither
# nightly nor cargo-fuzz. New cases go to fuzz/target/corpus; `fuzz/run.sh minimise` keeps as few of them as reach the same code
# (fuzz/corpus/minimised.bin, which `tests/fuzz_cases.rs` replays). What fails is written to fuzz/target/failures; make it small,
# fix it, and keep it in fuzz/corpus/scan. Last long run: 2026-11-28, 1,800 s, 336,720 executions, no finding, after three of
# that day had been mended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# What `cargo fuzz` passes, without the address sanitizer: purify has no unsafe code for it to watch.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
# `--target` keeps the flags away from build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --target "$host" --bin scan
scan=target/$host/release/scan
mkdir -p target/corpus target/failures
[[ ! -f corpus/minimised.bin ]] || python3 cases.py unpack corpus/minimised.bin target/corpus
case "${1:-600}" in
    minimise)
        rm -rf target/minimised
        mkdir target/minimised
        # Without counters a case counts for the places it reaches, not for how often: a quarter of the cases.
        "$scan" -merge=1 -use_counters=0 -max_len=4096 target/minimised corpus/scan target/corpus
        python3 cases.py pack corpus/minimised.bin target/minimised
        ;;
    *)
        RAYON_NUM_THREADS=1 "$scan" -max_total_time="${1:-600}" -timeout=20 -rss_limit_mb=2048 -max_len=4096 \
            -dict=python.dict -artifact_prefix=target/failures/ target/corpus corpus/scan ../fixtures/operators
        ;;
esac
