"""Compile every kernel for every architecture with NVRTC, which needs no GPU, and record registers and spills.

    cargo xtask kernels                          all entries of `kernels/table.txt`, all architectures
    cargo xtask kernels --archs 75 90 --only unary_float32 norm
    cargo xtask kernels --report kernels/report.txt

A unit (a family and a dtype) must compile, its cubin must have every entry point that the table promises, and no kernel
may spill registers to memory. NVRTC comes from `pip install nvidia-cuda-nvrtc`; where it is missing this says SKIPPED
and exits with 0, with --require with 1.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time

import cuda

ENTRY = re.compile(r"Compiling entry function '(\w+)'")
SPILL = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")


def units(folder):
    """The architectures and {unit: entries} of the table, written by the crate itself."""
    subprocess.run([os.environ.get("CARGO", "cargo"), "run", "--quiet", "-p", "purify-kernels", "--example", "units", "--", folder],
                   cwd=cuda.ROOT, check=True)  # fmt: skip
    lines = open(os.path.join(folder, "units.txt")).read().splitlines()
    return [int(a) for a in lines[0].split()], {words[0]: words[1:] for words in map(str.split, lines[1:])}


def text(folder, name):
    return open(os.path.join(folder, "device.cu")).read() + open(os.path.join(folder, f"{name}.cu")).read()


def report(log):
    """{entry: (registers, stack, spilled bytes)} of what ptxas says."""
    found, entry, frame = {}, None, (0, 0)
    for line in log.splitlines():
        if match := ENTRY.search(line):
            entry = match[1]
        elif match := SPILL.search(line):
            frame = int(match[1]), int(match[2]) + int(match[3])
        elif (match := USED.search(line)) and entry:
            found[entry] = (int(match[1]), *frame)
    return found


def check(job):
    """Compile one unit in a process of its own: (problems, report, seconds)."""
    source, name, entries, arch = job
    started = time.process_time()
    try:
        cubin, log = cuda.compile_unit(cuda.nvrtc(), source, arch, ["--ptxas-options=-v"])
    except cuda.Failure as failure:
        return name, arch, [f"does not compile:\n{failure}"], {}, time.process_time() - started
    problems = [f"no entry point {entry}" for entry in entries if b".text." + entry.encode() + b"\0" not in cubin]
    found = report(log)
    problems += [f"{entry} spills {row[2]} bytes" for entry, row in sorted(found.items()) if row[2]]
    return name, arch, problems, found, time.process_time() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archs", nargs="+", type=int, help="architectures, such as 75 90 (default: those of the table)")
    parser.add_argument("--only", nargs="+", default=[], help="units whose name starts so")
    parser.add_argument("--report", help="write registers, stack and spills of each entry and architecture here")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--require", action="store_true", help="fail if NVRTC is missing")
    options = parser.parse_args()
    try:
        cuda.nvrtc()
    except cuda.Absent as absent:
        print(f"SKIPPED: {absent}", file=sys.stderr)
        return 1 if options.require else 0
    with tempfile.TemporaryDirectory() as folder:
        archs, known = units(folder)
        chosen = [name for name in known if not options.only or any(name.startswith(word) for word in options.only)]
        if not chosen:
            parser.error(f"no unit starts with {' or '.join(options.only)}; there are {', '.join(known)}")
        jobs = [(text(folder, name), name, known[name], arch) for name in chosen for arch in options.archs or archs]
    bad, rows, spent = 0, {}, 0.0
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for name, arch, problems, found, seconds in pool.map(check, jobs):
            spent += seconds
            for problem in problems:
                print(f"{name} sm_{arch}: {problem}", flush=True)
            bad += bool(problems)
            for entry, row in found.items():
                rows.setdefault(entry, {})[arch] = row
    if options.report:
        write(options.report, rows)
    print(f"{len(jobs) - bad} of {len(jobs)} units compile ({len(rows)} kernels, {len(options.archs or archs)} architectures, {spent:.0f} s CPU)")
    return 1 if bad else 0


def write(path, rows):
    """One line per kernel: its name and ARCH:REGISTERS, with /STACK where there is a frame and !BYTES where it spills."""
    with open(path, "w") as out:
        out.write("# kernel, then architecture:registers of each, /stack bytes and !spilled bytes where there are any; written by\n"
                  "# `cargo xtask kernels --report kernels/report.txt`\n")  # fmt: skip
        for entry, by_arch in sorted(rows.items()):
            cells = [f"{arch}:{r}" + (f"/{stack}" if stack else "") + (f"!{spill}" if spill else "")
                     for arch, (r, stack, spill) in sorted(by_arch.items())]  # fmt: skip
            out.write(f"{entry} {' '.join(cells)}\n")


if __name__ == "__main__":
    sys.exit(main())
