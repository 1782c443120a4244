"""Records neural network functions from torch into nn.json.

    python record_torch.py        # torch 2.15 on the CPU; seed 20241
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from recording import Recorder

rng = np.random.default_rng(20241)
torch.set_num_threads(1)


def draw(*shape, dtype="float64", scale=2.0):
    # Two digits keep the file small.
    return torch.from_numpy(np.asarray(np.round(rng.standard_normal(shape) * scale, 2)).astype(dtype))


def n(x):
    return None if x is None else x.numpy()


def add(r, op, inputs, args, out, rtol=1e-10):
    outs = out if isinstance(out, (tuple, list)) else [out]
    r.add(op, {k: n(v) for k, v in inputs.items()}, args, [n(o) for o in outs], rtol)


def activations(r):
    special = torch.tensor([0.0, -0.0, 1, -1, 3, -3, 20, -20, 21, 100, -100, 1000, -1000, math.inf, -math.inf, math.nan])
    calls = {
        "relu": (F.relu, {}), "relu6": (F.relu6, {}), "sigmoid": (torch.sigmoid, {}), "log_sigmoid": (F.logsigmoid, {}),
        "silu": (F.silu, {}), "selu": (F.selu, {}), "mish": (F.mish, {}), "hardsigmoid": (F.hardsigmoid, {}),
        "hardswish": (F.hardswish, {}), "softsign": (F.softsign, {}), "tanhshrink": (F.tanhshrink, {}),
    }
    for op, (f, args) in calls.items():
        for x in [draw(3, 5), draw(3, 5, dtype="float32")]:
            add(r, op, {"x": x}, args, f(x), 1e-12 if x.dtype == torch.float64 else 3e-6)
    # inf / inf and 0 * inf differ between formulas; these agree on all special values.
    for op in ["relu", "relu6", "sigmoid", "log_sigmoid", "hardsigmoid"]:
        add(r, op, {"x": special}, {}, calls[op][0](special), 3e-6)
    x = draw(3, 6)
    finite = special[:-3].to(torch.float64)
    for v in [x, finite]:
        for tanh in [False, True]:
            add(r, "gelu", {"x": v}, {"tanh": tanh}, F.gelu(v, approximate="tanh" if tanh else "none"), 1e-12)
        for alpha in [1.0, 0.5]:
            add(r, "elu", {"x": v}, {"alpha": alpha}, F.elu(v, alpha), 1e-12)
            add(r, "celu", {"x": v}, {"alpha": alpha}, F.celu(v, alpha), 1e-12)
        for slope in [0.01, 0.2]:
            add(r, "leaky_relu", {"x": v}, {"negative_slope": slope}, F.leaky_relu(v, slope), 1e-12)
        for beta, threshold in [(1.0, 20.0), (2.0, 5.0)]:
            add(r, "softplus", {"x": v}, {"beta": beta, "threshold": threshold}, F.softplus(v, beta, threshold), 1e-12)
        add(r, "hardtanh", {"x": v}, {"min": -1.0, "max": 2.0}, F.hardtanh(v, -1.0, 2.0), 1e-12)
        add(r, "hardshrink", {"x": v}, {"lambd": 0.5}, F.hardshrink(v, 0.5), 1e-12)
        add(r, "softshrink", {"x": v}, {"lambd": 0.5}, F.softshrink(v, 0.5), 1e-12)
    add(r, "glu", {"x": x}, {"axis": -1}, F.glu(x, -1), 1e-12)
    y = draw(2, 3, 4)
    add(r, "prelu", {"x": y, "weight": torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)}, {},
        F.prelu(y, torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)), 1e-12)
    add(r, "prelu", {"x": y, "weight": torch.tensor([0.25], dtype=torch.float64)}, {},
        F.prelu(y, torch.tensor([0.25], dtype=torch.float64)), 1e-12)


def softmaxes(r):
    for dtype, tol in [("float64", 1e-12), ("float32", 2e-6), ("float16", 2e-3)]:
        x = draw(2, 3, 5, dtype=dtype)
        for axis in [0, 1, -1]:
            add(r, "softmax", {"x": x}, {"axis": axis}, torch.softmax(x, axis), tol)
            add(r, "log_softmax", {"x": x}, {"axis": axis}, torch.log_softmax(x, axis), tol)
            add(r, "logsumexp", {"x": x}, {"axis": [axis], "keepdims": axis == 0}, torch.logsumexp(x, axis, axis == 0), tol)
    x = draw(2, 37)
    add(r, "softmin", {"x": x}, {"axis": 1}, F.softmin(x, 1), 1e-12)
    add(r, "softmax", {"x": x}, {"axis": 1}, torch.softmax(x, 1), 1e-12)
    special = torch.tensor([[0.0, 1000, -1000], [-math.inf, 0, 1], [-math.inf, -math.inf, -math.inf], [math.inf, 0, 1], [math.nan, 0, 1]])
    add(r, "softmax", {"x": special}, {"axis": -1}, torch.softmax(special, -1), 1e-6)
    add(r, "log_softmax", {"x": special}, {"axis": -1}, torch.log_softmax(special, -1), 1e-6)
    add(r, "logsumexp", {"x": special}, {"axis": [-1], "keepdims": False}, torch.logsumexp(special, -1), 1e-6)
    for shape in [(0, 3), (3, 0), ()]:
        x = torch.zeros(shape)
        add(r, "softmax", {"x": x}, {"axis": -1}, torch.softmax(x, -1), 0)


def normalizations(r):
    for dtype, tol in [("float64", 1e-11), ("float32", 1e-5)]:
        x = draw(2, 3, 2, 3, dtype=dtype) + 1
        for shape in [[3], [2, 3]]:
            w, b = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype)
            for weight, bias in [(None, None), (w, None), (w, b)]:
                args = {"normalized_shape": shape, "eps": 1e-5}
                add(r, "layer_norm", {"x": x, "weight": weight, "bias": bias}, args, F.layer_norm(x, shape, weight, bias, 1e-5), tol)
            for weight in [None, w]:
                for eps in [None, 1e-3]:
                    add(r, "rms_norm", {"x": x, "weight": weight}, {"normalized_shape": shape, "eps": eps}, F.rms_norm(x, shape, weight, eps), tol)
        w, b, mean, var = draw(3, dtype=dtype), draw(3, dtype=dtype), draw(3, dtype=dtype), draw(3, dtype=dtype).abs() + 0.1
        for weight, bias in [(None, None), (w, b)]:
            ins = {"x": x, "running_mean": mean, "running_var": var, "weight": weight, "bias": bias}
            add(r, "batch_norm", ins, {"training": False, "momentum": 0.1, "eps": 1e-5}, F.batch_norm(x, mean, var, weight, bias, False, 0.1, 1e-5), tol)
            new_mean, new_var = mean.clone(), var.clone()
            out = F.batch_norm(x, new_mean, new_var, weight, bias, True, 0.3, 1e-5)
            add(r, "batch_norm", ins, {"training": True, "momentum": 0.3, "eps": 1e-5}, (out, new_mean, new_var), tol)
        flat = draw(6, 3, dtype=dtype)
        add(r, "batch_norm", {"x": flat, "weight": w, "bias": b}, {"training": True, "momentum": 0.1, "eps": 1e-5},
            F.batch_norm(flat, None, None, w, b, True, 0.1, 1e-5), tol)
        x = draw(2, 6, 3, 2, dtype=dtype)
        w, b = draw(6, dtype=dtype), draw(6, dtype=dtype)
        for groups in [1, 2, 3, 6]:
            add(r, "group_norm", {"x": x, "weight": w, "bias": b}, {"groups": groups, "eps": 1e-5}, F.group_norm(x, groups, w, b, 1e-5), tol)
        add(r, "instance_norm", {"x": x, "weight": w, "bias": b}, {"eps": 1e-5}, F.instance_norm(x, weight=w, bias=b, eps=1e-5), tol)
        for p, axis in [(2.0, 1), (1.0, -1), (3.0, 0)]:
            add(r, "normalize", {"x": x}, {"p": p, "axis": axis, "eps": 1e-12}, F.normalize(x, p, axis, 1e-12), tol)
    long = draw(2, 1100, dtype="float32") + 100
    add(r, "layer_norm", {"x": long[:, :300].contiguous()}, {"normalized_shape": [300], "eps": 1e-5},
        F.layer_norm(long[:, :300].double(), [300], eps=1e-5).float(), 2e-5)


def convolutions(r):
    for dtype, tol in [("float64", 1e-11), ("float32", 1e-4)]:
        for shape, weight, kw in [
            ((2, 3, 11), (4, 3, 3), {}), ((2, 4, 11), (6, 2, 3), {"stride": 2, "padding": 1, "groups": 2}),
            ((3, 11), (4, 3, 4), {"padding": "same", "dilation": 2}), ((1, 2, 5), (2, 2, 1), {}), ((2, 4, 9), (4, 1, 3), {"groups": 4, "padding": 2, "stride": 2}),
        ]:
            x, w, b = draw(*shape, dtype=dtype), draw(*weight, dtype=dtype), draw(weight[0], dtype=dtype)
            add(r, "conv1d", {"x": x, "weight": w, "bias": b}, kw, F.conv1d(x, w, b, **kw), tol)
        for shape, weight, kw in [
            ((2, 3, 5, 6), (4, 3, 3, 3), {"padding": 1}), ((1, 3, 6, 7), (4, 3, 2, 3), {"stride": [2, 1], "padding": [0, 2]}),
            ((1, 4, 9, 8), (6, 2, 3, 3), {"groups": 2, "dilation": 2, "padding": "same"}), ((2, 4, 3, 3), (3, 4, 1, 1), {}),
            ((1, 4, 5, 6), (8, 1, 3, 3), {"groups": 4, "padding": 1}), ((1, 4, 6, 6), (4, 1, 3, 2), {"groups": 4, "stride": 2, "padding": 1}),
            ((3, 5, 6), (2, 3, 3, 3), {}), ((1, 2, 4, 4), (3, 2, 2, 2), {"padding": "same"}),
        ]:
            x, w, b = draw(*shape, dtype=dtype), draw(*weight, dtype=dtype), draw(weight[0], dtype=dtype)
            add(r, "conv2d", {"x": x, "weight": w, "bias": b}, kw, F.conv2d(x, w, b, **kw), tol)
        x, w = draw(1, 2, 4, 5, 4, dtype=dtype), draw(3, 2, 2, 3, 2, dtype=dtype)
        for kw in [{}, {"stride": [1, 2, 1], "padding": 1}, {"dilation": [2, 1, 1]}]:
            add(r, "conv3d", {"x": x, "weight": w}, kw, F.conv3d(x, w, None, **kw), tol)
        for shape, weight, kw in [
            ((2, 3, 4, 5), (3, 2, 3, 3), {}), ((1, 4, 4, 3), (4, 3, 3, 2), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
            ((1, 2, 3, 3), (2, 2, 2, 2), {"dilation": [2, 1], "stride": [1, 3]}), ((3, 4, 5), (3, 2, 3, 3), {"padding": [1, 2]}),
        ]:
            x, w = draw(*shape, dtype=dtype), draw(*weight, dtype=dtype)
            b = draw(weight[1] * kw.get("groups", 1), dtype=dtype)
            add(r, "conv_transpose2d", {"x": x, "weight": w, "bias": b}, kw, F.conv_transpose2d(x, w, b, **kw), tol)
        x, w = draw(2, 3, 5, dtype=dtype), draw(3, 2, 3, dtype=dtype)
        add(r, "conv_transpose1d", {"x": x, "weight": w}, {"stride": 2}, F.conv_transpose1d(x, w, stride=2), tol)
        for shape in [(4,), (2, 4), (2, 3, 4)]:
            x, w, b = draw(*shape, dtype=dtype), draw(5, 4, dtype=dtype), draw(5, dtype=dtype)
            add(r, "linear", {"x": x, "weight": w, "bias": b}, {}, F.linear(x, w, b), tol)
            add(r, "linear", {"x": x, "weight": w}, {}, F.linear(x, w), tol)
    x = draw(2, 3, 5, 4)
    for kernel, kw in [([2, 3], {}), ([3, 3], {"padding": 1, "stride": 2}), ([2, 2], {"dilation": [2, 1]})]:
        add(r, "unfold", {"x": x}, {"kernel_size": kernel, **kw}, F.unfold(x, kernel, **kw), 0)


def pools(r):
    x = draw(2, 3, 7, 6)
    x[0, 0, 2, 2] = math.nan
    for kernel, kw in [([2], {}), ([3], {"stride": [2], "padding": [1]}), ([3, 2], {"stride": [2, 3], "ceil_mode": True}),
                       ([2], {"dilation": [2], "stride": [1]}), ([3], {"stride": [3], "padding": [1], "ceil_mode": True})]:
        out, where = F.max_pool2d(x, kernel, return_indices=True, **kw)
        add(r, "max_pool2d", {"x": x}, {"kernel": kernel, **kw}, (out, where), 0)
        if len(kernel) == 1:
            out, where = F.max_pool1d(x[0], kernel[0], return_indices=True, **{k: v if k == "ceil_mode" else v[0] for k, v in kw.items()})
            add(r, "max_pool1d", {"x": x[0]}, {"kernel": kernel, **kw}, (out, where), 0)
    x = draw(2, 3, 7, 6)
    for kernel, kw in [([2], {}), ([3], {"stride": [2], "padding": [1]}), ([3, 2], {"stride": [2, 3], "ceil_mode": True}),
                       ([3], {"stride": [3], "padding": [1], "ceil_mode": True}), ([3], {"stride": [2], "padding": [1], "count_include_pad": False}),
                       ([3], {"stride": [2], "padding": [1], "count_include_pad": False, "ceil_mode": True}), ([2], {"divisor_override": 3})]:
        add(r, "avg_pool2d", {"x": x}, {"kernel": kernel, **kw}, F.avg_pool2d(x, kernel, **kw), 1e-12)
        if len(kernel) == 1 and "divisor_override" not in kw:
            add(r, "avg_pool1d", {"x": x[0]}, {"kernel": kernel, **kw}, F.avg_pool1d(x[0], kernel[0], **{k: v[0] if isinstance(v, list) else v for k, v in kw.items()}), 1e-12)
    volume = draw(1, 2, 4, 3, 5)
    out, where = F.max_pool3d(volume, 2, 1, return_indices=True)
    add(r, "max_pool3d", {"x": volume}, {"kernel": [2], "stride": [1]}, (out, where), 0)
    add(r, "avg_pool3d", {"x": volume}, {"kernel": [2, 3, 2], "padding": [1], "stride": [2]}, F.avg_pool3d(volume, (2, 3, 2), 2, 1), 1e-12)
    for output in [[1, 1], [3, 4], [7, 6], [10, 2]]:
        add(r, "adaptive_avg_pool2d", {"x": x}, {"output": output}, F.adaptive_avg_pool2d(x, output), 1e-12)
        add(r, "adaptive_max_pool2d", {"x": x}, {"output": output}, F.adaptive_max_pool2d(x, output, return_indices=True), 0)
        add(r, "adaptive_avg_pool1d", {"x": x[0]}, {"output": output[:1]}, F.adaptive_avg_pool1d(x[0], output[0]), 1e-12)
        add(r, "adaptive_max_pool1d", {"x": x[0]}, {"output": output[:1]}, F.adaptive_max_pool1d(x[0], output[0], return_indices=True), 0)


def resizes(r):
    x = draw(1, 2, 4, 5)
    for size in [[8, 10], [2, 3], [4, 5], [7, 4], [1, 1]]:
        add(r, "interpolate", {"x": x}, {"size": size, "mode": "nearest"}, F.interpolate(x, size, mode="nearest"), 0)
        add(r, "interpolate", {"x": x}, {"size": size, "mode": "nearest-exact"}, F.interpolate(x, size, mode="nearest-exact"), 0)
        add(r, "interpolate", {"x": x}, {"size": size, "mode": "area"}, F.interpolate(x, size, mode="area"), 1e-12)
        for align in [False, True]:
            for mode in ["bilinear", "bicubic"]:
                add(r, "interpolate", {"x": x}, {"size": size, "mode": mode, "align_corners": align}, F.interpolate(x, size, mode=mode, align_corners=align), 1e-11)
    for factor in [2.0, 0.5, 1.7]:
        add(r, "interpolate", {"x": x}, {"scale_factor": [factor], "mode": "nearest"}, F.interpolate(x, scale_factor=factor, mode="nearest"), 0)
        add(r, "interpolate", {"x": x}, {"scale_factor": [factor], "mode": "bilinear", "align_corners": False}, F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False), 1e-11)
    x = draw(1, 2, 6)
    add(r, "interpolate", {"x": x}, {"size": [9], "mode": "linear", "align_corners": False}, F.interpolate(x, 9, mode="linear"), 1e-12)
    x = draw(1, 1, 3, 4, 2)
    add(r, "interpolate", {"x": x}, {"size": [4, 3, 5], "mode": "trilinear", "align_corners": True}, F.interpolate(x, (4, 3, 5), mode="trilinear", align_corners=True), 1e-12)
    x = draw(2, 8, 2, 3)
    add(r, "pixel_shuffle", {"x": x}, {"factor": 2}, F.pixel_shuffle(x, 2), 0)
    x = draw(2, 2, 4, 6)
    add(r, "pixel_unshuffle", {"x": x}, {"factor": 2}, F.pixel_unshuffle(x, 2), 0)


def attentions(r):
    for dtype, tol in [("float64", 1e-11), ("float32", 2e-5)]:
        q, k, v = draw(2, 3, 4, 5, dtype=dtype), draw(2, 3, 6, 5, dtype=dtype), draw(2, 3, 6, 7, dtype=dtype)
        allowed = torch.from_numpy(rng.random((4, 6)) < 0.6)
        allowed[1] = False
        bias = draw(3, 4, 6, dtype=dtype)
        ins = {"q": q, "k": k, "v": v}
        f = F.scaled_dot_product_attention
        add(r, "attention", ins, {"causal": False}, f(q, k, v), tol)
        add(r, "attention", ins, {"causal": True}, f(q, k, v, is_causal=True), tol)
        add(r, "attention", {**ins, "mask": allowed}, {"causal": False}, f(q, k, v, allowed), tol)
        add(r, "attention", {**ins, "mask": bias}, {"causal": False, "scale": 0.3}, f(q, k, v, bias, scale=0.3), tol)
        q = draw(2, 6, 4, 5, dtype=dtype)
        add(r, "attention", {"q": q, "k": k, "v": v}, {"causal": False, "gqa": True}, f(q, k, v, enable_gqa=True), tol)


def losses(r):
    x, y, w = draw(3, 4), draw(3, 4), draw(3, 4).abs()
    for red in ["none", "mean", "sum"]:
        a = {"reduction": red}
        add(r, "mse_loss", {"x": x, "target": y}, a, F.mse_loss(x, y, reduction=red), 1e-12)
        add(r, "l1_loss", {"x": x, "target": y}, a, F.l1_loss(x, y, reduction=red), 1e-12)
        for beta in [1.0, 0.3, 0.0]:
            add(r, "smooth_l1_loss", {"x": x, "target": y}, {**a, "beta": beta}, F.smooth_l1_loss(x, y, reduction=red, beta=beta), 1e-12)
        for delta in [1.0, 2.5]:
            add(r, "huber_loss", {"x": x, "target": y}, {**a, "delta": delta}, F.huber_loss(x, y, reduction=red, delta=delta), 1e-12)
        p, t = torch.sigmoid(x), (y > 0).double()
        p[0, 0], p[0, 1] = 0.0, 1.0
        for weight in [None, w]:
            add(r, "binary_cross_entropy", {"x": p, "target": t, "weight": weight}, a, F.binary_cross_entropy(p, t, weight, reduction=red), 1e-11)
            for pos in [None, draw(4).abs()]:
                add(r, "bce_with_logits", {"x": 20 * x, "target": t, "weight": weight, "pos_weight": pos}, a,
                    F.binary_cross_entropy_with_logits(20 * x, t, weight, reduction=red, pos_weight=pos), 1e-11)
        q = torch.softmax(y, 1)
        q[0, 0] = 0
        add(r, "kl_div", {"x": torch.log_softmax(x, 1), "target": q}, {**a, "log_target": False}, F.kl_div(torch.log_softmax(x, 1), q, reduction=red), 1e-11)
        lq = torch.log_softmax(y, 1)
        add(r, "kl_div", {"x": torch.log_softmax(x, 1), "target": lq}, {**a, "log_target": True}, F.kl_div(torch.log_softmax(x, 1), lq, reduction=red, log_target=True), 1e-11)
        for shape, tshape in [((5, 4), (5,)), ((4,), ()), ((2, 4, 3), (2, 3))]:
            for dtype, tol in [("float64", 1e-11), ("float32", 1e-5)]:
                logits = draw(*shape, dtype=dtype)
                target = torch.from_numpy(np.asarray(rng.integers(0, 4, tshape)))
                cw = draw(4, dtype=dtype).abs()
                ins = {"x": logits, "target": target}
                add(r, "cross_entropy", ins, a, F.cross_entropy(logits, target, reduction=red), tol)
                for ls in [0.0, 0.1]:
                    add(r, "cross_entropy", {**ins, "weight": cw}, {**a, "label_smoothing": ls, "ignore_index": 2},
                        F.cross_entropy(logits, target, cw, reduction=red, label_smoothing=ls, ignore_index=2), tol)
                logs = torch.log_softmax(logits, 1 if logits.ndim > 1 else 0)
                add(r, "nll_loss", {"x": logs, "target": target, "weight": cw}, a, F.nll_loss(logs, target, cw, reduction=red), tol)
                probs = torch.softmax(draw(*shape, dtype=dtype), 1 if logits.ndim > 1 else 0)
                if logits.ndim > 1:
                    add(r, "cross_entropy", {"x": logits, "target": probs, "weight": cw}, {**a, "label_smoothing": 0.2},
                        F.cross_entropy(logits, probs, cw, reduction=red, label_smoothing=0.2), tol)
    add(r, "kl_div", {"x": torch.log_softmax(x, 1), "target": torch.softmax(y, 1)}, {"reduction": "batchmean", "log_target": False},
        F.kl_div(torch.log_softmax(x, 1), torch.softmax(y, 1), reduction="batchmean"), 1e-11)


def distances(r):
    x, y = draw(2, 4, 3), draw(2, 5, 3)
    for p in [2.0, 1.0, 0.0, 3.0, math.inf]:
        add(r, "cdist", {"x1": x, "x2": y}, {"p": "inf" if p == math.inf else p}, torch.cdist(x, y, p, "donot_use_mm_for_euclid_dist"), 1e-12)
    a, b = draw(2, 1, 6), draw(5, 6)
    add(r, "cosine_similarity", {"x1": a, "x2": b}, {"axis": -1, "eps": 1e-8}, F.cosine_similarity(a, b, -1), 1e-12)
    a[0] = 0
    add(r, "cosine_similarity", {"x1": a, "x2": b}, {"axis": -1, "eps": 1e-8}, F.cosine_similarity(a, b, -1), 1e-12)
    a, b = draw(4, 6), draw(4, 6)
    for p in [2.0, 1.0]:
        add(r, "pairwise_distance", {"x1": a, "x2": b}, {"p": p, "eps": 1e-6}, F.pairwise_distance(a, b, p), 1e-12)
    ids = torch.tensor([[0, 2], [1, 1]])
    table = draw(3, 4)
    add(r, "embedding", {"ids": ids, "weight": table}, {}, F.embedding(ids, table), 0)
    add(r, "one_hot", {"ids": ids}, {}, F.one_hot(ids), 0)
    add(r, "one_hot", {"ids": ids}, {"classes": 5}, F.one_hot(ids, 5), 0)


def failures(r):
    r.fails("conv2d", {"x": np.zeros((1, 3, 4, 4)), "weight": np.zeros((2, 2, 3, 3))}, {}, "Value")
    r.fails("conv2d", {"x": np.zeros((1, 3, 2, 2)), "weight": np.zeros((2, 3, 3, 3))}, {}, "Value")
    r.fails("conv2d", {"x": np.zeros((1, 3, 4, 4)), "weight": np.zeros((2, 3, 3, 3))}, {"stride": 0}, "Value")
    r.fails("conv2d", {"x": np.zeros((1, 3, 4, 4)), "weight": np.zeros((2, 3, 3, 3))}, {"stride": 2, "padding": "same"}, "Value")
    r.fails("embedding", {"ids": np.array([3]), "weight": np.zeros((3, 2))}, {}, "Index")
    r.fails("embedding", {"ids": np.array([-1]), "weight": np.zeros((3, 2))}, {}, "Index")
    r.fails("cross_entropy", {"x": np.zeros((2, 3)), "target": np.array([0, 3])}, {"reduction": "mean"}, "Index")
    r.fails("cross_entropy", {"x": np.zeros((2, 3)), "target": np.array([0, 1, 1])}, {"reduction": "mean"}, "Value")
    r.fails("softmax", {"x": np.zeros((2, 3))}, {"axis": 2}, "Axis")
    r.fails("layer_norm", {"x": np.zeros((2, 3))}, {"normalized_shape": [2], "eps": 1e-5}, "Value")
    r.fails("group_norm", {"x": np.zeros((2, 3))}, {"groups": 2, "eps": 1e-5}, "Value")
    r.fails("max_pool2d", {"x": np.zeros((1, 1, 4, 4))}, {"kernel": [2], "padding": [2]}, "Value")


recorder = Recorder()
for record in (activations, softmaxes, normalizations, convolutions, pools, resizes, attentions, losses, distances, failures):
    record(recorder)
recorder.write("nn.json")
