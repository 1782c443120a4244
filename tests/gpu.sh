#!/bin/sh
# Checks and times everything on a machine with a GPU that has neither Rust nor a CUDA toolkit nor a network.
#
#   tests/gpu.sh pack FOLDER [ARCH ...]   on a machine with Rust and NVRTC: the program, its kernels compiled (default: 90), this script
#   ./gpu.sh run [TABLE]                  in that folder on the machine with the GPU: checks, times, writes the table (default: gpu.md)
#
# NVRTC is found where `docs/cuda.md` says, or in a folder named in PURIFY_CUDA_PATH. The machine needs NVIDIA's driver alone.
set -eu

pack() {
    folder=$1
    shift
    mkdir -p "$folder/cubins"
    root=$(cd "$(dirname "$0")/.." && pwd)
    (cd "$root" && cargo build --locked --release -p purify-cuda --example gpu)
    cp "${CARGO_TARGET_DIR:-$root/target}/release/examples/gpu" "$folder/gpu"
    cp "$0" "$folder/gpu.sh"
    for arch in "${@:-90}"; do
        "$folder/gpu" cubins "$folder/cubins" "$arch"
    done
    kilobytes=$(du -sk "$folder" | cut -f1)
    echo "$folder: $kilobytes kB"
    if [ "$kilobytes" -gt 60000 ]; then
        echo "more than 60 MB: fewer architectures" >&2
        exit 1
    fi
}

run() {
    here=$(cd "$(dirname "$0")" && pwd)
    table=${1:-gpu.md}
    export PURIFY_CUDA_CACHE="$here/cubins"
    status=0
    {
        echo "# purify on a GPU"
        echo
        date -u "+%Y-%m-%d"
        nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo "(nvidia-smi says nothing)"
        echo
        "$here/gpu" check --require || status=1
        echo
        "$here/gpu" bench --require || status=1
    } >"$table"
    cat "$table"
    return $status
}

case "${1:-}" in
pack) shift && pack "$@" ;;
run) shift && run "$@" ;;
*) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
