"""Times in NumPy or torch what numerics.rs times: `python numerics.py numpy|torch [filter]`, best and median in microseconds.

Set OMP_NUM_THREADS (and OPENBLAS_NUM_THREADS, MKL_NUM_THREADS) for the number of threads.
"""

import statistics
import sys
import time

import numpy as np

library = sys.argv[1]
wanted = sys.argv[2] if len(sys.argv) > 2 else ""
rng = np.random.default_rng(0)
if library == "torch":
    import torch
    import torch.nn.functional as F
    import os

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    torch.set_grad_enabled(False)


def random(*shape, dtype="float32"):
    x = rng.random(shape).astype(dtype) * 2 - 1
    return torch.from_numpy(x) if library == "torch" else x


def run(name, call):
    if wanted not in name:
        return
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    times = []
    for _ in range(int(min(max(0.3 / max(once, 1e-7), 5), 20000))):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e6)
    print(f"{name} {min(times):.2f} {statistics.median(times):.2f}", flush=True)


xp = torch if library == "torch" else np
for n in [4, 16, 64, 256, 1024]:
    for tag, dtype in [("f32", "float32"), ("f64", "float64")]:
        a, b = random(n, n, dtype=dtype), random(n, n, dtype=dtype)
        run(f"matmul_{tag}_{n}", lambda: xp.matmul(a, b))
a, b = random(269, 1, 128), random(269, 128, 64)
run("bmm_269x1x128x64", lambda: xp.matmul(a, b))
a, b = random(64, 32, 32), random(64, 32, 32)
run("bmm_64x32x32", lambda: xp.matmul(a, b))
a, v = random(1024, 1024), random(1024)
run("matvec_1024", lambda: xp.matmul(a, v))
run("vecmat_1024", lambda: xp.matmul(v, a))
a, b = random(8, 12, 64, 64), random(8, 12, 64, 64)
run("einsum_bhqd_bhkd", lambda: xp.einsum("bhqd,bhkd->bhqk", a, b))
for tag, dtype in [("f32", "float32"), ("f64", "float64")]:
    for n in [64, 256]:
        a, b = random(n, n, dtype=dtype), random(n, n, dtype=dtype)
        spd = a @ a.T + n * (torch.eye(n, dtype=a.dtype) if library == "torch" else np.eye(n, dtype=dtype))
        run(f"cholesky_{tag}_{n}", lambda: xp.linalg.cholesky(spd))
        run(f"solve_{tag}_{n}", lambda: xp.linalg.solve(a, b))
        run(f"inv_{tag}_{n}", lambda: xp.linalg.inv(a))
        run(f"qr_{tag}_{n}", lambda: xp.linalg.qr(a))
        run(f"eigh_{tag}_{n}", lambda: xp.linalg.eigh(spd))
        run(f"svd_{tag}_{n}", lambda: xp.linalg.svd(a, full_matrices=False))
    a = random(64, 64, dtype=dtype)
    run(f"eig_{tag}_64", lambda: xp.linalg.eig(a))
    small = random(1000, 3, 3, dtype=dtype)
    run(f"inv_{tag}_1000x3x3", lambda: xp.linalg.inv(small))
    run(f"svd_{tag}_1000x3x3", lambda: xp.linalg.svd(small, full_matrices=False))
    x = random(1 << 20, dtype=dtype)
    run(f"rfft_{tag}_1M", lambda: xp.fft.rfft(x))
    x = random(64, 4096, dtype=dtype)
    run(f"rfft_{tag}_64x4096", lambda: xp.fft.rfft(x))
    run(f"fft_{tag}_64x4096", lambda: xp.fft.fft(x))
    x = random(256, 256, dtype=dtype)
    run(f"fft2_{tag}_256", lambda: xp.fft.fft2(x))
if library == "torch":
    for rows in [4096, 16]:
        x, w = random(rows, 1024), random(1024)
        run(f"layer_norm_{rows}x1024", lambda: F.layer_norm(x, [1024], w, w))
        run(f"softmax_{rows}x1024", lambda: torch.softmax(x, -1))
        run(f"log_softmax_{rows}x1024", lambda: torch.log_softmax(x, -1))
    x, w = random(8, 64, 56, 56), random(64, 64, 3, 3)
    run("conv2d_8x64x56x56_3x3", lambda: F.conv2d(x, w, padding=1))
    one, depthwise = random(64, 64, 1, 1), random(64, 1, 3, 3)
    run("conv2d_1x1", lambda: F.conv2d(x, one))
    run("conv2d_depthwise", lambda: F.conv2d(x, depthwise, padding=1, groups=64))
    run("max_pool2d_2", lambda: F.max_pool2d(x, 2))
    run("avg_pool2d_2", lambda: F.avg_pool2d(x, 2))
    run("batch_norm", lambda: F.batch_norm(x, None, None, training=True))
    run("interpolate_2x", lambda: F.interpolate(x, scale_factor=2, mode="bilinear"))
    q = random(8, 8, 128, 64)
    run("attention_8x8x128x64", lambda: F.scaled_dot_product_attention(q, q, q))
    p = random(1000, 16)
    run("cdist_1000x1000x16", lambda: torch.cdist(p, p))
    x, w, b = random(256, 512), random(512, 512), random(512)
    run("linear_256x512x512", lambda: F.linear(x, w, b))
